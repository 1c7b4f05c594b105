"""What a course house settles before it sells: who it is on paper, its prices, and its VAT across the border."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import pairwise
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts import addresses
from elearn.accounts.errors import NotAnAddress
from elearn.billing import bank, errors, pricing
from elearn.billing.models import Delivery, Invoice, Price, SeatsFollow, Seller, VatRule
from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.organisations.models import CourseHouse
from elearn.organisations.numbers import check_org_number

LONGEST_TERM = 60
COUNTRY_OF = {"DKK": "DK", "NOK": "NO"}
_PREFIX = re.compile(r"[A-Za-z0-9./-]{0,10}")
_FOLDER = re.compile(r"[A-Za-z0-9_-]{1,60}")
"""A name, never a path: the installation says where the folder lies."""

SELLER_SAVED = audit.kind("billing.seller.saved", "changed")
PRICE_SET = audit.kind("billing.price.set", "price_id", "course_id", "currency", "seat_year_minor", "valid_from")
VAT_SIGNED = audit.kind("billing.vat.signed_off", "rule_id", "course_id", "buyer_country", "category", "rate_bp")


@dataclass(frozen=True)
class SellerTerms:
    """All that invoices say of a seller, and how it sells."""

    legal_name: str
    org_number: str
    is_vat_registered: bool
    street: str
    postal_code: str
    city: str
    contact_name: str
    contact_email: str
    contact_phone: str
    bank_registration: str
    bank_account: str
    bic: str
    serial_prefix: str
    first_number: int
    """The number the series begins with; the next one, once it has begun."""
    in_business_register: bool = False
    payment_days: int = 30
    quote_days: int = 60
    seats_follow: SeatsFollow = SeatsFollow.ACCEPTANCE
    invoices_at_once: bool = False
    delivery: Delivery = Delivery.DOWNLOAD
    delivery_target: str = ""
    terms: str = ""


@dataclass(frozen=True)
class PriceTerms:
    """A price as the owner writes it down; amounts in øre for a seat and year, without VAT."""

    seat_year_minor: int
    valid_from: date
    brackets: tuple[pricing.Bracket, ...] = ()
    minimum_seats: int = 1
    on_request_above: int | None = None
    terms_months: tuple[int, ...] = (pricing.MONTHS_IN_A_YEAR,)


def save_seller(session: Session, *, scope: HouseScope, terms: SellerTerms, by_id: int | None) -> Seller:
    """Keep who sells and how; no invoice ever made changes by it.

    Raises `NumberHasOtherLength`, `NumberNotValid`, `BankAccountNotValid`, `BicNotValid`, `NotAnAddress`,
    `PrefixNotValid`, `TargetNotValid`, and `SeriesBegun` when numbers were given out under another beginning.
    """
    house = session.get_one(CourseHouse, scope.course_house_id)
    columns = _checked(terms, house.country)
    seller = session.scalar(
        select(Seller)
        .where(Seller.course_house_id == house.id)
        .with_for_update()  # its next number must not move meanwhile
        .execution_options(populate_existing=True)
    )
    if seller is None:
        seller = Seller(course_house_id=house.id)
        session.add(seller)
    elif _moves_series(seller, columns) and has_series_begun(session, scope):
        raise errors.SeriesBegun
    changed = sorted(name for name, value in columns.items() if getattr(seller, name) != value)
    for name in changed:
        setattr(seller, name, columns[name])
    session.flush()
    if changed:
        audit.record(session, SELLER_SAVED, actor_id=by_id, course_house_id=house.id, changed=changed)
    return seller


def has_series_begun(session: Session, scope: HouseScope) -> bool:
    """Say whether a house has given out a number: then its series goes on as it is."""
    issued = select(Invoice.id).where(Invoice.course_house_id == scope.course_house_id)
    return session.scalar(issued.limit(1)) is not None


def set_price(
    session: Session, *, scope: HouseScope, course_id: int, currency: str, terms: PriceTerms, by_id: int | None
) -> Price:
    """Set what a course costs from a day on; orders and quotes made before keep theirs.

    Raises `NotFound`, `DayHasPassed`, `BracketsNotRising`, `RequestBelowMinimum`, `TermNotValid`.
    """
    course = own_course(session, scope, course_id)
    _check_price(terms, clock.today(COUNTRY_OF[currency]))
    price = Price(
        course_id=course.id,
        currency=currency,
        seat_year_minor=terms.seat_year_minor,
        brackets=[[each.from_seats, each.seat_year_minor] for each in terms.brackets],
        minimum_seats=terms.minimum_seats,
        on_request_above=terms.on_request_above,
        terms_months=list(terms.terms_months),
        valid_from=terms.valid_from,
        set_at=clock.now(),
        set_by_id=by_id,
    )
    session.add(price)
    session.flush()  # the event names its id
    audit.record(
        session,
        PRICE_SET,
        actor_id=by_id,
        course_house_id=scope.course_house_id,
        price_id=price.id,
        course_id=course.id,
        currency=currency,
        seat_year_minor=price.seat_year_minor,
        valid_from=price.valid_from.isoformat(),
    )
    return price


def sign_vat_rule(
    session: Session,
    *,
    scope: HouseScope,
    course_id: int | None,
    buyer_country: str,
    vat: pricing.Vat,
    valid_from: date,
    by_id: int,
) -> VatRule:
    """Answer for the VAT that buyers of a country are charged from a day on; without it their price is on request.

    Raises `NotFound`, `DayHasPassed`, `VatRateMissing`, `VatReasonMissing`.
    """
    if course_id is not None:
        own_course(session, scope, course_id)
    house = session.get_one(CourseHouse, scope.course_house_id)
    if valid_from < clock.today(house.country):
        raise errors.DayHasPassed
    is_standard = vat.category is pricing.VatCategory.STANDARD
    if is_standard and not 0 < vat.rate_bp <= pricing.FULL:
        raise errors.VatRateMissing
    if not is_standard and not vat.reason.strip():
        raise errors.VatReasonMissing
    rule = VatRule(
        course_house_id=house.id,
        course_id=course_id,
        buyer_country=buyer_country,
        category=vat.category,
        rate_bp=vat.rate_bp if is_standard else 0,
        reason="" if is_standard else vat.reason.strip(),
        valid_from=valid_from,
        signed_off_by_id=by_id,
        signed_off_at=clock.now(),
    )
    session.add(rule)
    session.flush()  # the event names its id
    audit.record(
        session,
        VAT_SIGNED,
        actor_id=by_id,
        course_house_id=house.id,
        rule_id=rule.id,
        course_id=course_id,
        buyer_country=buyer_country,
        category=str(vat.category),
        rate_bp=rule.rate_bp,
    )
    return rule


def _checked(terms: SellerTerms, country: str) -> dict[str, object]:
    """Return a seller's columns."""
    account = bank.check(country, registration=terms.bank_registration, number=terms.bank_account, bic=terms.bic)
    if not _PREFIX.fullmatch(terms.serial_prefix):
        raise errors.PrefixNotValid
    checked = asdict(
        replace(
            terms,
            org_number=check_org_number(terms.org_number, country),
            contact_email=addresses.check(terms.contact_email),
            bank_registration=account.registration,
            bank_account=account.number,
            bic=account.bic,
            delivery_target=_checked_target(terms.delivery, terms.delivery_target.strip()),
        )
    )
    checked["next_serial"] = checked.pop("first_number")
    return checked


