"""How a person stands with each of their courses: what their seats come to today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.scope import PersonScope
from elearn.licensing.models import Licence, Seat
from elearn.licensing.queries import licences_left, seats_of
from elearn.organisations.models import Municipality


class Standing(StrEnum):
    """What a seat opens today; the first that applies decides for a course."""

    OPEN = "open"
    INVITED = "invited"
    LATER = "later"
    ENDED = "ended"
    TAKEN_BACK = "taken-back"
    """The person had claimed a seat and holds none any more."""


@dataclass(frozen=True)
class CourseStanding:
    """A person's seats in one course and what they come to."""

    course_id: int
    standing: Standing
    licence: Licence
    """The licence that decides."""
    seats: list[Seat]
    """Those that decide, the one that runs longest first; none when the seat was taken back."""

    @property
    def seat(self) -> Seat:
        """The seat that decides; a seat that was taken back is nobody's to show."""
        return self.seats[0]

    @property
    def municipalities(self) -> list[Municipality]:
        """Who gave the seats, each once."""
        found = {seat.licence.municipality_id: seat.licence.municipality for seat in self.seats}
        return list(found.values())

    @property
    def starts_on(self) -> date:
        """The first day of the licence that decides."""
        return self.licence.starts_on

    @property
    def ends_on(self) -> date:
        """The last day of the seat that decides."""
        return self.seat.last_day


def standings_of(session: Session, scope: PersonScope) -> list[CourseStanding]:
    """Return how a person stands with each course they hold, were offered or have held a seat in, open ones first."""
    return standings(seats_of(session, scope), licences_left(session, scope))


def standings(seats: Iterable[Seat], left: Iterable[Licence] = ()) -> list[CourseStanding]:
    """Return what seats come to today, and what remains of courses whose seat was `left`; open ones first."""
    by_course: dict[int, dict[Standing, list[Seat]]] = {}
    for seat in seats:
        standing = standing_of(seat)
        if standing is not None:
            by_course.setdefault(seat.licence.course_id, {}).setdefault(standing, []).append(seat)
    found = {course_id: _deciding(course_id, by_standing) for course_id, by_standing in by_course.items()}
    for licence in left:
        gone = CourseStanding(licence.course_id, Standing.TAKEN_BACK, licence, [])
        found.setdefault(licence.course_id, gone)
    return sorted(found.values(), key=lambda each: list(Standing).index(each.standing))


def standing_of(seat: Seat) -> Standing | None:
    """Return what one seat comes to today where its municipality is; None for an offer that has lapsed."""
    licence = seat.licence
    today = clock.today(licence.municipality.country)
    if seat.claimed_at is None:
        lapsed = licence.has_ended or (seat.holds_until is not None and today > seat.holds_until)
        return None if lapsed else Standing.INVITED
    if not licence.has_begun:
        return Standing.LATER
    return Standing.ENDED if seat.last_day < today else Standing.OPEN


def _deciding(course_id: int, by_standing: dict[Standing, list[Seat]]) -> CourseStanding:
    standing = next(each for each in Standing if each in by_standing)
    seats = sorted(by_standing[standing], key=lambda seat: seat.last_day, reverse=True)
    return CourseStanding(course_id, standing, seats[0].licence, seats)
