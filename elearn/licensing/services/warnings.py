"""Warning buyers and course houses: a licence ends soon, fills up, or has nobody who manages it. Each once."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import and_, delete, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.licensing import operator_emails as emails
from elearn.licensing.models import Licence, LicenceWarning
from elearn.licensing.queries import by_country
from elearn.licensing.seat_lists import SeatCounts, counts_of
from elearn.licensing.services.seat_ends import ABOUT_SEATS
from elearn.licensing.warning_stages import days_passed, days_stage, share_stage, shares_passed
from elearn.organisations.models import Municipality
from elearn.organisations.queries import Operators, operators

NOBODY = "buyers:none"


def warn(session: Session) -> int:
    """Warn about all licences that run today, each stage once and of several only the most urgent; return how many."""
    licences = _running(session)
    told = _told(session, licences)
    counts = counts_of(session, [licence.id for licence in licences])
    people = operators(session, {each.municipality_id for each in licences}, _houses(licences))
    return sum(_warn(session, each, counts[each.id], people, told[each.id]) for each in licences)


def _warn(session: Session, licence: Licence, counts: SeatCounts, people: Operators, told: set[str]) -> int:
    return (
        _of_the_end(session, licence, counts, people, told)
        + _of_the_seats(session, licence, counts, people, told)
        + _of_nobody(session, licence, people, told)
    )


def _of_the_end(session: Session, licence: Licence, counts: SeatCounts, people: Operators, told: set[str]) -> int:
    country = licence.municipality.country
    days = (licence.ends_on - clock.today(country)).days
    stage = days_stage(days)
    if stage is None or f"days:{stage}" in told:
        return 0
    if clock.day_of(licence.granted_at, country) > licence.ends_on - timedelta(days=stage):
        return 0  # it was granted for less: nothing has changed since
    _note(session, licence, days_passed(stage), told)
    for person, path in _readers(licence, people, tab="/renewal"):
        emails.ends_soon(session, to=person, licence=licence, counts=counts, days=days, path=path)
    return 1


def _of_the_seats(session: Session, licence: Licence, counts: SeatCounts, people: Operators, told: set[str]) -> int:
    stage = share_stage(counts.claimed, counts.all)
    if stage is None or f"used:{stage}" in told:
        return 0
    _note(session, licence, shares_passed(stage), told)
    for person, path in _readers(licence, people):
        emails.fills_up(session, to=person, licence=licence, counts=counts, path=path)
    return 1


def _of_nobody(session: Session, licence: Licence, people: Operators, told: set[str]) -> int:
    """Tell the house; once there is a buyer again it may be told anew."""
    if people.buyers.get(licence.municipality_id):
        session.execute(
            delete(LicenceWarning).where(LicenceWarning.licence_id == licence.id, LicenceWarning.what == NOBODY)
        )
        return 0
    if NOBODY in told:
        return 0
    _note(session, licence, [NOBODY], told)
    for person in people.owners.get(licence.course.course_house_id, []):
        emails.nobody_buys(session, to=person, licence=licence, path=f"/owner/licences/{licence.id}")
    return 1


def _readers(licence: Licence, people: Operators, *, tab: str = "") -> Iterable[tuple[Person, str]]:
    """Yield whom a licence concerns, each with the address of their own page about it."""
    for buyer in people.buyers.get(licence.municipality_id, []):
        yield buyer, f"/municipalities/{licence.municipality_id}/licences/{licence.id}{tab}"
    for owner in people.owners.get(licence.course.course_house_id, []):
        yield owner, f"/owner/licences/{licence.id}"


def _note(session: Session, licence: Licence, whats: list[str], told: set[str]) -> None:
    now = clock.now()
    session.add_all(LicenceWarning(licence_id=licence.id, what=what, at=now) for what in whats if what not in told)
    session.flush()


def _running(session: Session) -> list[Licence]:
    runs = by_country(lambda today: and_(Licence.starts_on <= today, Licence.ends_on >= today))
    return list(
        session.scalars(
            select(Licence)
            .join(Licence.municipality)
            .where(runs)
            .options(joinedload(Licence.municipality), joinedload(Licence.course).joinedload(Course.course_house))
            .order_by(Municipality.id, Licence.id)
        )
    )


def _told(session: Session, licences: list[Licence]) -> dict[int, set[str]]:
    told: dict[int, set[str]] = {licence.id: set() for licence in licences}
    rows = session.execute(
        select(LicenceWarning.licence_id, LicenceWarning.what)
        .where(LicenceWarning.licence_id.in_(list(told)))
        .where(LicenceWarning.what.not_like(f"{ABOUT_SEATS}%"))
    )
    for row in rows:
        told[row.licence_id].add(row.what)
    return told


def _houses(licences: list[Licence]) -> set[int]:
    return {licence.course.course_house_id for licence in licences}
