"""A municipality leaves: started by the course house's owner, called off until its day, then carried out by a job.

What belongs to the municipality, and what ties people to it, is deleted. What people have watched, their notes and
certificates are their own and stay with them. Licences, and their seats' history in numbers, stay with the course
house. Where another course house has given the municipality seats, too, what both share stays.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.jobs.queue import enqueue
from elearn.licensing import seat_rows
from elearn.licensing.models import (
    Invitation,
    JoinLink,
    Licence,
    LicenceMessage,
    LicenceWarning,
    RenewalLeaver,
    Seat,
    SeatList,
    SeatRequest,
)
from elearn.licensing.services import free_for_good
from elearn.organisations.models import ApiToken, Department, GlnNumber, Membership, Municipality
from elearn.personal_data import emails, feedback, sales
from elearn.personal_data.errors import AlreadyLeaving, WrongDay
from elearn.personal_data.models import Departure
from elearn.training.models import TrainingRule

LONGEST = timedelta(days=30)

STARTED = audit.kind("personal_data.departure.started", "delete_on")
CALLED_OFF = audit.kind("personal_data.departure.called_off", "delete_on")
DONE = audit.kind("personal_data.departure.done", "people", "seats")


def customer(session: Session, scope: HouseScope, municipality_id: int) -> Municipality:
    """Return a municipality that has, or had, seats of the house, or that the house added. Raises `NotFound`."""
    found = session.scalar(_customers(scope).where(Municipality.id == municipality_id))
    if found is None:
        raise NotFound("no such municipality")
    return found


def customers(session: Session, scope: HouseScope) -> list[Municipality]:
    """Return the house's municipalities, by name."""
    return list(session.scalars(_customers(scope).order_by(Municipality.name, Municipality.id)))


def latest(session: Session, scope: HouseScope, municipality_id: int) -> Departure | None:
    """Return a municipality's last departure: one that waits for its day, or one that is done."""
    return session.scalar(
        select(Departure)
        .where(Departure.municipality_id == municipality_id, Departure.course_house_id == scope.course_house_id)
        .order_by(Departure.id.desc())
        .limit(1)
    )


def latest_of_all(session: Session, scope: HouseScope) -> dict[int, Departure]:
    """Return by municipality the last departure of each of the house's that has one."""
    found = session.scalars(
        select(Departure).where(Departure.course_house_id == scope.course_house_id).order_by(Departure.id)
    )
    return {departure.municipality_id: departure for departure in found}


def waiting(session: Session, municipality_id: int) -> Departure | None:
    """Return the departure that waits for its day, whichever house started it: the buyers are told."""
    return session.scalar(
        select(Departure)
        .where(Departure.municipality_id == municipality_id, Departure.done_at.is_(None))
        .order_by(Departure.delete_on, Departure.id)
        .limit(1)
    )


def start(
    session: Session, scope: HouseScope, *, municipality: Municipality, delete_on: date, reason: str
) -> Departure:
    """Start a departure, and write to the buyers.

    Raises `WrongDay` unless its day is tomorrow to 30 days from now, `AlreadyLeaving`.
    """
    today = clock.today(municipality.country)
    if not today < delete_on <= today + LONGEST:
        raise WrongDay
    session.execute(select(Municipality.id).where(Municipality.id == municipality.id).with_for_update())
    open_one = latest(session, scope, municipality.id)
    if open_one is not None and open_one.done_at is None:
        raise AlreadyLeaving
    departure = Departure(
        municipality_id=municipality.id,
        course_house_id=scope.course_house_id,
        asked_by_id=scope.person_id,
        asked_at=clock.now(),
        delete_on=delete_on,
        reason=reason,
        receipt={},
    )
    session.add(departure)
    _record(session, STARTED, departure, actor_id=scope.person_id, delete_on=delete_on.isoformat())
    session.flush()  # the letters read its municipality and house
    emails.leaving(session, departure)
    return departure


def call_off(session: Session, scope: HouseScope, *, municipality_id: int) -> None:
    """Call a departure off that waits for its day, and write to the buyers. Raises `NotFound`."""
    departure = latest(session, scope, municipality_id)
    if departure is None or departure.done_at is not None:
        raise NotFound("no departure that waits")
    _record(session, CALLED_OFF, departure, actor_id=scope.person_id, delete_on=departure.delete_on.isoformat())
    emails.stays(session, departure)
    session.delete(departure)
    session.flush()


def carry_out_due(session: Session) -> int:
    """Carry out the departures whose day has come where the municipality is; return how many."""
    due = session.scalars(select(Departure).where(Departure.done_at.is_(None)).order_by(Departure.id)).all()
    today = [each for each in due if each.delete_on <= clock.today(each.municipality.country)]
    for departure in today:
        carry_out(session, departure)
    return len(today)


def what_goes(session: Session, scope: HouseScope, municipality: Municipality) -> dict[str, int]:
    """Return what a departure today would delete, in numbers."""
    return _counted(session, scope.course_house_id, municipality.id)


def is_shared(session: Session, course_house_id: int, municipality_id: int) -> bool:
    """Say whether another course house has given the municipality seats, too."""
    others = select(Licence.id).where(
        Licence.municipality_id == municipality_id, Licence.course.has(Course.course_house_id != course_house_id)
    )
    return session.scalar(others.limit(1)) is not None


