"""What course owners type about selling: answers to orders, money, prices, campaigns, and who they are on paper."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from elearn.billing.amounts import read_amount, typed_amount
from elearn.billing.models import Delivery, DiscountKind, PaymentKind, SeatsFollow
from elearn.billing.pricing import VatCategory
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.licensing.forms import WholeNumberField
from elearn.licensing.services.licences import MOST_SEATS
from elearn.web.forms import MESSAGE_REQUIRED, Form, no_control_characters

COUNTRIES = [SelectChoice("DK", _l("Denmark")), SelectChoice("NO", _l("Norway"))]
BRACKETS = range(1, 5)


class AmountField(StringField):  # type: ignore[misc]  # WTForms is untyped
    """An amount of money, kept as øre."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount; an empty field is none. Raises ValueError, whose text WTForms shows."""
        self.raw = valuelist[0] if valuelist else ""
        self.data = None
        if self.raw.strip():
            try:
                self.data = read_amount(self.raw)
            except ValueError:
                raise ValueError(_("Write an amount, such as 2,399.00.")) from None

    def _value(self) -> str:
        if self.data is None:
            return getattr(self, "raw", "")
        return typed_amount(self.data)


def _line(most: int, *more: Any) -> list[Any]:
    return [*more, Length(max=most, message=_l("The text is too long.")), no_control_characters]


def _needed() -> InputRequired:
    return InputRequired(MESSAGE_REQUIRED)


_reason = [
    InputRequired(_l("Write why, in a sentence.")),
    Length(max=500, message=_l("The text is too long.")),
]
_seats = NumberRange(1, MOST_SEATS, _l("Write a whole number from 1 to 10000."))


class AcceptForm(Form):
    """Asks whether orders from the sender's mail domain are taken at once from now on."""

    trust_domain = BooleanField()


class RefuseForm(Form):
    """Asks why an order is refused."""

    reason = TextAreaField(_l("Why not? The sender reads this."), _reason)


class CancelForm(Form):
    """Asks why an order is cancelled."""

    reason = TextAreaField(_l("Why? The sender reads this."), _reason)


class CreditForm(Form):
    """Asks how many seats are credited, and why."""

    seats = WholeNumberField(_l("Seats to credit"), [InputRequired(_l("Write a whole number, such as 5.")), _seats])
    reason = TextAreaField(_l("Why? It stands on the credit note."), _reason)
    form_key = HiddenField(validators=[_needed(), Length(max=100)])


class PaymentForm(Form):
    """Asks what money came in or went back, and when."""

    kind = SelectField(
        _l("What happened"),
        [_needed()],
        choices=[
            SelectChoice(PaymentKind.TRANSFER, _l("Money came in on the account")),
            SelectChoice(PaymentKind.REPAID, _l("We paid money back from the account")),
        ],
    )
    amount = AmountField(_l("Amount with VAT"), [InputRequired(_l("Write an amount, such as 2,399.00."))])
    paid_on = DateField(_l("Booked on"), [InputRequired(_l("Choose the day."))])
    form_key = HiddenField(validators=[_needed(), Length(max=100)])


class PriceForm(Form):
    """Asks what a course costs from a day on."""

    seat_year = AmountField(_l("For one seat and one year"), [InputRequired(_l("Write an amount, such as 2,399.00."))])
    minimum_seats = WholeNumberField(_l("Fewest seats"), [_needed(), _seats])
    on_request_above = WholeNumberField(_l("Most seats without asking"), [Optional(), _seats])
    terms = StringField(_l("Terms in months"), _line(60, _needed()))
    valid_from = DateField(_l("From"), [InputRequired(_l("Choose the first day."))])

    def brackets(self) -> list[tuple[WholeNumberField, AmountField]]:
        """Return the pairs of fields for larger orders."""
        return [(self[f"from_{number}"], self[f"price_{number}"]) for number in BRACKETS]


for _number in BRACKETS:
    setattr(PriceForm, f"from_{_number}", WholeNumberField(_l("From so many seats"), [Optional(), _seats]))
    setattr(PriceForm, f"price_{_number}", AmountField(_l("For one seat and one year"), [Optional()]))


