"""Free seats: adding them, filling one or many, and giving one back to whoever held it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.licensing import request_rows
from elearn.licensing.errors import AlreadySeated, NoFreeSeat, NotEnoughSeats, SeatNotHeld
from elearn.licensing.history import Holding
from elearn.licensing.models import FREE, Licence, Seat, SeatChange, SeatEvent
from elearn.licensing.seat_rows.locks import lock_licence
from elearn.licensing.seat_rows.noting import note, note_many
from elearn.licensing.seat_rows.values import Placing, sort_name, valid_until
from elearn.organisations.models import Department


def add(session: Session, *, licence_id: int, number: int) -> None:
    """Give a licence that many free seats."""
    session.execute(insert(Seat), [{"licence_id": licence_id}] * number)
    session.execute(update(Licence).where(Licence.id == licence_id).values(size=Licence.size + number))


def withdraw(session: Session, *, licence_id: int, number: int) -> None:
    """Take that many free seats out of a licence, the newest first. Raises `NotEnoughSeats` and takes none."""
    lock_licence(session, licence_id)
    free = session.scalars(
        select(Seat.id)
        .where(Seat.licence_id == licence_id, FREE)
        .order_by(Seat.id.desc())
        .limit(number)
        .with_for_update()
    ).all()
    if len(free) < number:
        raise NotEnoughSeats(wanted=number, free=len(free))
    session.execute(update(Seat), [{"id": seat_id, "withdrawn_at": clock.now()} for seat_id in free])
    session.execute(update(Licence).where(Licence.id == licence_id).values(size=Licence.size - number))


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
    """Take one free seat of a licence for an invited person: any, or a certain one that is locked already.

    Whoever locked a certain one may not wait for its licence any more, and need not: nobody else waits for that seat
    with a request in hand. With `not_since` none that was taken back since then. Raises `AlreadySeated`, `NoFreeSeat`.
    """
    if _has_seat(session, licence.id, person.id):
        raise AlreadySeated
    now = clock.now()
    try:
        with session.begin_nested():
            if seat_id is None:
                _wait_no_more(session, licence.id, [person.id], by_id=by_id)
            else:
                request_rows.close(session, licence.id, [person.id], by_id=by_id)
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
    note(session, filled_id, licence, SeatChange.INVITED, person_id=person.id, by_id=by_id)
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
    if not people:
        return {}
    lock_licence(session, licence.id)
    _wait_no_more(session, licence.id, [person_id for person_id, _name, _placing in people], by_id=by_id)
    free = session.scalars(
        select(Seat.id)
        .where(Seat.licence_id == licence.id, FREE)
        .order_by(Seat.id)
        .limit(len(people))
        .with_for_update()
    ).all()
    if len(free) < len(people):
        raise NotEnoughSeats(wanted=len(people), free=len(free))
    taken: dict[str, Any] = {"invited_at": clock.now(), "holds_until": holds_until}
    if holds_until is None:
        taken |= {"claimed_at": clock.now(), "valid_until": valid_until(licence)}
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
        note_many(session, licence, what, given, by_id=by_id)
    return given


def restore(session: Session, seat: Seat, holding: Holding, *, by_id: int | None) -> None:
    """Give a free seat, locked after its licence, back to whoever held it.

    Raises `AlreadySeated`, `SeatNotHeld` when it is not free.
    """
    person = session.get_one(Person, holding.person_id)
    released = session.scalars(
        select(SeatEvent).where(SeatEvent.seat_id == seat.id).order_by(SeatEvent.id.desc()).limit(1)
    ).one()
    still_there = select(Department.id).where(Department.id == released.department_id).scalar_subquery()
    claimed_on = clock.day_of(holding.claimed_at, seat.licence.municipality.country) if holding.claimed_at else None
    try:
        with session.begin_nested():
            _wait_no_more(session, seat.licence_id, [holding.person_id], by_id=by_id)
            given = session.scalar(
                update(Seat)
                .where(Seat.id == seat.id, FREE)
                .values(
                    person_id=holding.person_id,
                    invited_at=holding.invited_at,
                    claimed_at=holding.claimed_at,
                    first_used_at=holding.first_used_at,
                    valid_until=valid_until(seat.licence, claimed_on),
                    department_id=still_there,
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
    note(session, seat.id, seat.licence, SeatChange.RESTORED, person_id=holding.person_id, by_id=by_id, kept=kept)
    session.refresh(seat)


def _wait_no_more(session: Session, licence_id: int, person_ids: Collection[int], *, by_id: int | None) -> None:
    """Close the requests of people who are to get a seat, any that is free; before one is locked."""
    if request_rows.is_any_open(session, licence_id, person_ids):
        lock_licence(session, licence_id)
        request_rows.close(session, licence_id, person_ids, by_id=by_id)


def _choice(seat_id: int | None, not_since: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if seat_id is not None:
        conditions.append(Seat.id == seat_id)
    if not_since is not None:
        released = (SeatEvent.what == SeatChange.RELEASED, SeatEvent.at > not_since)
        conditions.append(~exists().where(SeatEvent.seat_id == Seat.id, *released))
    return conditions


def _fill_a_free_one(
    session: Session, licence_id: int, choice: list[ColumnElement[bool]], values: dict[str, Any]
) -> int:
    """Fill one free row and return its id. Raises `NoFreeSeat`.

    PostgreSQL takes the first free row that nobody else holds. When all free ones are held, somebody may still let
    go of one, so it looks once more, waiting for each under the licence's lock, before it says no. On SQLite the
    transaction holds the write lock, and the first look is the truth.
    """
    free = select(Seat.id).where(Seat.licence_id == licence_id, FREE, *choice).order_by(Seat.id).limit(1)
    with session.begin_nested() as look:
        seat_id = _fill(session, free.with_for_update(skip_locked=True), values)
        if seat_id is None:
            # PostgreSQL keeps the lock of a row that turned out to be taken; whoever has the licence may wait for it.
            look.rollback()
    if seat_id is None:
        lock_licence(session, licence_id)
        # A row that was taken while it was waited for is no answer yet, as long as another is free.
        while seat_id is None and session.scalar(select(exists(free))):
            seat_id = _fill(session, free.with_for_update(), values)
    if seat_id is None:
        raise NoFreeSeat
    return seat_id


def _fill(session: Session, free: Select[int], values: dict[str, Any]) -> int | None:
    return session.scalar(
        update(Seat)
        .where(Seat.id == free.scalar_subquery(), FREE)
        .values(**values)
        .returning(Seat.id)
        .execution_options(synchronize_session=False)
    )


def _has_seat(session: Session, licence_id: int, person_id: int) -> bool:
    held = select(Seat.id).where(Seat.licence_id == licence_id, Seat.person_id == person_id)
    return session.scalar(held) is not None