def _customers(scope: HouseScope) -> Select[Municipality]:
    licensed = select(Licence.municipality_id).where(
        Licence.course.has(Course.course_house_id == scope.course_house_id)
    )
    return select(Municipality).where(
        or_(Municipality.id.in_(licensed), Municipality.course_house_id == scope.course_house_id)
    )


def carry_out(session: Session, departure: Departure) -> None:
    """Delete what a departure deletes, and write its receipt."""
    municipality_id, house_id = departure.municipality_id, departure.course_house_id
    counted = _counted(session, house_id, municipality_id)
    licence_ids = session.scalars(_licences(house_id, municipality_id).order_by(Licence.id)).all()
    for licence_id in licence_ids:
        seat_rows.lock_licence(session, licence_id)
        _end(session.get_one(Licence, licence_id), departure.delete_on)
    for model in (SeatRequest, JoinLink, SeatList, RenewalLeaver, LicenceMessage, LicenceWarning):
        session.execute(delete(model).where(model.licence_id.in_(licence_ids)))
    held = session.scalars(select(Seat.id).where(Seat.licence_id.in_(licence_ids), Seat.person_id.is_not(None))).all()
    free_for_good(session, held, by_id=None)
    seats = select(Seat.id).where(Seat.licence_id.in_(licence_ids))
    session.execute(delete(Invitation).where(Invitation.seat_id.in_(seats)))
    shared = is_shared(session, house_id, municipality_id)
    sales.let_go(session, course_house_id=house_id, municipality_id=municipality_id, is_shared=shared)
    feedback.let_go(session, course_house_id=house_id, municipality_id=municipality_id)
    if shared:
        courses = select(Course.id).where(Course.course_house_id == house_id)
        session.execute(
            delete(TrainingRule).where(
                TrainingRule.municipality_id == municipality_id, TrainingRule.course_id.in_(courses)
            )
        )
    else:
        _delete_the_whole(session, departure.municipality)
    departure.done_at, departure.receipt = clock.now(), counted
    enqueue(session, "personal_data.keep_ledgers")
    _record(session, DONE, departure, actor_id=None, people=counted["people"], seats=counted["seats"])
    session.flush()


def _end(licence: Licence, day: date) -> None:
    licence.ends_on = max(licence.starts_on, min(licence.ends_on, day))


def _delete_the_whole(session: Session, municipality: Municipality) -> None:
    """Delete what is the municipality's own; its name stays in the public list of municipalities."""
    for model in (Membership, TrainingRule, ApiToken, GlnNumber):
        session.execute(delete(model).where(model.municipality_id == municipality.id))
    session.execute(update(Department).where(Department.municipality_id == municipality.id).values(parent_id=None))
    session.execute(delete(Department).where(Department.municipality_id == municipality.id))
    municipality.reporting_url = municipality.reporting_phone = None
    municipality.nudges = True


def _counted(session: Session, house_id: int, municipality_id: int) -> dict[str, int]:
    """Return what a departure deletes, by kind, and what stays."""
    licence_ids = _licences(house_id, municipality_id)
    held = select(Seat.person_id).where(Seat.licence_id.in_(licence_ids), Seat.person_id.is_not(None))
    members = select(Membership.person_id).where(Membership.municipality_id == municipality_id)
    shared = is_shared(session, house_id, municipality_id)
    people = held if shared else held.union(members)
    of_licences: dict[str, Any] = {
        "requests": SeatRequest,
        "join_links": JoinLink,
        "lists": SeatList,
    }
    of_municipality: dict[str, Any] = {
        "memberships": Membership,
        "departments": Department,
        "rules": TrainingRule,
        "tokens": ApiToken,
        "numbers": GlnNumber,
    }
    counted = {
        "people": _count(session, select(people.subquery().c[0]).distinct()),
        "seats": _count(session, held),
    }
    for name, model in of_licences.items():
        counted[name] = _count(session, select(model.id).where(model.licence_id.in_(licence_ids)))
    for name, model in of_municipality.items():
        theirs = select(model.id).where(model.municipality_id == municipality_id)
        counted[name] = 0 if shared else _count(session, theirs)
    counted["quotes"] = _count(session, sales.quotes_of(house_id, municipality_id))
    counted["applications"] = _count(session, sales.applications_of(house_id, municipality_id))
    counted["answered"] = _count(session, feedback.receipts_of(house_id, municipality_id))
    counted["occasions"] = _count(session, feedback.occasions_of(house_id, municipality_id))
    counted["kept_licences"] = _count(session, licence_ids)
    return counted


def _licences(house_id: int, municipality_id: int) -> Select[int]:
    return select(Licence.id).where(
        Licence.municipality_id == municipality_id, Licence.course.has(Course.course_house_id == house_id)
    )


def _count(session: Session, statement: Select[Any]) -> int:
    return session.scalars(select(func.count()).select_from(statement.subquery())).one()


def _record(session: Session, what: audit.Kind, departure: Departure, *, actor_id: int | None, **data: Any) -> None:
    audit.record(
        session,
        what,
        actor_id=actor_id,
        municipality_id=departure.municipality_id,
        course_house_id=departure.course_house_id,
        **data,
    )