class VatForm(Form):
    """Asks what VAT buyers of a country are charged, and who answers for it."""

    buyer_country = SelectField(_l("The buyer is in"), [_needed()], choices=COUNTRIES)
    course = SelectField(_l("Course"), [Optional()])
    category = SelectField(
        _l("How the sale is taxed"),
        [_needed()],
        choices=[
            SelectChoice(VatCategory.STANDARD, _l("VAT at a rate (S)")),
            SelectChoice(VatCategory.EXEMPT, _l("Exempt from VAT (E)")),
            SelectChoice(VatCategory.REVERSE_CHARGE, _l("Reverse charge: the buyer reckons it (AE)")),
            SelectChoice(VatCategory.OUTSIDE, _l("Outside the scope of VAT (O)")),
        ],
    )
    rate = AmountField(_l("Rate in per cent"), [Optional()])
    reason = StringField(_l("Why there is no VAT"), _line(200, Optional()))
    valid_from = DateField(_l("From"), [InputRequired(_l("Choose the first day."))])
    signed = BooleanField(
        _l("I have had this checked, and answer for it"),
        [InputRequired(_l("Tick this: somebody has to answer for it."))],
    )


class SellerForm(Form):
    """Asks for all that invoices say of the house, and how it sells."""

    legal_name = StringField(_l("Legal name"), _line(200, _needed()))
    org_number = StringField(_l("CVR or organisation number"), _line(20, _needed()))
    is_vat_registered = BooleanField(_l("Registered for VAT"))
    in_business_register = BooleanField(_l("Listed in Foretaksregisteret (Norway)"))
    street = StringField(_l("Street and number"), _line(200, _needed()))
    postal_code = StringField(_l("Postal code"), _line(10, _needed()))
    city = StringField(_l("City"), _line(100, _needed()))
    contact_name = StringField(_l("Contact person"), _line(100, _needed()))
    contact_email = StringField(_l("Email"), _line(254, _needed()))
    contact_phone = StringField(_l("Phone"), _line(30, _needed()))
    bank_registration = StringField(_l("Bank registration number"), _line(10, Optional()))
    bank_account = StringField(_l("Account number or IBAN"), _line(40, _needed()))
    bic = StringField(_l("BIC"), _line(11, Optional()))
    serial_prefix = StringField(_l("Letters before the number"), _line(10, Optional()))
    first_number = WholeNumberField(
        _l("First number"), [_needed(), NumberRange(1, 10**9, _l("Write a whole number, such as 1001."))]
    )
    payment_days = WholeNumberField(
        _l("Days to pay"), [_needed(), NumberRange(0, 120, _l("Write a whole number from 0 to 120."))]
    )
    quote_days = WholeNumberField(
        _l("Days a quote stands"), [_needed(), NumberRange(1, 365, _l("Write a whole number from 1 to 365."))]
    )
    seats_follow = SelectField(
        _l("Seats are given"),
        [_needed()],
        choices=[
            SelectChoice(SeatsFollow.ACCEPTANCE, _l("when the order is accepted")),
            SelectChoice(SeatsFollow.PAYMENT, _l("when the invoice is paid")),
        ],
    )
    invoices_at_once = BooleanField(_l("Make the invoice by itself when an order is accepted"))
    delivery = SelectField(
        _l("E-invoices leave the house"),
        [_needed()],
        choices=[
            SelectChoice(Delivery.DOWNLOAD, _l("when I download them")),
            SelectChoice(Delivery.EMAIL, _l("by email")),
            SelectChoice(Delivery.FOLDER, _l("into a folder on the server")),
            SelectChoice(Delivery.WEBHOOK, _l("to an access point or accounting program (webhook)")),
        ],
    )
    delivery_target = StringField(_l("Where to"), _line(500, Optional()))
    terms = TextAreaField(_l("Terms of sale"), [Optional(), Length(max=20000, message=_l("The text is too long."))])


