"""Ordering in three steps: who pays and by what references, everything once more, the press."""

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.addresses import normalise
from elearn.accounts.errors import NotAnAddress
from elearn.billing.code_tries import try_code
from elearn.billing.forms import OrderForm
from elearn.billing.models import BuyerRules, Order, PayBy, Seller
from elearn.billing.municipality_choice import Choice
from elearn.billing.ordering.subjects import Subject
from elearn.billing.price_panel import too_many_codes
from elearn.billing.pricing import MONTHS_IN_A_YEAR
from elearn.billing.references import example_of
from elearn.billing.refusals import refusal
from elearn.billing.services.orders import Details, check_details, duty_of, order_of_form
from elearn.billing.services.pricing_orders import CURRENCIES, Asked, Priced, current_price
from elearn.catalogue.content import Content
from elearn.core import clock
from elearn.core.errors import DomainError, TooManyAttempts
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.core.tokens import random_token
from elearn.organisations.errors import NumberHasOtherLength, NumberNotValid
from elearn.organisations.models import GlnNumber, Municipality, Role
from elearn.organisations.number_words import wrong_gln
from elearn.organisations.numbers import check_gln
from elearn.organisations.queries import gln_numbers, municipalities_as
from elearn.web.session import current_session, installation

LETTERS_PER_SENDER = Limit("billing.order.sender", attempts=60, window_s=900)
LETTERS_PER_ADDRESS = Limit("billing.order.address", attempts=5, window_s=900)


@dataclass(frozen=True)
class Checked:
    """A form whose fields are right, and what they come to."""

    municipality: Municipality
    asked: Asked
    details: Details
    priced: Priced


def answer(
    subject: Subject, *, action: str, back: str, base: str = "layout.html", **shown: Any
) -> Response | AnyResponse:
    """Answer a request for a form that orders: the form, what it says once more, or the order's page.

    `action` is the form's own address, `back` where seats and price are chosen, `base` the layout of its pages.
    """
    pages = _Pages(subject, action=action, back=back, base=base, shown=shown)
    return pages.ask() if request.method == "GET" else pages.go_on()


