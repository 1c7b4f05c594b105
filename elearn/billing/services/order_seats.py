"""The seats that follow an order, and those that are taken back."""

import calendar
from datetime import date, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from elearn.billing import emails
from elearn.billing.errors import SeatsInUse, SeatsNotWanted
from elearn.billing.models import Order
from elearn.billing.order_rows import record_event, seats_left
from elearn.core import audit, clock
from elearn.licensing.errors import NotEnoughSeats
from elearn.licensing.models import Licence
from elearn.licensing.services import add_seats, grant_licence, withdraw_seats

SEATS_GIVEN = audit.kind("billing.order.seats_given", "order_id", "licence_id", "seats")


def give_seats(session: Session, order: Order, *, by_id: int | None) -> None:
    """Give an accepted order the seats that were not credited, once.

    Raises `SeatsNotWanted`, and `WrongNumberOfSeats` from licensing.
    """
    given = session.scalar(
        update(Order)
        .where(Order.id == order.id, Order.seats_given_at.is_(None))
        .where(Order.accepted_at.is_not(None), Order.cancelled_at.is_(None))
        .values(seats_given_at=clock.now())
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    )
    if given is None:
        return
    seats = seats_left(session, order)
    licence = _licence_for(session, order, seats, by_id=by_id)
    session.execute(
        update(Order)
        .where(Order.id == order.id)
        .values(licence_id=licence.id)
        .execution_options(synchronize_session=False)
    )
    session.refresh(order)
    record_event(session, SEATS_GIVEN, order, by_id, licence_id=licence.id, seats=seats)
    emails.seats_ready(session, order=order, licence=licence, seats=seats)


def take_back_seats(session: Session, order: Order, seats: int, *, by_id: int | None) -> None:
    """Take unused seats of an order's licence back. Raises `SeatsInUse` and takes none."""
    assert order.licence is not None
    try:
        withdraw_seats(session, licence=order.licence, seats=seats, by_id=by_id)
    except NotEnoughSeats as refused:
        raise SeatsInUse(refused.free) from None


def after_months(first: date, months: int) -> date:
    """Return the last day of a term of whole months: a year from 1 March ends on the last of February.

    Where the last month lacks the day it began on, the term lasts to the month's end.
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    days = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, days) if first.day > days else date(year, month + 1, first.day) - timedelta(days=1)


def _licence_for(session: Session, order: Order, seats: int, *, by_id: int | None) -> Licence:
    if order.adds_to is not None:
        if order.adds_to.has_ended:
            raise SeatsNotWanted
        add_seats(session, licence=order.adds_to, seats=seats, by_id=by_id)
        return order.adds_to
    starts_on = max(order.starts_on or date.min, clock.today(order.municipality.country))
    return grant_licence(
        session,
        house=order.course_house,
        course=order.course,
        municipality=order.municipality,
        seats=seats,
        starts_on=starts_on,
        ends_on=after_months(starts_on, order.months),
        reason=f"#{order.id}",
        by_id=by_id,
        previous=session.get(Licence, order.renews_id) if order.renews_id else None,
    )
