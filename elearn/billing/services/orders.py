"""Placing orders: priced, their sender's address confirmed, once per form (docs/rules/orders.md)."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts import addresses
from elearn.accounts.models import Person
from elearn.accounts.services import confirm_address, find_or_add_person_surely
from elearn.billing import code_uses, emails, references
from elearn.billing.errors import DutyNotAccepted, NotForCards, OrderClosed
from elearn.billing.models import BuyerRules, Order, PayBy, Quote
from elearn.billing.order_rows import record_event
from elearn.billing.services.order_answers import UNCONFIRMED_LIFE, accept, may_order
from elearn.billing.services.order_seats import after_months
from elearn.billing.services.pricing_orders import (
    Asked,
    Priced,
    place_for,
    price_more_seats,
    price_order,
    price_quote,
    takes_card,
)
from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.core.tokens import Tokens, hash_of
from elearn.licensing.models import Licence
from elearn.organisations.models import CourseHouse, Municipality

CONFIRM_PURPOSE = "order"

PLACED = audit.kind("billing.order.placed", "order_id", "seats", "total_minor", "currency", "pay_by")
CONFIRMED = audit.kind("billing.order.confirmed", "order_id")


@dataclass(frozen=True)
class Details:
    """Who orders, and what the invoice has to say."""

    name: str
    email: str
    phone: str
    language: str
    pay_by: PayBy
    gln: str = ""
    buyer_reference: str = ""
    order_number: str = ""
    starts_on: date | None = None
    accepts_duty: bool = False


def order_of_form(session: Session, house_id: int, form_key: str) -> Order | None:
    """Return the order that a form's first sending placed; of two at once the second waits for the first.

    It waits at the house's row: that of the seller numbers invoices, and is locked last.
    """
    session.execute(select(CourseHouse.id).where(CourseHouse.id == house_id).with_for_update(key_share=True))
    return session.scalar(select(Order).where(Order.course_house_id == house_id, Order.form_key == form_key))


def check_details(session: Session, *, municipality: Municipality, details: Details, priced: Priced) -> None:
    """Raise `ReferenceMissing`, `ReferenceHasOtherFormat` or `DutyNotAccepted` unless an order may be placed so."""
    if details.pay_by is PayBy.INVOICE:
        rules = session.get(BuyerRules, municipality.id)
        references.check(rules, buyer_reference=details.buyer_reference, order_number=details.order_number)
    if duty_of(priced) is not None and not details.accepts_duty:
        raise DutyNotAccepted


def duty_of(priced: Priced) -> tuple[int, int] | None:
    """Return what is asked in return for the discount: the share of 100 and the months, or None."""
    campaign = priced.code.campaign if priced.code else None
    if campaign is None or campaign.duty_share is None or campaign.duty_months is None:
        return None
    return campaign.duty_share, campaign.duty_months


def place_order(
    session: Session,
    tokens: Tokens,
    *,
    course: Course,
    municipality: Municipality,
    asked: Asked,
    details: Details,
    form_key: str,
    person: Person | None,
    quote: Quote | None = None,
    renews: Licence | None = None,
) -> Order:
    """Place an order, once per form.

    `person` is who is signed in; their own confirmed address needs no letter. Others get one, whose button places
    the order. A quote that still stands gives its price. Raises what `price_order` does, `ReferenceMissing`,
    `ReferenceHasOtherFormat`, `DutyNotAccepted`, `QuoteEnded`, `NotAnAddress`, `NotForCards`.
    """
    known = order_of_form(session, course.course_house_id, form_key)
    if known is not None:
        return known
    priced = _price(session, course=course, municipality=municipality, asked=asked, quote=quote)
    seats = quote.seats if quote else asked.seats  # a quote's price is for its own seats, whatever the form says
    _check_card(priced, details)
    check_details(session, municipality=municipality, details=details, priced=priced)
    order = _new_order(course, municipality, details, form_key, seats, priced)
    order.quote_id = quote.id if quote else None
    order.renews_id = renews.id if renews else None
    order.starts_on = renews.ends_on + timedelta(days=1) if renews else details.starts_on
    _promise_duty(order, priced)
    session.add(order)
    record_event(session, PLACED, order, None, **_size_of(order))
    return _ask_or_confirm(session, tokens, order, person)


def order_more_seats(
    session: Session,
    *,
    scope: MunicipalityScope,
    licence: Licence,
    seats: int,
    details: Details,
    form_key: str,
    person: Person,
) -> Order:
    """Order more seats of a running licence for the days left; a buyer's order is accepted at once.

    Raises what `price_more_seats` does, `ReferenceMissing`, `ReferenceHasOtherFormat`, `NotFound`.
    """
    if licence.municipality_id != scope.municipality_id:
        raise NotFound("no such licence")
    known = order_of_form(session, licence.course.course_house_id, form_key)
    if known is not None:
        return known
    priced = price_more_seats(session, licence=licence, seats=seats)
    _check_card(priced, details)
    check_details(session, municipality=licence.municipality, details=details, priced=priced)
    order = _new_order(licence.course, licence.municipality, details, form_key, seats, priced)
    order.adds_to_id, order.ends_on = licence.id, licence.ends_on
    session.add(order)
    record_event(session, PLACED, order, person.id, **_size_of(order))
    _confirm(session, order, person)
    return order


def confirm_order(session: Session, token: str) -> Order:
    """Place for good the order whose letter carried this token: its sender's address is confirmed.

    A second press returns the order as it is. Raises `NotFound`, `OrderClosed` when it waited too long, and
    `CodeUsedUp` or `PlaceTaken` when its code was taken meanwhile.
    """
    order = session.scalar(
        select(Order)
        .where(Order.confirm_token_hash == hash_of(token))
        .with_for_update()
        .execution_options(populate_existing=True)  # another press may have confirmed what was read before the lock
    )
    if order is None:
        raise NotFound("no such order")
    if order.confirmed_at is not None:
        return order
    if not order.is_open or clock.now() > order.placed_at + UNCONFIRMED_LIFE:
        raise OrderClosed
    person, email = find_or_add_person_surely(session, address=order.email, name=order.name, language=order.language)
    confirm_address(session, email)
    _confirm(session, order, person)
    return order


def _check_card(priced: Priced, details: Details) -> None:
    if details.pay_by is PayBy.CARD and priced.quote.total_minor and not takes_card(priced.quote.total_minor):
        raise NotForCards


def _price(
    session: Session, *, course: Course, municipality: Municipality, asked: Asked, quote: Quote | None
) -> Priced:
    if quote is None:
        return price_order(session, course=course, country=municipality.country, municipality=municipality, asked=asked)
    if (quote.course_id, quote.municipality_id) != (course.id, municipality.id):
        raise NotFound("no such quote")
    return price_quote(session, quote)


def _new_order(
    course: Course, municipality: Municipality, details: Details, form_key: str, seats: int, priced: Priced
) -> Order:
    return Order(
        form_key=form_key,
        course_house_id=course.course_house_id,
        course=course,
        municipality=municipality,
        price_id=priced.price.id,
        discount_code=priced.code,
        name=details.name,
        email=addresses.check(details.email),
        phone=details.phone,
        language=details.language,
        seats=seats,
        months=priced.months,
        currency=priced.quote.currency,
        lines=[line.as_json() for line in priced.quote.lines],
        net_minor=priced.quote.net_minor,
        vat_minor=priced.quote.vat_minor,
        total_minor=priced.quote.total_minor,
        pay_by=details.pay_by,
        gln=details.gln,
        buyer_reference=details.buyer_reference,
        order_number=details.order_number,
        closed_reason="",
        invoice_problem="",
        placed_at=clock.now(),
    )


def _promise_duty(order: Order, priced: Priced) -> None:
    duty = duty_of(priced)
    if duty is None:
        return
    share, months = duty
    begins = order.starts_on or clock.today(order.municipality.country)
    order.duty_share, order.duty_due_on = share, after_months(begins, months)


def _ask_or_confirm(session: Session, tokens: Tokens, order: Order, person: Person | None) -> Order:
    """Confirm the order of whoever is signed in with its address; ask others by a letter."""
    wanted = addresses.normalise(order.email)
    if person is not None and any(each.normalised == wanted and each.confirmed_at for each in person.addresses):
        session.flush()  # the audit event and the code's use name its id
        _confirm(session, order, person)
        return order
    minted = tokens.mint(CONFIRM_PURPOSE)
    order.confirm_token_hash = minted.token_hash
    session.flush()  # the letter tells its id
    emails.confirm_order(session, order=order, purpose=CONFIRM_PURPOSE, token=minted)
    return order


def _confirm(session: Session, order: Order, person: Person) -> None:
    """Note whose order it is, take its code, and accept it when its sender may order for the municipality."""
    session.flush()
    if order.discount_code is not None:
        place = place_for(
            session, order.discount_code, course=order.course, municipality=order.municipality, seats=order.seats
        )
        code_uses.take(session, order=order, code=order.discount_code, place=place)
    order.person, order.confirmed_at = person, clock.now()
    session.flush()
    record_event(session, CONFIRMED, order, person.id)
    if may_order(session, order, person):
        accept(session, order, by_id=None)
    else:
        emails.order_waits(session, order=order)


def _size_of(order: Order) -> dict[str, object]:
    return {
        "seats": order.seats,
        "total_minor": order.total_minor,
        "currency": order.currency,
        "pay_by": str(order.pay_by),
    }
