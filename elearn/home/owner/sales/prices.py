"""What courses cost: per course and currency, in dated versions, with an example."""

from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.billing import errors, offer_queries, pricing
from elearn.billing.errors import OnRequest, TooFewSeats
from elearn.billing.models import Price
from elearn.billing.selling_forms import PriceForm
from elearn.billing.services.selling import COUNTRY_OF, PriceTerms, set_price
from elearn.catalogue import queries as catalogue
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.home.owner.pages import bp, titles
from elearn.home.owner.sales.pages import refused, sales_page
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session

EXAMPLES = (10, 50, 100, 250, 500)
"""Sizes of orders that a price is shown for."""


@bp.get("/prices")
@owner
def prices() -> str:
    """List the prices of all courses, those of today and those to come."""
    session, scope = current_session(), house_scope()
    versions = offer_queries.prices(session, scope)
    return sales_page(
        "prices.html",
        titles=titles(session, scope),
        currencies=COUNTRY_OF,
        versions=versions,
        current={key: current(prices, clock.today(COUNTRY_OF[key[1]])) for key, prices in versions.items()},
        example=example,
        examples=EXAMPLES,
        seller=offer_queries.seller(session, scope),
    )


@bp.route("/prices/<int:course_id>", methods=["GET", "POST"])
@owner
def new_price(course_id: int) -> str | AnyResponse | Response:
    """Set a course's price from a day on; its first button only shows what it comes to."""
    session, scope = current_session(), house_scope()
    course = catalogue.course(session, scope, course_id)
    currency = request.values.get("currency", "DKK")
    if currency not in COUNTRY_OF:
        raise NotFound("no such currency")
    known = current(
        offer_queries.prices(session, scope).get((course_id, currency), []), clock.today(COUNTRY_OF[currency])
    )
    form = PriceForm(**_suggested(known, clock.today(COUNTRY_OF[currency])))
    offer = None
    if form.validate_on_submit():
        terms = _terms(form)
        if terms is not None and "preview" in request.form:
            offer = _offer(currency, terms)
        elif terms is not None:
            try:
                set_price(
                    session,
                    scope=scope,
                    course_id=course_id,
                    currency=currency,
                    terms=terms,
                    by_id=current_person().id,
                )
            except REFUSALS as wrong:
                _say(form, wrong)
            else:
                flash(_("The price is set. Quotes and orders made before keep theirs."))
                return redirect(url_for("owner.prices"), 303)
    page = sales_page(
        "new-price.html",
        title=course.content.title(language()),
        course_id=course_id,
        currency=currency,
        form=form,
        offer=offer,
        example=example,
        examples=EXAMPLES,
        grows_dearer=_grows_dearer(offer),
    )
    return refused(page) if form.errors else page


REFUSALS = (errors.DayHasPassed, errors.BracketsNotRising, errors.RequestBelowMinimum, errors.TermNotValid)


def current(versions: list[Price], today: date) -> Price | None:
    """Return the version that holds today, of some that stand latest first."""
    return next((price for price in versions if price.valid_from <= today), None)


def example(offer: pricing.Offer, seats: int) -> int | None:
    """Return the øre without VAT of so many seats for the usual term; None when they are not sold without asking."""
    free = pricing.Vat(pricing.VatCategory.OUTSIDE, 0)
    try:
        return pricing.quote(offer, seats=seats, months=offer.terms_months[0], vat=free).net_minor
    except (OnRequest, TooFewSeats):
        return None


def _say(form: PriceForm, wrong: Exception) -> None:
    match wrong:
        case errors.DayHasPassed():
            form.valid_from.errors = [_("This day has passed. A price holds from today or a later day.")]
        case errors.BracketsNotRising():
            form["from_1"].errors = [
                _("Each line begins with more seats than the one above, and than the fewest seats.")
            ]
        case errors.RequestBelowMinimum():
            form.on_request_above.errors = [_("This is less than the fewest seats.")]
        case errors.TermNotValid():
            form.terms.errors = [_terms_wanted()]


def _terms_wanted() -> str:
    return _("Write whole numbers of months from 1 to 60, the usual one first, such as: 12, 24.")


def _terms(form: PriceForm) -> PriceTerms | None:
    """Return what was written; None after saying what is wrong with it."""
    brackets = []
    for seats, price in form.brackets():
        if (seats.data is None) != (price.data is None):
            seats.errors = [_("Fill in both fields of the line, or none.")]
            return None
        if seats.data is not None:
            brackets.append(pricing.Bracket(seats.data, price.data))
    months = form.terms.data.replace(",", " ").split()
    if not all(each.isdecimal() and len(each) < 4 for each in months):
        form.terms.errors = [_terms_wanted()]
        return None
    return PriceTerms(
        seat_year_minor=form.seat_year.data,
        valid_from=form.valid_from.data,
        brackets=tuple(brackets),
        minimum_seats=form.minimum_seats.data,
        on_request_above=form.on_request_above.data,
        terms_months=tuple(map(int, months)),
    )


def _offer(currency: str, terms: PriceTerms) -> pricing.Offer:
    return pricing.Offer(
        currency=currency,
        seat_year_minor=terms.seat_year_minor,
        brackets=terms.brackets,
        minimum_seats=terms.minimum_seats,
        on_request_above=terms.on_request_above,
        terms_months=terms.terms_months,
    )


def _grows_dearer(offer: pricing.Offer | None) -> bool:
    """Say whether a larger order pays more for each seat somewhere: allowed, but seldom meant."""
    if offer is None:
        return False
    steps = [offer.seat_year_minor, *(bracket.seat_year_minor for bracket in offer.brackets)]
    return steps != sorted(steps, reverse=True)


def _suggested(known: Price | None, today: date) -> dict[str, Any]:
    if known is None:
        return {"minimum_seats": 1, "terms": "12", "valid_from": today}
    values: dict[str, Any] = {
        "seat_year": known.seat_year_minor,
        "minimum_seats": known.minimum_seats,
        "on_request_above": known.on_request_above,
        "terms": ", ".join(map(str, known.terms_months)),
        "valid_from": today,
    }
    for number, (seats, price) in enumerate(known.brackets, start=1):
        values |= {f"from_{number}": seats, f"price_{number}": price}
    return values