class CampaignForm(Form):
    """Asks what a campaign is, for whom and until when."""

    name = StringField(_l("Name"), _line(100, _needed()))
    course = SelectField(_l("Course"), [InputRequired(_l("Choose the course."))], coerce=int)
    country = SelectField(_l("For municipalities in"), [_needed()], choices=COUNTRIES)
    starts_on = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    ends_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    has_places = BooleanField(_l("One municipality in each region"))
    is_public = BooleanField(_l("It has a public page, where municipalities apply"))
    text = TextAreaField(
        _l("Text of the public page"), [Optional(), Length(max=10000, message=_l("The text is too long."))]
    )
    duty_share = WholeNumberField(
        _l("Feedback from so many of 100"), [Optional(), NumberRange(1, 100, _l("Write a whole number from 1 to 100."))]
    )
    duty_months = WholeNumberField(
        _l("Within so many months"), [Optional(), NumberRange(1, 60, _l("Write a whole number from 1 to 60."))]
    )


class CodeForm(Form):
    """Asks what a discount code does, for whom and how often."""

    code = StringField(_l("Code"), _line(40, Optional()))
    kind = SelectField(
        _l("What it does"),
        [_needed()],
        choices=[
            SelectChoice(DiscountKind.PERCENT, _l("takes a share off")),
            SelectChoice(DiscountKind.AMOUNT, _l("takes an amount off the order")),
            SelectChoice(DiscountKind.PRICE, _l("sets what the order costs")),
        ],
    )
    value = AmountField(_l("Per cent, or amount without VAT"), [InputRequired(_l("Write a number, such as 75."))])
    currency = SelectField(_l("Currency of an amount"), [Optional()], choices=["DKK", "NOK"])
    valid_from = DateField(_l("First day"), [InputRequired(_l("Choose the first day."))])
    valid_until = DateField(_l("Last day"), [InputRequired(_l("Choose the last day."))])
    course = SelectField(_l("Course"), [Optional()])
    min_seats = WholeNumberField(_l("Fewest seats"), [Optional(), _seats])
    max_seats = WholeNumberField(_l("Most seats"), [Optional(), _seats])
    max_uses = WholeNumberField(_l("How many orders"), [Optional(), _seats])
    country = SelectField(
        _l("Only for municipalities in"), [Optional()], choices=[SelectChoice("", _l("any country")), *COUNTRIES]
    )
    municipality = StringField(_l("Only for one municipality"), _line(120, Optional()))
    region = SelectField(_l("Only for one region"), [Optional()])


class DeclineForm(Form):
    """Asks what a municipality that gets no place is told."""

    words = TextAreaField(_l("A few words to them"), [Optional(), Length(max=500, message=_l("The text is too long."))])


class DomainForm(Form):
    """Asks from which mail domain orders are taken at once."""

    domain = StringField(_l("Mail domain"), _line(254, InputRequired(_l("Write a domain, such as favrskov.dk."))))


class BooksForm(Form):
    """Asks for which days the books are exported."""

    first = DateField(_l("From"), [InputRequired(_l("Choose the first day."))])
    last = DateField(_l("Until"), [InputRequired(_l("Choose the last day."))])


class AgreedForm(Form):
    """Asks what was agreed on with a municipality, and what its invoice has to say."""

    course = SelectField(_l("Course"), [InputRequired(_l("Choose the course."))], coerce=int)
    municipality = StringField(_l("Municipality"), _line(120, InputRequired(_l("Write the municipality’s name."))))
    seats = WholeNumberField(_l("Seats"), [InputRequired(_l("Write a whole number, such as 100.")), _seats])
    months = WholeNumberField(_l("Months"), [_needed(), NumberRange(1, 60, _l("Write a whole number from 1 to 60."))])
    seat_price = AmountField(
        _l("Agreed price for one seat and the whole time, without VAT"),
        [InputRequired(_l("Write an amount, such as 2,399.00."))],
    )
    name = StringField(_l("Contact person"), _line(100, _needed()))
    email = StringField(_l("Email"), _line(254, _needed()))
    phone = StringField(_l("Phone"), _line(30, Optional()))
    gln = StringField(_l("EAN number (Denmark)"), _line(20, Optional()))
    buyer_reference = StringField(_l("Buyer's reference"), _line(35, Optional()))
    order_number = StringField(_l("Order number"), _line(35, Optional()))
    form_key = HiddenField(validators=[_needed(), Length(max=100)])
