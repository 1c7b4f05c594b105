"""Seats that people have: using one, taking it back and undoing that, moving its holder, leaving."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import case, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, OperatorScope
from elearn.jobs.queue import enqueue
from elearn.licensing import history, seat_rows
from elearn.licensing.errors import HandoversUsedUp, SeatNotHeld, TooLateToUndo
from elearn.licensing.history import Holding
from elearn.licensing.models import Licence, Seat, SeatChange, SeatEvent, SeatState
from elearn.licensing.queries import is_somebody_in_line
from elearn.licensing.scoping import within
from elearn.licensing.services.leaving import undo_leaving
from elearn.organisations.models import Membership, Role
from elearn.organisations.queries import department
from elearn.organisations.services import add_member, work_only_in

UNDO_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Freed:
    """A seat that was taken back or given up."""

    seat: Seat
    person_id: int
    was: SeatState
    """What it was before: invited or claimed."""


def use_seat(session: Session, *, seat_id: int) -> None:
    """Note that a seat is used, the first time; licensing decides by it what 'unused' means."""
    seat = seat_rows.lock(session, seat_id)
    if seat is not None and seat.state is SeatState.CLAIMED:
        seat_rows.use(session, seat)


def take_back_seat(
    session: Session, *, scope: OperatorScope, seat_id: int, by_id: int | None, person_id: int | None = None
) -> Freed:
    """Free a seat: claimed, or held by an invitation. What was watched stays the person's.

    A seat that was used may be taken back as often as the licence's terms allow. With `person_id` only from that
    person: a second press must not hit whoever got the seat meanwhile. Raises `NotFound`, `SeatNotHeld`,
    `HandoversUsedUp`.
    """
    seat = _seat_after_licence(session, scope, seat_id)  # of two that take the last allowed one back, one sees it
    holder, was = seat.person_id, seat.state
    if holder is None or person_id not in (None, holder):
        raise SeatNotHeld
    if seat.first_used_at is not None and handovers_left(session, seat.licence) <= 0:
        raise HandoversUsedUp
    seat_rows.empty(session, seat, SeatChange.RELEASED, by_id=by_id)
    serve_line_later(session, seat.licence, delay=UNDO_LIFE)
    return Freed(seat, holder, was)


def handovers_left(session: Session, licence: Licence) -> int:
    """Return how many used seats of a licence may still change hands."""
    return licence.handovers_allowed - handovers_used(session, licence)


def handovers_used(session: Session, licence: Licence) -> int:
    """Return how many used seats of a licence have been taken back, those undone aside; from the history."""
    counted = case((SeatEvent.what == SeatChange.RESTORED, -1), else_=1)
    return (
        session.scalar(
            select(func.sum(counted))
            .join(Seat, Seat.id == SeatEvent.seat_id)
            .where(Seat.licence_id == licence.id, SeatEvent.after_use)
        )
        or 0
    )


def undo_take_back(session: Session, *, scope: OperatorScope, seat_id: int, by_id: int) -> Seat:
    """Give a seat that was taken back within the last 10 minutes to whoever had claimed it, as it was.

    Raises `NotFound`, `TooLateToUndo`, `AlreadySeated` when the person has got another seat of the licence.
    """
    seat = _seat_after_licence(session, scope, seat_id)
    holding = undoable(session, seat)
    if holding is None:
        raise TooLateToUndo
    restore(session, seat, holding, by_id=by_id)
    return seat


def restore(session: Session, seat: Seat, holding: Holding, *, by_id: int) -> None:
    """Give a locked seat back to whoever had claimed it; if they were noted as having left since, they have not.

    Raises `AlreadySeated`, `SeatNotHeld`.
    """
    seat_rows.restore(session, seat, holding, by_id=by_id)
    undo_leaving(
        session,
        municipality=seat.licence.municipality,
        person_id=holding.person_id,
        since=clock.now() - UNDO_LIFE,
        by_id=by_id,
    )


def undoable(session: Session, seat: Seat) -> Holding | None:
    """Return the holding that undoing would bring back, or None when there is nothing to undo any more."""
    return undoable_among(session, [seat]).get(seat.id)


def undoable_among(session: Session, seats: Iterable[Seat]) -> dict[int, Holding]:
    """Return by seat the holdings that undoing would bring back; one query for all of them."""
    events: dict[int, list[SeatEvent]] = {seat.id: [] for seat in seats if seat.person_id is None}
    for event in session.scalars(select(SeatEvent).where(SeatEvent.seat_id.in_(events)).order_by(SeatEvent.id)):
        events[event.seat_id].append(event)
    since = clock.now() - UNDO_LIFE
    found = {seat_id: history.undoable(mine, since=since) for seat_id, mine in events.items()}
    return {seat_id: holding for seat_id, holding in found.items() if holding is not None}


def free_for_good(session: Session, seat_ids: Iterable[int], *, by_id: int | None) -> int:
    """Free seats whose holders leave: with their account, or with their municipality; return how many.

    It is nobody's choice to hand a seat over, so it is not counted as one, and it cannot be undone.
    """
    freed = 0
    for seat_id in sorted(seat_ids):
        seat = seat_rows.lock(session, seat_id)
        if seat is not None and seat.person_id is not None:
            seat_rows.empty(session, seat, SeatChange.LEFT, by_id=by_id)
            serve_line_later(session, seat.licence)
            freed += 1
    return freed


def place_seats(
    session: Session, *, scope: MunicipalityScope, seat_ids: Iterable[int], department_id: int | None, by_id: int
) -> int:
    """Move the holders of seats to a department of the municipality; return how many.

    Raises `NotFound` for a department that is not the municipality's; seats that are not are left out.
    """
    if department_id is not None and department(session, scope, department_id) is None:
        raise NotFound("no such department")
    mine = session.scalars(
        select(Seat.id).where(Seat.id.in_(list(seat_ids)), Seat.licence.has(within(scope)), Seat.person_id.is_not(None))
    )
    seats = seat_rows.lock_several(session, mine.all())
    seat_rows.place(session, seats, department_id, by_id=by_id)
    for seat in seats:
        if seat.claimed_at is not None and seat.person is not None and not _has_left(session, seat):
            membership = make_learner(session, seat.person, seat, by_id=by_id)
            work_only_in(session, membership, _departments_of(session, seat))
    return len(seats)


def _has_left(session: Session, moved: Seat) -> bool:
    """Say whether a seat is over, and whoever had claimed it is no learner of the municipality any more."""
    municipality = moved.licence.municipality
    works_here = select(Membership.id).where(
        Membership.person_id == moved.person_id,
        Membership.municipality_id == municipality.id,
        Membership.role == Role.LEARNER,
        Membership.ended_at.is_(None),
    )
    return moved.last_day < clock.today(municipality.country) and session.scalar(works_here) is None


def _departments_of(session: Session, moved: Seat) -> set[int]:
    """Return where a seat's holder works by the seats they have claimed: this one, and others that are not over."""
    municipality = moved.licence.municipality
    is_over = func.coalesce(Seat.valid_until, Licence.ends_on) < clock.today(municipality.country)
    found = (
        select(Seat.department_id)
        .join(Seat.licence)
        .where(Seat.person_id == moved.person_id, Seat.claimed_at.is_not(None), Seat.department_id.is_not(None))
        .where(Licence.municipality_id == municipality.id, or_(Seat.id == moved.id, ~is_over))
    )
    return {department_id for department_id in session.scalars(found) if department_id is not None}


