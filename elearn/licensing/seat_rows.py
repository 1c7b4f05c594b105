"""The seat rows. Whatever changes one is a function here, and writes its line of history and audit with it.

docs/rules/seats.md tells the rules. Nobody else may write to `seats`, `seat_events` or an invitation's
`answered_at`; a test looks for it. Rows are locked in one order: licence, seat, invitation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.scope import OperatorScope
from elearn.licensing.errors import AlreadySeated, NoFreeSeat, NotEnoughSeats, SeatNotHeld
from elearn.licensing.history import Holding
from elearn.licensing.models import Invitation, Licence, Seat, SeatChange, SeatEvent
from elearn.licensing.scoping import within

AUDITED = {what: audit.kind(f"licensing.seat.{what}", "licence_id", "seat_id", "person_id") for what in SeatChange}
PLACED = audit.kind("licensing.seat.placed", "seat_id", "person_id", "department_id")
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


@dataclass(frozen=True)
class Placing:
    """Where the holder of a seat works, as whoever gave it said."""

    department_id: int | None = None
    sector: str | None = None


def add(session: Session, *, licence_id: int, number: int) -> None:
    """Give a licence that many free seats."""
    session.execute(insert(Seat), [{"licence_id": licence_id}] * number)
    session.execute(update(Licence).where(Licence.id == licence_id).values(size=Licence.size + number))


def reserve(
    session: Session,
    *,
    licence: Licence,
    person: Person,
    holds_until: date,
    by_id: int | None,
    placing: Placing,
    seat_id: int | None = None,
    not_since: datetime | None = None,
) -> Seat:
    """Take one free seat of a licence for an invited person: any, or a certain one.

    With `not_since` none that was taken back since then. Raises `AlreadySeated`, `NoFreeSeat`.
    """
    if _has_seat(session, licence.id, person.id):
        raise AlreadySeated
    now = clock.now()
    try:
        with session.begin_nested():
            filled_id = _fill_a_free_one(
                session,
                licence.id,
                _choice(seat_id, not_since),
                {
                    "person_id": person.id,
                    "invited_at": now,
                    "holds_until": holds_until,
                    "department_id": placing.department_id,
                    "sector": placing.sector,
                    "sort_name": sort_name(person.name),
                },
            )
    except IntegrityError:
        # Somebody invited the same person in the same moment: the unique index let one of the two through.
        if _has_seat(session, licence.id, person.id):
            raise AlreadySeated from None
        raise
    _note(session, filled_id, licence, SeatChange.INVITED, person_id=person.id, by_id=by_id)
    return session.get_one(Seat, filled_id, populate_existing=True)


def reserve_many(
    session: Session,
    *,
    licence: Licence,
    people: Sequence[tuple[int, str, Placing]],
    holds_until: date | None,
    by_id: int | None,
) -> dict[int, int]:
    """Take a free seat for each of many people (id, name, where), or for none; returns seat ids by person.

    They are invited until a day; without one the seats are theirs at once. None of them has a seat of the licence yet.
    Raises `NotEnoughSeats`.
    """
    session.execute(select(Licence.id).where(Licence.id == licence.id).with_for_update(key_share=True))
    free = session.scalars(
        select(Seat.id)
        .where(Seat.licence_id == licence.id, Seat.person_id.is_(None))
        .order_by(Seat.id)
        .limit(len(people))
        .with_for_update()
    ).all()
    if len(free) < len(people):
        raise NotEnoughSeats(wanted=len(people), free=len(free))
    taken: dict[str, Any] = {"invited_at": clock.now(), "holds_until": holds_until}
    if holds_until is None:
        taken |= {"claimed_at": clock.now(), "valid_until": _valid_until(licence)}
    session.execute(
        update(Seat),
        [
            {
                "id": seat_id,
                "person_id": person_id,
                **taken,
                "department_id": placing.department_id,
                "sector": placing.sector,
                "sort_name": sort_name(name),
            }
            for seat_id, (person_id, name, placing) in zip(free, people, strict=True)
        ],
    )
    given = {person_id: seat_id for seat_id, (person_id, _name, _placing) in zip(free, people, strict=True)}
    for what in (SeatChange.INVITED,) if holds_until else (SeatChange.INVITED, SeatChange.CLAIMED):
        _note_many(session, licence, what, given, by_id=by_id)
    return given


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
        {"claimed_at": clock.now(), "holds_until": None, "reminders": 0, "valid_until": _valid_until(seat.licence)},
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


def restore(session: Session, seat: Seat, holding: Holding, *, by_id: int | None) -> None:
    """Give a locked free seat back to whoever held it. Raises `AlreadySeated`, `SeatNotHeld` when it is not free."""
    person = session.get_one(Person, holding.person_id)
    released = session.scalars(
        select(SeatEvent).where(SeatEvent.seat_id == seat.id).order_by(SeatEvent.id.desc()).limit(1)
    ).one()
    claimed_on = clock.day_of(holding.claimed_at, seat.licence.municipality.country) if holding.claimed_at else None
    try:
        with session.begin_nested():
            given = session.scalar(
                update(Seat)
                .where(Seat.id == seat.id, Seat.person_id.is_(None))
                .values(
                    person_id=holding.person_id,
                    invited_at=holding.invited_at,
                    claimed_at=holding.claimed_at,
                    first_used_at=holding.first_used_at,
                    valid_until=_valid_until(seat.licence, claimed_on),
                    department_id=released.department_id,
                    sector=released.sector,
                    sort_name=sort_name(person.name),
                )
                .returning(Seat.id)
                .execution_options(synchronize_session=False)
            )
    except IntegrityError:
        raise AlreadySeated from None
    if given is None:
        raise SeatNotHeld
    kept = {"after_use": released.after_use}
    _note(session, seat.id, seat.licence, SeatChange.RESTORED, person_id=holding.person_id, by_id=by_id, kept=kept)
    session.refresh(seat)


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


def sort_name(name: str) -> str:
    """Return what lists are sorted by."""
    return name.lower()


def handovers_used(session: Session, licence_id: int) -> int:
    """Return how many used seats of a licence have been taken back, those undone aside; from the history."""
    counted = case((SeatEvent.what == SeatChange.RESTORED, -1), else_=1)
    return (
        session.scalar(
            select(func.sum(counted))
            .join(Seat, Seat.id == SeatEvent.seat_id)
            .where(Seat.licence_id == licence_id, SeatEvent.after_use)
        )
        or 0
    )


def lock(session: Session, seat_id: int) -> Seat | None:
    """Return a seat as it is now, locked until the transaction ends, with its licence, course and municipality."""
    return session.scalar(_locked().where(Seat.id == seat_id))


def lock_within(session: Session, seat_id: int, scope: OperatorScope) -> Seat | None:
    """Return a seat that an operator manages as `lock` does, or None."""
    return session.scalar(_locked().where(Seat.id == seat_id, Seat.licence.has(within(scope))))


def lock_licence(session: Session, licence_id: int) -> None:
    """Lock a licence until the transaction ends; before any of its seats, always.

    Without its key: changing a seat twice in a transaction makes PostgreSQL look at the licence's key again, and
    whoever waits for that seat under a full lock would then wait for the one it blocks.
    """
    session.execute(select(Licence.id).where(Licence.id == licence_id).with_for_update(key_share=True))


def lock_several(session: Session, seat_ids: Iterable[int]) -> list[Seat]:
    """Return seats as `lock` does, in the one order; those somebody else is changing are left out."""
    statement = _seats().with_for_update(of=Seat, skip_locked=True).where(Seat.id.in_(list(seat_ids)))
    return list(session.scalars(statement.order_by(Seat.id)))


def close_invitations(session: Session, seat_id: int) -> None:
    """Kill a seat's open invitation, if it has one."""
    session.execute(
        update(Invitation)
        .where(Invitation.seat_id == seat_id, Invitation.answered_at.is_(None))
        .values(answered_at=clock.now())
    )


