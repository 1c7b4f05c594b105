"""The price on a course's public page: what is asked, what it costs, and every refusal beside its field."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from elearn.billing.errors import CodeRefused, NotForSale, OnRequest
from elearn.billing.forms import PriceForm
from elearn.billing.models import Price, Seller
from elearn.billing.municipality_choice import Choice
from elearn.billing.refusals import refusal
from elearn.billing.services.pricing_orders import CURRENCIES, Asked, Priced, check_code, current_price, price_order
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.errors import DomainError, TooManyAttempts
from elearn.core.i18n import ngettext
from elearn.organisations.models import CourseHouse, Municipality

USUAL_SEATS = 100


@dataclass(frozen=True)
class Panel:
    """What the panel shows."""

    form: PriceForm
    country: str
    price: Price | None
    """What holds today in the country's currency; None when it is told on request."""
    priced: Priced | None
    names: list[str]
    """The municipalities to choose from."""
    municipality: Municipality | None
    is_on_request: bool = False
    is_limited: bool = False
    """Whether too many codes were tried."""


def is_for_sale(session: Session, course: Course) -> bool:
    """Say whether a course has a price in any currency, and its house sells."""
    if session.get(Seller, course.course_house_id) is None:
        return False
    return bool(_priced_countries(session, course))


def _priced_countries(session: Session, course: Course) -> set[str]:
    return {
        country
        for country, currency in CURRENCIES.items()
        if current_price(session, course_id=course.id, currency=currency, on=clock.today(country))
    }


def read(
    session: Session,
    *,
    course: Course,
    house: CourseHouse,
    person_id: int | None,
    args: MultiDict[str, str],
    try_code: Callable[[str], None],
) -> Panel:
    """Price what is asked for by the page's address; `try_code` is told before a code is looked up.

    `person_id` is who is signed in: they may buy for a body that the house added.
    """
    given = args if "seats" in args else MultiDict({"seats": str(USUAL_SEATS), "country": house.country, **args})
    form = PriceForm(formdata=given, meta={"csrf": False})  # it only reads
    choice = Choice(session, house_id=house.id, person_id=person_id)
    municipality, unknown = _municipality(form, choice)
    country = municipality.country if municipality else _country(form, house)
    form.country.data = country
    price = current_price(session, course_id=course.id, currency=CURRENCIES[country], on=clock.today(country))
    form.offer_terms(price.offer.terms_months if price else (12,))
    priced, on_request, limited = None, False, False
    if form.validate():
        asked = Asked(form.seats.data, form.months.data, form.code.data or "")
        try:
            if asked.code:
                try_code(asked.code)
            priced = price_order(session, course=course, country=country, municipality=municipality, asked=asked)
        except TooManyAttempts as refused:
            limited = True
            form.code.errors = [too_many_codes(refused)]
        except (OnRequest, NotForSale):
            on_request = True
            form.code.errors = _code_refused(session, course, country, asked, municipality)
        except DomainError as refused:
            told = refusal(refused)
            form[told.field].errors = [told.sentence]
            if isinstance(refused, CodeRefused):
                without = Asked(asked.seats, asked.months)
                priced = price_order(session, course=course, country=country, municipality=municipality, asked=without)
    if unknown:
        form.municipality.errors = [unknown]
    names = choice.names(_priced_countries(session, course) | {country})
    return Panel(form, country, price, priced, names, municipality, on_request, limited)


def _code_refused(
    session: Session, course: Course, country: str, asked: Asked, municipality: Municipality | None
) -> list[str]:
    """Return why a code does not hold where no price can be told; whoever asks for one need not ask about it, too."""
    try:
        check_code(session, course=course, country=country, asked=asked, municipality=municipality)
    except CodeRefused as refused:
        return [refusal(refused).sentence]
    return []


def too_many_codes(refused: TooManyAttempts) -> str:
    """Say how long no more codes are tried."""
    minutes = max(1, -(-refused.retry_after_s // 60))
    return ngettext(
        "Many codes were tried from here. Try again in %(num)d minute.",
        "Many codes were tried from here. Try again in %(num)d minutes.",
        minutes,
    )


def _municipality(form: PriceForm, choice: Choice) -> tuple[Municipality | None, str]:
    """Return the municipality that is written, or what to say of an unknown one."""
    if not form.municipality.data:
        return None, ""
    try:
        return choice.find(form.municipality.data), ""
    except DomainError as refused:
        return None, refusal(refused).sentence


def _country(form: PriceForm, house: CourseHouse) -> str:
    return form.country.data if form.country.data in CURRENCIES else house.country
