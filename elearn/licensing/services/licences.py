"""Granting licences and changing their terms."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.jobs.queue import enqueue
from elearn.licensing import seat_rows
from elearn.licensing.errors import WrongNumberOfSeats, WrongPeriod
from elearn.licensing.models import Licence
from elearn.licensing.scoping import within
from elearn.organisations.models import CourseHouse, Municipality

MOST_SEATS = 10_000
DOUBLE_PRESS = timedelta(minutes=1)
HANDOVER_SHARE = 5
"""Of 100 used seats this many may change hands unless the licence says otherwise: the field's habit."""

LICENCE_GRANTED = audit.kind("licensing.licence.granted", "licence_id", "course_id", "seats", "starts_on", "ends_on")
SEATS_ADDED = audit.kind("licensing.licence.seats_added", "licence_id", "seats")
SEATS_WITHDRAWN = audit.kind("licensing.licence.seats_withdrawn", "licence_id", "seats")
TERMS_CHANGED = audit.kind(
    "licensing.licence.terms_changed", "licence_id", "handovers_allowed", "has_waiting_line", "reason"
)


def grant_licence(
    session: Session,
    *,
    house: CourseHouse,
    course: Course,
    municipality: Municipality,
    seats: int,
    starts_on: date,
    ends_on: date,
    reason: str,
    by_id: int | None,
    handovers_allowed: int | None = None,
    seat_days: int | None = None,
    has_waiting_line: bool = True,
    previous: Licence | None = None,
) -> Licence:
    """Give a municipality that many seats in a course, from a day to a day, both included, in its own country.

    `handovers_allowed` is 5 % of the seats, rounded up, when not said. With `seat_days` a seat lasts that long from
    its claim, which has to fall into the period. `previous` is the licence it renews. Raises `WrongPeriod`,
    `WrongNumberOfSeats`, and `NotFound` for another house's course or customer.
    """
    if course.course_house_id != house.id:
        raise NotFound("no such course")
    if municipality.course_house_id not in (None, house.id):
        raise NotFound("no such municipality")
    if ends_on < starts_on:
        raise WrongPeriod
    if not 1 <= seats <= MOST_SEATS:
        raise WrongNumberOfSeats
    licence = Licence(
        course=course,
        municipality=municipality,
        starts_on=starts_on,
        ends_on=ends_on,
        handovers_allowed=usual_handovers(seats) if handovers_allowed is None else handovers_allowed,
        seat_days=seat_days,
        has_waiting_line=has_waiting_line,
        previous_id=previous.id if previous else None,
        reason=reason,
        granted_by_id=by_id,
        granted_at=clock.now(),
    )
    session.add(licence)
    session.flush()  # the seats name its id
    seat_rows.add(session, licence_id=licence.id, number=seats)
    audit.record(
        session,
        LICENCE_GRANTED,
        actor_id=by_id,
        municipality_id=municipality.id,
        course_house_id=house.id,
        licence_id=licence.id,
        course_id=course.id,
        seats=seats,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
    )
    return licence


def add_seats(session: Session, *, licence: Licence, seats: int, by_id: int | None) -> None:
    """Give a licence more seats; whoever waits in line is served. Raises `WrongNumberOfSeats`."""
    seat_rows.lock_licence(session, licence.id)
    session.refresh(licence)
    if not 1 <= seats <= MOST_SEATS - licence.size:
        raise WrongNumberOfSeats
    seat_rows.add(session, licence_id=licence.id, number=seats)
    session.refresh(licence)
    if licence.has_waiting_line:
        enqueue(session, "licensing.serve_line", licence_id=licence.id)
    _record_size(session, SEATS_ADDED, licence, seats, by_id=by_id)


def withdraw_seats(session: Session, *, licence: Licence, seats: int, by_id: int | None) -> None:
    """Take unused seats, free ones alone, out of a licence. Raises `NotEnoughSeats` and takes none."""
    seat_rows.withdraw(session, licence_id=licence.id, number=seats)
    session.refresh(licence)
    _record_size(session, SEATS_WITHDRAWN, licence, seats, by_id=by_id)


def _record_size(session: Session, what: audit.Kind, licence: Licence, seats: int, *, by_id: int | None) -> None:
    audit.record(
        session,
        what,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
        licence_id=licence.id,
        seats=seats,
    )


def granted_a_moment_ago(
    session: Session,
    *,
    course: Course,
    municipality: Municipality,
    seats: int,
    starts_on: date,
    ends_on: date,
    reason: str,
    by_id: int,
    handovers_allowed: int | None,
    seat_days: int | None,
    has_waiting_line: bool,
) -> Licence | None:
    """Return the licence that a button's first press gave within the last minute, when it is pressed once more.

    Of two presses at once the second waits for the first.
    """
    session.execute(select(Course.id).where(Course.id == course.id).with_for_update(key_share=True))
    return session.scalar(
        select(Licence)
        .where(Licence.course_id == course.id, Licence.municipality_id == municipality.id, Licence.size == seats)
        .where(Licence.starts_on == starts_on, Licence.ends_on == ends_on, Licence.reason == reason)
        .where(Licence.granted_by_id == by_id, Licence.granted_at > clock.now() - DOUBLE_PRESS)
        .where(
            Licence.handovers_allowed == (usual_handovers(seats) if handovers_allowed is None else handovers_allowed),
            Licence.seat_days.is_not_distinct_from(seat_days),
            Licence.has_waiting_line == has_waiting_line,
        )
        .limit(1)
    )


def change_terms(
    session: Session,
    *,
    scope: HouseScope,
    licence_id: int,
    handovers_allowed: int,
    has_waiting_line: bool,
    reason: str,
    by_id: int,
) -> Licence:
    """Let more or fewer used seats change hands, and people wait in line or not. Raises `NotFound`."""
    licence = session.scalar(
        select(Licence).where(Licence.id == licence_id, within(scope)).with_for_update(key_share=True)
    )
    if licence is None:
        raise NotFound("no such licence")
    if has_waiting_line and not licence.has_waiting_line:
        enqueue(session, "licensing.serve_line", licence_id=licence.id)
    licence.handovers_allowed, licence.has_waiting_line = handovers_allowed, has_waiting_line
    audit.record(
        session,
        TERMS_CHANGED,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=scope.course_house_id,
        licence_id=licence.id,
        handovers_allowed=handovers_allowed,
        has_waiting_line=has_waiting_line,
        reason=reason,
    )
    return licence


def usual_handovers(seats: int) -> int:
    """Return how many used seats may change hands by habit: 5 %, rounded up."""
    return -(-seats * HANDOVER_SHARE // 100)
