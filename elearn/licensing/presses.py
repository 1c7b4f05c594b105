"""Seats that were taken back by one press of a button: two lines of history name it, however many they are.

The ids of some hundred seats make an address too long for nginx.
"""

import re

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.core.scope import OperatorScope
from elearn.licensing.models import FREE, Seat, SeatChange, SeatEvent
from elearn.licensing.scoping import within

_SHAPE = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


def press_of(session: Session, seat_ids: list[int]) -> str:
    """Return what names the press that took seats back just now: the first and the last line of their history."""
    newest = (
        select(func.max(SeatEvent.id).label("id")).where(SeatEvent.seat_id.in_(seat_ids)).group_by(SeatEvent.seat_id)
    )
    lines = newest.subquery()
    first, last = session.execute(select(func.min(lines.c.id), func.max(lines.c.id))).one()
    return f"{first}-{last}"


def free_seats_of(session: Session, scope: OperatorScope, licence_id: int, press: str, *, most: int) -> list[Seat]:
    """Return which of the seats of a licence that the operator took back by a press are free now; none for nonsense.

    Taking back locks the licence, so no seat of another press stands between the first and the last line.
    """
    named = _SHAPE.fullmatch(press)
    if named is None:
        return []
    released = select(SeatEvent.seat_id).where(
        SeatEvent.id.between(int(named[1]), int(named[2])),
        SeatEvent.what == SeatChange.RELEASED,
        SeatEvent.by_id == scope.person_id,
    )
    found = select(Seat).join(Seat.licence).where(within(scope), Seat.licence_id == licence_id, FREE)
    return list(session.scalars(found.where(Seat.id.in_(released)).order_by(Seat.id).limit(most)))
