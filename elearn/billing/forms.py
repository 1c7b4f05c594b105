"""What buyers type: how many seats, who they are, what their invoice must say."""

from datetime import date, timedelta

from wtforms import BooleanField, DateField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from elearn.billing.models import PayBy
from elearn.billing.references import LONGEST
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.licensing.forms import WholeNumberField
from elearn.licensing.services import MOST_SEATS
from elearn.web.forms import MESSAGE_REQUIRED, Form, no_control_characters

MOST_IN_CODE = 60
KEY_LENGTH = 100

_seats = [
    InputRequired(_l("Write how many seats, such as 100.")),
    NumberRange(1, MOST_SEATS, _l("Write a whole number from 1 to 10000.")),
]
_code = [Optional(), Length(max=MOST_IN_CODE, message=_l("The code is too long.")), no_control_characters]
_municipality_length = Length(max=120, message=_l("The name is too long."))
_name = [
    DataRequired(_l("Write your name.")),
    Length(max=100, message=_l("The name is too long.")),
    no_control_characters,
]
_email = [DataRequired(_l("Write the email address.")), Length(max=254, message=_l("The address is too long."))]
_reference_length = Length(max=LONGEST, message=_l("Write at most 35 characters."))
_key = [
    InputRequired(_l("Load the page again.")),
    Length(max=KEY_LENGTH, message=_l("Load the page again.")),
    no_control_characters,
]


class _PricedForm(Form):
    """Fields of whatever is priced; the terms that may be chosen come from the price."""

    seats = WholeNumberField(_l("Number of seats"), _seats)
    months = SelectField(_l("Term"), [Optional()], coerce=int)
    code = StringField(_l("Discount code"), _code)

    def offer_terms(self, terms: tuple[int, ...]) -> None:
        """Let one of the terms be chosen, the usual one first."""
        self.months.choices = [
            SelectChoice(months, ngettext("%(num)d month", "%(num)d months", months)) for months in terms
        ]
        if self.months.data not in terms:
            self.months.data = terms[0]


class PriceForm(_PricedForm):
    """Asks what is to be priced."""

    country = SelectField(
        _l("Country"), [Optional()], choices=[SelectChoice("DK", _l("Denmark")), SelectChoice("NO", _l("Norway"))]
    )
    municipality = StringField(_l("Municipality"), [Optional(), _municipality_length, no_control_characters])


class QuoteForm(_PricedForm):
    """Asks who wants a price in writing, and for what."""

    municipality = StringField(
        _l("Municipality"),
        [DataRequired(_l("Write which municipality.")), _municipality_length, no_control_characters],
    )
    name = StringField(_l("Your name"), _name)
    email = StringField(_l("Work email"), _email)
    form_key = HiddenField(validators=_key)


class ApplicationForm(Form):
    """Asks a municipality that would like a place in a campaign who it is."""

    municipality = StringField(
        _l("Municipality"),
        [DataRequired(_l("Write which municipality.")), _municipality_length, no_control_characters],
    )
    name = StringField(_l("Your name"), _name)
    email = StringField(_l("Work email"), _email)
    phone = StringField(
        _l("Phone"), [Optional(), Length(max=40, message=_l("Write at most 40 characters.")), no_control_characters]
    )
    message = TextAreaField(
        _l("Anything we should know"), [Optional(), Length(max=2000, message=_l("Write at most 2000 characters."))]
    )
    form_key = HiddenField(validators=_key)


class OrderForm(_PricedForm):
    """Asks who orders, and what the invoice has to say."""

    municipality = StringField(
        _l("Municipality"),
        [DataRequired(_l("Write which municipality.")), _municipality_length, no_control_characters],
    )
    stored_gln = StringField(validators=[Optional(), Length(max=13, message=_l("Choose one of the EAN numbers."))])
    gln = StringField(_l("EAN number"), [Optional(), Length(max=40, message=_l("The number is too long."))])
    buyer_reference = StringField(_l("Your reference"), [Optional(), _reference_length, no_control_characters])
    order_number = StringField(_l("Order number"), [Optional(), _reference_length, no_control_characters])
    name = StringField(_l("Contact person"), _name)
    email = StringField(_l("Work email"), _email)
    phone = StringField(
        _l("Phone"), [Optional(), Length(max=40, message=_l("Write at most 40 characters.")), no_control_characters]
    )
    starts_on = DateField(_l("First day of the seats"), [Optional()])
    pay_by = SelectField(
        _l("How you pay"),
        [InputRequired(MESSAGE_REQUIRED)],
        choices=[SelectChoice(PayBy.INVOICE, _l("Invoice")), SelectChoice(PayBy.CARD, _l("Card"))],
        default=PayBy.INVOICE,
    )
    accepts_duty = BooleanField(_l("We promise this"))
    seen_total = HiddenField(validators=[Optional(), Length(max=20, message=_l("Load the page again."))])
    form_key = HiddenField(validators=_key)

    def __init__(self, *args: object, first: date = date.min, with_card: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self._first, self._last = first, first + timedelta(days=365)
        for asked in (self.gln, self.buyer_reference):  # whether they are needed depends on the country and each other
            asked.flags.required = True
        if not with_card:
            self.pay_by.choices = [choice for choice in self.pay_by.choices if choice.value != PayBy.CARD]
            self.pay_by.data = PayBy.INVOICE

    def validate_starts_on(self, field: DateField) -> None:
        """Keep the first day within a year from today. Raises ValidationError."""
        if field.data and not self._first <= field.data <= self._last:
            raise ValidationError(
                _(
                    "Choose a day from %(first)s to %(last)s.",
                    first=format_day(self._first),
                    last=format_day(self._last),
                )
            )


class CancelForm(Form):
    """Asks why an order is cancelled."""

    reason = StringField(
        _l("Why you cancel"),
        [Optional(), Length(max=300, message=_l("Write at most 300 characters.")), no_control_characters],
    )


class BuyerRulesForm(Form):
    """Asks how a municipality wants the references on its invoices."""

    reference_format = StringField(
        _l("Pattern of the reference"), [Optional(), _reference_length, no_control_characters]
    )
    needs_order_number = BooleanField(_l("Every order must carry an order number"))
