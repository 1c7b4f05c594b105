"""What happens to a seat while somebody holds it, until it is free again."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.licensing.errors import SeatNotHeld
from elearn.licensing.models import Invitation, Seat, SeatChange
from elearn.licensing.seat_rows.noting import note
from elearn.licensing.seat_rows.values import sort_name, valid_until

EMPTY: dict[str, Any] = {
    "person_id": None,
    "invited_at": None,
    "holds_until": None,
    "claimed_at": None,
    "first_used_at": None,
    "valid_until": None,
    "department_id": None,
    "sector": None,
    "sort_name": None,
    "reminders": 0,
    "wants_no_reminders": False,
}
PLACED = audit.kind("licensing.seat.placed", "seat_id", "person_id", "department_id")


def renew(session: Session, seat: Seat, *, holds_until: date, by_id: int) -> None:
    """Let a new invitation hold a locked seat afresh; the one before it is dead. Raises `SeatNotHeld`."""
    _change(
        session,
        seat,
        SeatChange.INVITED,
        {"invited_at": clock.now(), "holds_until": holds_until, "reminders": 0},
        by_id=by_id,
        guard=Seat.claimed_at.is_(None),
    )
    close_invitations(session, seat.id)


def claim(session: Session, seat: Seat, *, by_id: int) -> None:
    """Make a locked seat the invited person's own. Raises `SeatNotHeld`."""
    _change(
        session,
        seat,
        SeatChange.CLAIMED,
        {"claimed_at": clock.now(), "holds_until": None, "reminders": 0, "valid_until": valid_until(seat.licence)},
        by_id=by_id,
        guard=Seat.claimed_at.is_(None),
    )
    close_invitations(session, seat.id)


def use(session: Session, seat: Seat) -> None:
    """Note the first use of a locked seat; later ones change nothing. Raises `SeatNotHeld`."""
    if seat.first_used_at is None:
        _change(
            session,
            seat,
            SeatChange.USED,
            {"first_used_at": clock.now()},
            by_id=seat.person_id,
            guard=Seat.claimed_at.is_not(None),
        )


def empty(session: Session, seat: Seat, what: SeatChange, *, by_id: int | None) -> None:
    """Free a locked seat and kill its open invitation. What the person watched is untouched. Raises `SeatNotHeld`."""
    kept = {
        "after_use": seat.first_used_at is not None,
        "department_id": seat.department_id,
        "sector": seat.sector,
    }
    if what is SeatChange.LEFT:
        kept = {}  # nobody chose to hand it over, and nothing is put back
    _change(session, seat, what, EMPTY, by_id=by_id, kept=kept)
    close_invitations(session, seat.id)


def place(session: Session, seats: Iterable[Seat], department_id: int | None, *, by_id: int | None) -> None:
    """Say where the holders of locked seats work from now on."""
    for seat in seats:
        seat.department_id = department_id
        audit.record(
            session,
            PLACED,
            actor_id=by_id,
            municipality_id=seat.licence.municipality_id,
            course_house_id=seat.licence.course.course_house_id,
            seat_id=seat.id,
            person_id=seat.person_id,
            department_id=department_id,
        )
    session.flush()


def remind(session: Session, seat: Seat, *, times: int) -> None:
    """Note how many reminders of a locked seat's open invitation are done with."""
    seat.reminders = times
    session.flush()


def want_no_reminders(session: Session, seat: Seat) -> None:
    """Note that whoever a locked seat is held for wants no reminders."""
    seat.wants_no_reminders = True
    session.flush()


def rename_holder(session: Session, *, person_id: int, name: str) -> None:
    """Let the lists be in the order of a person's new name."""
    session.execute(update(Seat).where(Seat.person_id == person_id).values(sort_name=sort_name(name)))


def close_invitations(session: Session, seat_id: int) -> None:
    """Kill a seat's open invitation, if it has one."""
    session.execute(
        update(Invitation)
        .where(Invitation.seat_id == seat_id, Invitation.answered_at.is_(None))
        .values(answered_at=clock.now())
    )


def _change(
    session: Session,
    seat: Seat,
    what: SeatChange,
    values: dict[str, Any],
    *,
    by_id: int | None,
    guard: Any = None,
    kept: dict[str, Any] | None = None,
) -> None:
    """Change a seat that is still the same person's, and note it. Raises `SeatNotHeld`."""
    person_id = seat.person_id
    if person_id is None:
        raise SeatNotHeld
    statement = update(Seat).where(Seat.id == seat.id, Seat.person_id == person_id)
    if guard is not None:
        statement = statement.where(guard)
    changed = session.scalar(statement.values(**values).returning(Seat.id).execution_options(synchronize_session=False))
    if changed is None:
        raise SeatNotHeld
    note(session, seat.id, seat.licence, what, person_id=person_id, by_id=by_id, kept=kept)
    session.refresh(seat)