def _choice(seat_id: int | None, not_since: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if seat_id is not None:
        conditions.append(Seat.id == seat_id)
    if not_since is not None:
        recent = select(SeatEvent.seat_id).where(SeatEvent.what == SeatChange.RELEASED, SeatEvent.at > not_since)
        conditions.append(Seat.id.not_in(recent))
    return conditions


def _fill_a_free_one(
    session: Session, licence_id: int, choice: list[ColumnElement[bool]], values: dict[str, Any]
) -> int:
    """Fill one free row and return its id. Raises `NoFreeSeat`.

    PostgreSQL takes the first free row that nobody else holds. When all free ones are held, somebody may still let
    go of one, so it looks once more, waiting for each under the licence's lock, before it says no. On SQLite the
    transaction holds the write lock, and the first look is the truth.
    """
    free = (
        select(Seat.id)
        .where(Seat.licence_id == licence_id, Seat.person_id.is_(None), *choice)
        .order_by(Seat.id)
        .limit(1)
    )
    with session.begin_nested() as look:
        seat_id = _fill(session, free.with_for_update(skip_locked=True), values)
        if seat_id is None:
            # PostgreSQL keeps the lock of a row that turned out to be taken; whoever has the licence may wait for it.
            look.rollback()
    if seat_id is None:
        session.execute(select(Licence.id).where(Licence.id == licence_id).with_for_update(key_share=True))
        # A row that was taken while it was waited for is no answer yet, as long as another is free.
        while seat_id is None and session.scalar(select(exists(free))):
            seat_id = _fill(session, free.with_for_update(), values)
    if seat_id is None:
        raise NoFreeSeat
    return seat_id


def _fill(session: Session, free: Select[int], values: dict[str, Any]) -> int | None:
    return session.scalar(
        update(Seat)
        .where(Seat.id == free.scalar_subquery(), Seat.person_id.is_(None))
        .values(**values)
        .returning(Seat.id)
        .execution_options(synchronize_session=False)
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
    _note(session, seat.id, seat.licence, what, person_id=person_id, by_id=by_id, kept=kept)
    session.refresh(seat)


def _valid_until(licence: Licence, claimed_on: date | None = None) -> date | None:
    """Return the last day of a seat claimed on a day, today by default; None when it lasts as long as its licence.

    Its days begin with the licence when it was claimed before.
    """
    if licence.seat_days is None:
        return None
    first = max(claimed_on or clock.today(licence.municipality.country), licence.starts_on)
    return first + timedelta(days=licence.seat_days - 1)


def _note(
    session: Session,
    seat_id: int,
    licence: Licence,
    what: SeatChange,
    *,
    person_id: int,
    by_id: int | None,
    kept: dict[str, Any] | None = None,
) -> None:
    session.add(SeatEvent(seat_id=seat_id, person_id=person_id, what=what, by_id=by_id, at=clock.now(), **(kept or {})))
    audit.record(
        session,
        AUDITED[what],
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
        licence_id=licence.id,
        seat_id=seat_id,
        person_id=person_id,
    )


def _note_many(
    session: Session, licence: Licence, what: SeatChange, given: dict[int, int], *, by_id: int | None
) -> None:
    """Write the history and the trail of many seats of a licence, by person."""
    at = clock.now()
    session.execute(
        insert(SeatEvent),
        [
            {"seat_id": seat_id, "person_id": person_id, "what": what, "by_id": by_id, "at": at}
            for person_id, seat_id in given.items()
        ],
    )
    audit.record_many(
        session,
        AUDITED[what],
        [
            {"licence_id": licence.id, "seat_id": seat_id, "person_id": person_id}
            for person_id, seat_id in given.items()
        ],
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
    )


def _has_seat(session: Session, licence_id: int, person_id: int) -> bool:
    held = select(Seat.id).where(Seat.licence_id == licence_id, Seat.person_id == person_id)
    return session.scalar(held) is not None


def _seats() -> Select[Seat]:
    return (
        select(Seat)
        .options(
            joinedload(Seat.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)),
            joinedload(Seat.person),
        )
        .execution_options(populate_existing=True)
    )


def _locked() -> Select[Seat]:
    return _seats().with_for_update(of=Seat)
