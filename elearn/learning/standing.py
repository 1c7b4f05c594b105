"""How a person stands with each of their courses: what their seats come to today."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from elearn.core import clock
from elearn.licensing.models import Seat
from elearn.organisations.models import Municipality


class Standing(StrEnum):
    """What a seat opens today; the first that applies decides for a course."""

    OPEN = "open"
    INVITED = "invited"
    LATER = "later"
    ENDED = "ended"


@dataclass(frozen=True)
class CourseStanding:
    """A person's seats in one course and what they come to."""

    course_id: int
    standing: Standing
    seats: list[Seat]
    """Those that decide, the one that runs longest first."""

    @property
    def seat(self) -> Seat:
        """The seat that decides."""
        return self.seats[0]

    @property
    def municipalities(self) -> list[Municipality]:
        """Who gave the seats, each once."""
        found = {seat.licence.municipality_id: seat.licence.municipality for seat in self.seats}
        return list(found.values())

    @property
    def starts_on(self) -> date:
        """The first day of the licence that decides."""
        return self.seat.licence.starts_on

    @property
    def ends_on(self) -> date:
        """The last day of the licence that decides."""
        return self.seat.licence.ends_on


def standings(seats: list[Seat]) -> list[CourseStanding]:
    """Return how a person stands with each course they hold or are offered a seat in, open ones first."""
    by_course: dict[int, dict[Standing, list[Seat]]] = {}
    for seat in seats:
        standing = standing_of(seat)
        if standing is not None:
            by_course.setdefault(seat.licence.course_id, {}).setdefault(standing, []).append(seat)
    found = [_deciding(course_id, by_standing) for course_id, by_standing in by_course.items()]
    return sorted(found, key=lambda each: list(Standing).index(each.standing))


def standing_of(seat: Seat) -> Standing | None:
    """Return what one seat comes to today where its municipality is; None for an offer that has lapsed."""
    licence = seat.licence
    if seat.claimed_at is None:
        today = clock.today(licence.municipality.country)
        lapsed = licence.has_ended or (seat.holds_until is not None and today > seat.holds_until)
        return None if lapsed else Standing.INVITED
    if not licence.has_begun:
        return Standing.LATER
    return Standing.ENDED if licence.has_ended else Standing.OPEN


def _deciding(course_id: int, by_standing: dict[Standing, list[Seat]]) -> CourseStanding:
    standing = next(each for each in Standing if each in by_standing)
    seats = sorted(by_standing[standing], key=lambda seat: seat.licence.ends_on, reverse=True)
    return CourseStanding(course_id, standing, seats)
