"""Pricing what somebody asks for: price version, VAT and code looked up, then the pure rules."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from elearn.billing import code_uses, discounts, pricing
from elearn.billing.errors import CodeUnknown, NotForSale, OnRequest, PlaceTaken, QuoteEnded
from elearn.billing.models import Campaign, CampaignPlace, DiscountCode, Price, Quote, Seller
from elearn.billing.vat import vat_for
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.licensing.models import Licence
from elearn.licensing.services import MOST_SEATS
from elearn.organisations.models import Municipality, MunicipalityRegion

CURRENCIES = {"DK": "DKK", "NO": "NOK"}
LEAST_BY_CARD_MINOR, MOST_BY_CARD_MINOR = 300, 99_999_999
"""What Stripe takes in kroner: from 3.00 (NOK; 2.50 in DKK) to eight digits."""


@dataclass(frozen=True)
class Asked:
    """What somebody would like to buy."""

    seats: int
    months: int | None = None
    """None for the usual term."""
    code: str = ""
    """As typed."""


@dataclass(frozen=True)
class Priced:
    """What it costs, and what that rests on."""

    price: Price
    quote: pricing.Quote
    months: int
    code: DiscountCode | None = None
    place: CampaignPlace | None = None
    """The campaign's place that the order would take."""


def takes_card(total_minor: int) -> bool:
    """Say whether a card can pay a sum: nothing needs no card, and millions go by invoice."""
    return LEAST_BY_CARD_MINOR <= total_minor <= MOST_BY_CARD_MINOR


def price_order(
    session: Session, *, course: Course, country: str, asked: Asked, municipality: Municipality | None = None
) -> Priced:
    """Price seats for a whole term, today, for a buyer of a country; what a code asks of the municipality is checked
    once that is known.

    Raises `NotForSale`, `OnRequest`, `TooFewSeats`, `UnknownTerm`, and a `CodeRefused` that says why.
    """
    if municipality is not None:
        _check_house(course, municipality)
    on = clock.today(country)
    price, vat = _price_and_vat(session, course=course, country=country, on=on)
    months = asked.months or price.offer.terms_months[0]
    pricing.check_size(price.offer, asked.seats)
    code, place = check_code(session, course=course, country=country, asked=asked, municipality=municipality)
    discount = code.discount if code else None
    quote = pricing.quote(price.offer, seats=asked.seats, months=months, vat=vat, discount=discount)
    return Priced(price, quote, months, code, place)


def check_code(
    session: Session, *, course: Course, country: str, asked: Asked, municipality: Municipality | None = None
) -> tuple[DiscountCode | None, CampaignPlace | None]:
    """Return the code that is typed and the place it would take, whatever the price; None without one.

    Raises a `CodeRefused` that says why.
    """
    if not discounts.normalised(asked.code):
        return None, None
    code = _find_code(session, course.course_house_id, asked.code)
    on = clock.today(country)
    place = _check_code(session, code, course=course, country=country, asked=asked, municipality=municipality, on=on)
    return code, place


def price_more_seats(session: Session, *, licence: Licence, seats: int) -> Priced:
    """Price more seats of a running licence, for the days left, today included.

    Raises `NotForSale` (also when it has ended), `OnRequest`, `TooFewSeats`.
    """
    country = licence.municipality.country
    on = clock.today(country)
    if licence.has_ended or not licence.has_begun:
        raise NotForSale
    if licence.size + seats > MOST_SEATS:
        raise OnRequest
    price, vat = _price_and_vat(session, course=licence.course, country=country, on=on)
    days = (licence.ends_on - on).days + 1
    quote = pricing.quote_days_left(price.offer, seats=seats, held=licence.size, days=days, vat=vat)
    return Priced(price, quote, 0)


def price_quote(session: Session, quote: Quote) -> Priced:
    """Return a quote's price, which stands whatever prices do; whether its code is still free is asked again.

    Raises `QuoteEnded`, `NotForSale`, and a `CodeRefused` when the code's place or use was taken meanwhile.
    """
    _check_house(quote.course, quote.municipality)
    if quote.has_ended:
        raise QuoteEnded
    if quote.discount_code is None:
        return Priced(quote.price, quote.priced, quote.months)
    code = quote.discount_code
    place = place_for(session, code, course=quote.course, municipality=quote.municipality, seats=quote.seats)
    return Priced(quote.price, quote.priced, quote.months, code, place)


def place_for(
    session: Session, code: DiscountCode, *, course: Course, municipality: Municipality, seats: int
) -> CampaignPlace | None:
    """Return the campaign's place that an order with a code takes, if it has places. Raises a `CodeRefused`."""
    country = municipality.country
    return _check_code(
        session,
        code,
        course=course,
        country=country,
        asked=Asked(seats),
        municipality=municipality,
        on=clock.today(country),
    )


def current_price(session: Session, *, course_id: int, currency: str, on: date) -> Price | None:
    """Return the version of a course's price that holds on a day."""
    return session.scalar(
        select(Price)
        .where(Price.course_id == course_id, Price.currency == currency, Price.valid_from <= on)
        .order_by(Price.valid_from.desc(), Price.id.desc())
        .limit(1)
    )


def regions_of(session: Session, municipality_id: int, on: date) -> frozenset[str]:
    """Return the regions a municipality lies in on a day: one, or none."""
    return frozenset(
        session.scalars(
            select(MunicipalityRegion.region_code)
            .where(MunicipalityRegion.municipality_id == municipality_id)
            .where(or_(MunicipalityRegion.valid_from.is_(None), MunicipalityRegion.valid_from <= on))
            .where(or_(MunicipalityRegion.valid_until.is_(None), MunicipalityRegion.valid_until >= on))
        )
    )


def _check_house(course: Course, municipality: Municipality) -> None:
    """Raise `NotForSale` to a body that another course house added: it is that house's customer alone."""
    if municipality.course_house_id not in (None, course.course_house_id):
        raise NotForSale


def _price_and_vat(session: Session, *, course: Course, country: str, on: date) -> tuple[Price, pricing.Vat]:
    seller = session.get(Seller, course.course_house_id)
    price = current_price(session, course_id=course.id, currency=CURRENCIES[country], on=on)
    if seller is None:
        raise NotForSale
    vat = vat_for(session, seller=seller, course_id=course.id, buyer_country=country, on=on)
    if price is None or vat is None:
        raise OnRequest if country != seller.country else NotForSale
    return price, vat


def _find_code(session: Session, house_id: int, typed: str) -> DiscountCode:
    code = session.scalar(
        select(DiscountCode)
        .where(DiscountCode.course_house_id == house_id, DiscountCode.code == discounts.normalised(typed))
        .options(selectinload(DiscountCode.courses), selectinload(DiscountCode.campaign).selectinload(Campaign.places))
    )
    if code is None:
        raise CodeUnknown
    return code


def _check_code(
    session: Session,
    code: DiscountCode,
    *,
    course: Course,
    country: str,
    asked: Asked,
    municipality: Municipality | None,
    on: date,
) -> CampaignPlace | None:
    lies_on = code.campaign.starts_on if code.campaign else on
    wish = discounts.Wish(
        course_id=course.id,
        currency=CURRENCIES[country],
        seats=asked.seats,
        municipality_id=municipality.id if municipality else None,
        country=country,
        region_codes=regions_of(session, municipality.id, lies_on) if municipality else frozenset(),
        on=on,
    )
    region = discounts.check(code.rule, wish)
    if region is None or code.campaign is None:
        return None
    place = next(each for each in code.campaign.places if each.region_code == region)
    if code_uses.is_taken(session, place.id):
        raise PlaceTaken(place.name)
    return place