class _Pages:
    def __init__(self, subject: Subject, *, action: str, back: str, base: str, shown: dict[str, Any]) -> None:
        self.subject = subject
        self._frame = {"action": action, "back": back, "base": base, **shown}
        self._session = current_session()
        self._choice = Choice(
            self._session,
            house_id=subject.course.course_house_id,
            person_id=subject.person.id if subject.person else None,
        )
        self._seller = self._session.get(Seller, subject.course.course_house_id)

    def ask(self) -> Response:
        """Show the form, filled in with what is known."""
        form = self._form(formdata=None, data=self._known())
        municipality = self._municipality(form)
        self._offer_terms(form, municipality)
        return self._form_page(form, municipality, self._price_now(form, municipality))

    def go_on(self) -> Response | AnyResponse:
        """Show everything once more, or place the order."""
        form, step = self._form(), request.form.get("step", "review")
        municipality = self._municipality(form)
        self._offer_terms(form, municipality)
        if step != "place":
            self._renew_key(form)
        if step == "change":
            return self._form_page(form, municipality, self._price_now(form, municipality))
        checked = self._check(form, municipality)
        if isinstance(checked, Order):
            return _to_order(checked)
        if checked is not None and (step != "place" or form.seen_total.data != str(checked.priced.quote.total_minor)):
            return self._review_page(form, checked, is_dearer=step == "place")
        if checked is not None:
            self._count_letter(checked)
            try:
                return _to_order(self._place(form, checked))
            except (DomainError, NotAnAddress) as refused:
                self._tell(form, refused)
        return make_response(self._form_page(form, municipality, self._price_now(form, municipality)), 422)

    def _form(self, **given: Any) -> OrderForm:
        country = self.subject.municipality.country if self.subject.municipality else "DK"
        form = OrderForm(first=clock.today(country), with_card=installation().settings.takes_cards, **given)
        if self.subject.seats_are_fixed:
            form.seats.data = self.subject.fills()["seats"]
        return form

    def _renew_key(self, form: OrderForm) -> None:
        """Let a form whose order waits for its letter's button order anew: its address may have been mistyped."""
        placed = order_of_form(self._session, self.subject.course.course_house_id, form.form_key.data)
        if placed is not None and placed.confirmed_at is None:
            form.form_key.data = random_token()

    def _known(self) -> dict[str, Any]:
        """Return what the address, the subject and the person signed in tell already."""
        args, person = request.args, self.subject.person
        known: dict[str, Any] = {
            "seats": args.get("seats", type=int),
            "months": args.get("months", type=int),
            "code": args.get("code", ""),
            "municipality": args.get("municipality", ""),
            "form_key": random_token(),
            "pay_by": PayBy.INVOICE,
        }
        if person is not None:
            known |= {"name": person.name, "email": person.address}
            mine = municipalities_as(self._session, PersonScope(person.id), Role.BUYER)
            first = next((each for each in mine if self._choice.has(each)), None)
            if first is not None and not known["municipality"]:
                known["municipality"] = self._choice.written(first)
        return known | self.subject.fills()

    def _municipality(self, form: OrderForm) -> Municipality | None:
        if self.subject.municipality is not None:
            form.municipality.data = self._choice.written(self.subject.municipality)
            return self.subject.municipality
        try:
            return self._choice.find(form.municipality.data) if form.municipality.data else None
        except DomainError:
            return None

    def _offer_terms(self, form: OrderForm, municipality: Municipality | None) -> None:
        country = municipality.country if municipality else self._seller.country if self._seller else "DK"
        price = current_price(
            self._session,
            course_id=self.subject.course.id,
            currency=CURRENCIES[country],
            on=clock.today(country),
        )
        form.offer_terms(self.subject.terms or (price.offer.terms_months if price else (MONTHS_IN_A_YEAR,)))

    def _price_now(self, form: OrderForm, municipality: Municipality | None) -> Priced | None:
        """Return what stands beside the form; a code that is refused stands beside its own field."""
        if municipality is None or not isinstance(form.seats.data, int):
            return None
        for code in dict.fromkeys([form.code.data or "", ""]):
            try:
                if code:
                    try_code(code)
                return self.subject.price(self._session, municipality, self._asked(form, code))
            except (DomainError, ValueError):
                continue
        return None

    def _asked(self, form: OrderForm, code: str) -> Asked:
        return Asked(form.seats.data, form.months.data, code if self.subject.takes_codes else "")

    def _check(self, form: OrderForm, municipality: Municipality | None) -> Checked | Order | None:
        """Return what the form comes to, the order it has placed before, or None with every refusal in its field."""
        is_right = form.validate()
        if municipality is None and form.municipality.data:
            try:
                self._choice.find(form.municipality.data)
            except DomainError as refused:
                self._tell(form, refused)
        gln = self._gln(form, municipality)
        if not is_right or form.errors or municipality is None:
            return None
        asked = self._asked(form, form.code.data or "")
        try:
            if asked.code:
                try_code(asked.code)
            placed = order_of_form(self._session, self.subject.course.course_house_id, form.form_key.data)
            if placed is not None:
                return placed
            details = self._details(form, gln)
            priced = self.subject.price(self._session, municipality, asked)
            check_details(self._session, municipality=municipality, details=details, priced=priced)
        except (DomainError, NotAnAddress) as refused:
            self._tell(form, refused)
            return None
        return Checked(municipality, asked, details, priced)

    def _gln(self, form: OrderForm, municipality: Municipality | None) -> str:
        if municipality is None or form.pay_by.data != PayBy.INVOICE:
            return ""
        if municipality.country != "DK":
            if not municipality.org_number:
                form.municipality.errors = [_("Its organisation number is missing: write to the course house.")]
            return ""
        if not form.gln.data and form.stored_gln.data in {each.gln for each in self._stored(municipality)}:
            return str(form.stored_gln.data)
        if not form.gln.data:
            form.gln.errors = [_("Write the EAN number, 13 digits: the e-invoice goes there.")]
            return ""
        try:
            return check_gln(form.gln.data)
        except (NumberHasOtherLength, NumberNotValid) as refused:
            form.gln.errors = [wrong_gln(refused)]
            return ""

    def _stored(self, municipality: Municipality | None) -> list[GlnNumber]:
        """Return the municipality's EAN numbers, for its own buyers only."""
        person = self.subject.person
        if person is None or municipality is None:
            return []
        mine = municipalities_as(self._session, PersonScope(person.id), Role.BUYER)
        if municipality.id not in {each.id for each in mine}:
            return []
        return gln_numbers(self._session, MunicipalityScope(municipality.id, person.id))

    def _details(self, form: OrderForm, gln: str) -> Details:
        return Details(
            name=form.name.data,
            email=form.email.data,
            phone=form.phone.data or "",
            language=language(),
            pay_by=PayBy(form.pay_by.data),
            gln=gln,
            buyer_reference=form.buyer_reference.data or "",
            order_number=form.order_number.data or "",
            starts_on=form.starts_on.data if self.subject.chooses_day else None,
            accepts_duty=form.accepts_duty.data,
        )

    def _count_letter(self, checked: Checked) -> None:
        """Limit the letters that orders cause: to the course house, and to addresses that are not the sender's own.

        Raises `TooManyAttempts`.
        """
        count_attempt(self._session, LETTERS_PER_SENDER, request.remote_addr or "")
        if not self._is_own_address(checked.details.email):
            count_attempt(self._session, LETTERS_PER_ADDRESS, normalise(checked.details.email))

    def _place(self, form: OrderForm, checked: Checked) -> Order:
        return self.subject.place(
            self._session,
            installation().tokens,
            municipality=checked.municipality,
            asked=checked.asked,
            details=checked.details,
            form_key=form.form_key.data,
        )

    def _tell(self, form: OrderForm, refused: Exception) -> None:
        """Put a refusal beside its field."""
        if isinstance(refused, NotAnAddress):
            form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
        elif isinstance(refused, TooManyAttempts):
            form.code.errors = [too_many_codes(refused)]
        else:
            assert isinstance(refused, DomainError)
            told = refusal(refused)
            field = "seats" if told.field == "quote" else told.field
            form[field].errors = [told.sentence]

    def _form_page(self, form: OrderForm, municipality: Municipality | None, priced: Priced | None) -> Response:
        rules = self._session.get(BuyerRules, municipality.id) if municipality else None
        return self._page(
            "billing/order.html",
            form,
            municipality,
            priced,
            names=self._choice.names(set(CURRENCIES)),
            stored=self._stored(municipality),
            rules=rules,
            example=example_of(rules.reference_format) if rules and rules.reference_format else "",
        )

    def _review_page(self, form: OrderForm, checked: Checked, *, is_dearer: bool) -> Response:
        form.seen_total.data = str(checked.priced.quote.total_minor)
        return self._page(
            "billing/order-review.html",
            form,
            checked.municipality,
            checked.priced,
            details=checked.details,
            has_changed=is_dearer,
            needs_letter=not self._is_own_address(checked.details.email),
        )

    def _is_own_address(self, email: str) -> bool:
        person = self.subject.person
        return person is not None and any(
            each.normalised == normalise(email) and each.confirmed_at for each in person.addresses
        )

    def _page(
        self, template: str, form: OrderForm, municipality: Municipality | None, priced: Priced | None, **shown: Any
    ) -> Response:
        version = self.subject.course.current_version
        assert version is not None
        return make_response(
            render_template(
                template,
                form=form,
                subject=self.subject,
                municipality_chosen=municipality,
                priced=priced,
                duty=duty_of(priced) if priced else None,
                content=Content(version.content),
                spoken=language(),
                house=self.subject.course.course_house,
                seller=self._seller,
                country=municipality.country if municipality else self._seller.country if self._seller else "DK",
                with_card=installation().settings.takes_cards,
                **self._frame,
                **shown,
            )
        )


def _to_order(order: Order) -> AnyResponse:
    if order.confirmed_at is None:
        return redirect(url_for("billing.order_sent"), 303)
    return redirect(url_for("billing.order_page", order_id=order.id), 303)