def serve_line_later(session: Session, licence: Licence, *, delay: timedelta = timedelta(0)) -> None:
    """Have whoever stands first in line invited to the seat that has become free, after the commit."""
    if licence.has_waiting_line and is_somebody_in_line(session, licence.id):
        enqueue(session, "licensing.serve_line", delay_s=int(delay.total_seconds()), licence_id=licence.id)


def make_learner(session: Session, person: Person, seat: Seat, *, by_id: int | None) -> Membership:
    """Make the holder of a seat a learner of the municipality, where the seat says that they work."""

    def join() -> Membership:
        return add_member(
            session,
            person=person,
            municipality=seat.licence.municipality,
            role=Role.LEARNER,
            by_id=by_id,
            sector=seat.sector,
            department_id=seat.department_id,
        )

    try:
        with session.begin_nested():
            return join()
    except IntegrityError:  # the person accepted two invitations in the same moment
        return join()


def seat_within(session: Session, scope: OperatorScope, seat_id: int) -> Seat:
    """Return a seat that an operator manages, locked. Raises `NotFound`."""
    seat = seat_rows.lock_within(session, seat_id, scope)
    if seat is None:
        raise NotFound("no such seat")
    return seat


def _seat_after_licence(session: Session, scope: OperatorScope, seat_id: int) -> Seat:
    """Return a seat that an operator manages, locked after its licence. Raises `NotFound`."""
    licence_id = session.scalar(select(Seat.licence_id).where(Seat.id == seat_id, Seat.licence.has(within(scope))))
    if licence_id is None:
        raise NotFound("no such seat")
    seat_rows.lock_licence(session, licence_id)
    return seat_within(session, scope, seat_id)