def _moves_series(seller: Seller, columns: dict[str, object]) -> bool:
    return (columns["serial_prefix"], columns["next_serial"]) != (seller.serial_prefix, seller.next_serial)


def _checked_target(how: Delivery, target: str) -> str:
    match how:
        case Delivery.DOWNLOAD:
            return ""
        case Delivery.EMAIL:
            try:
                return addresses.check(target)
            except NotAnAddress:
                raise errors.TargetNotValid(how) from None
        case Delivery.FOLDER:
            is_good = _FOLDER.fullmatch(target) is not None
        case Delivery.WEBHOOK:
            parts = urlsplit(target)
            is_good = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    if not is_good:
        raise errors.TargetNotValid(how)
    return target


def _check_price(terms: PriceTerms, today: date) -> None:
    if terms.valid_from < today:
        raise errors.DayHasPassed
    steps = [terms.minimum_seats, *(bracket.from_seats for bracket in terms.brackets)]
    if any(after <= before for before, after in pairwise(steps)):
        raise errors.BracketsNotRising
    if terms.on_request_above is not None and terms.on_request_above < terms.minimum_seats:
        raise errors.RequestBelowMinimum
    months = terms.terms_months
    if not months or len(set(months)) < len(months) or not all(1 <= each <= LONGEST_TERM for each in months):
        raise errors.TermNotValid


def own_course(session: Session, scope: HouseScope, course_id: int) -> Course:
    """Return a published course of the house. Raises `NotFound`."""
    course = session.get(Course, course_id)
    if course is None or course.course_house_id != scope.course_house_id or course.current_version_id is None:
        raise NotFound("no such course")
    return course
