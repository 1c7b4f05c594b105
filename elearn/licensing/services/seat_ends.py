"""Telling learners that their own seat ends soon, where a licence counts a seat's days from when it was accepted."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.licensing import emails
from elearn.licensing.models import Licence, LicenceWarning, Seat
from elearn.licensing.queries import by_country, runs_today
from elearn.licensing.warning_stages import SEAT_DAYS, days_stage
from elearn.organisations.queries import operators

BATCH = 200
ABOUT_SEATS = "seat:"
"""How the notes of what holders were told begin, among a licence's warnings."""


def tell_of_ends(session: Session, *, after: int) -> int | None:
    """Write to the next whose seat ends within 30 or 7 days, each stage once; seats are taken in the order of ids.

    Not to whoever has another seat in the course that lasts longer. Returns the id to go on after, or None when there
    are no more.
    """
    seats = _ending(session, after)
    told = _told(session, seats)
    due = [(seat, stage) for seat in seats if (stage := _stage(seat)) and _key(seat, stage) not in told]
    buyers = operators(session, {seat.licence.municipality_id for seat, _stage in due}, set()).buyers
    for seat, stage in due:
        assert seat.person is not None
        _note(session, seat, stage, told)
        asked = [buyer.name for buyer in buyers.get(seat.licence.municipality_id, [])]
        emails.seat_ends(session, person=seat.person, licence=seat.licence, last_day=seat.last_day, ask=asked)
    return seats[-1].id if len(seats) == BATCH else None


def _ending(session: Session, after: int) -> Sequence[Seat]:
    longer, theirs = aliased(Seat), aliased(Licence)
    has_longer = exists().where(
        longer.person_id == Seat.person_id,
        longer.claimed_at.is_not(None),
        theirs.id == longer.licence_id,
        theirs.course_id == Licence.course_id,
        func.coalesce(longer.valid_until, theirs.ends_on) > Seat.valid_until,
    )
    soon = by_country(lambda today: Seat.valid_until <= today + timedelta(days=max(SEAT_DAYS)))
    return session.scalars(
        select(Seat)
        .join(Seat.licence)
        .join(Licence.municipality)
        .where(Seat.id > after, Seat.valid_until.is_not(None), Seat.claimed_at.is_not(None))
        .where(runs_today(), soon, ~has_longer)
        .options(
            joinedload(Seat.person).selectinload(Person.addresses),
            joinedload(Seat.licence).options(
                joinedload(Licence.municipality), joinedload(Licence.course).joinedload(Course.course_house)
            ),
        )
        .order_by(Seat.id)
        .limit(BATCH)
    ).all()


def _stage(seat: Seat) -> int | None:
    """Return the stage that a seat has come to; None where it was accepted for less: nothing has changed since."""
    country = seat.licence.municipality.country
    assert seat.claimed_at
    stage = days_stage((seat.last_day - clock.today(country)).days, SEAT_DAYS)
    if stage is None or clock.day_of(seat.claimed_at, country) > seat.last_day - timedelta(days=stage):
        return None
    return stage


def _key(seat: Seat, stage: int) -> str:
    """Return what says that this holder was told; whoever has the seat next has another last day."""
    return f"{ABOUT_SEATS}{seat.id}:{seat.last_day.isoformat()}:{stage}"


def _told(session: Session, seats: Sequence[Seat]) -> set[str]:
    keys = [_key(seat, stage) for seat in seats for stage in SEAT_DAYS]
    return set(session.scalars(select(LicenceWarning.what).where(LicenceWarning.what.in_(keys))))


def _note(session: Session, seat: Seat, stage: int, told: set[str]) -> None:
    """Note a stage, and those less urgent: they are done with."""
    passed = [_key(seat, each) for each in SEAT_DAYS if each >= stage]
    session.add_all(
        LicenceWarning(licence_id=seat.licence_id, what=what, at=clock.now()) for what in passed if what not in told
    )
    session.flush()
