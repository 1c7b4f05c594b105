"""What a person's seats come to today, in every course they have to do with."""

from datetime import date, timedelta
from typing import Any

import pytest

from elearn.core import clock as product_clock
from elearn.learning.standing import CourseStanding, Standing, standing_of, standings
from elearn.licensing.models import Licence, Seat
from elearn.organisations.models import Municipality

TODAY = date(2026, 11, 23)
DENMARK, NORWAY = Municipality(id=1, country="DK"), Municipality(id=2, country="NO")

pytestmark = pytest.mark.usefixtures("clock")


def day(number: int) -> date:
    """Today is 0."""
    return TODAY + timedelta(days=number)


def licence(begins: int = -10, ends: int = 10, *, course: int = 1, of: Municipality = DENMARK) -> Licence:
    return Licence(course_id=course, municipality_id=of.id, municipality=of, starts_on=day(begins), ends_on=day(ends))


def claimed(of: Licence, *, until: int | None = None) -> Seat:
    return Seat(
        licence=of, person_id=1, claimed_at=product_clock.now(), valid_until=None if until is None else day(until)
    )


def invited(of: Licence, *, until: int | None = 5) -> Seat:
    return Seat(licence=of, person_id=1, holds_until=None if until is None else day(until))


@pytest.mark.parametrize(
    ("begins", "ends", "standing"),
    [
        (0, 0, Standing.OPEN),
        (-5, 0, Standing.OPEN),
        (0, 5, Standing.OPEN),
        (1, 5, Standing.LATER),
        (-5, -1, Standing.ENDED),
    ],
)
def test_a_claimed_seat_opens_from_the_first_day_to_the_last(begins: int, ends: int, standing: Standing) -> None:
    assert standing_of(claimed(licence(begins, ends))) is standing


def test_a_seat_with_days_of_its_own_outlasts_its_licence_or_ends_before() -> None:
    assert standing_of(claimed(licence(-10, -1), until=0)) is Standing.OPEN
    assert standing_of(claimed(licence(-10, 10), until=-1)) is Standing.ENDED


@pytest.mark.parametrize(
    ("ends", "until", "standing"),
    [(10, 5, Standing.INVITED), (10, 0, Standing.INVITED), (10, None, Standing.INVITED), (10, -1, None), (-1, 5, None)],
)
def test_an_offer_stands_while_it_holds_and_its_licence_lasts(
    ends: int, until: int | None, standing: Standing | None
) -> None:
    assert standing_of(invited(licence(ends=ends), until=until)) is standing


def test_days_are_those_of_the_municipality() -> None:
    assert standing_of(claimed(licence(0, 0, of=NORWAY))) is Standing.OPEN


def test_nobody_stands_anywhere_without_a_seat() -> None:
    assert standings([invited(licence(), until=-1)]) == []


def test_in_each_course_the_best_seat_decides_and_the_longest_comes_first() -> None:
    short, long, ended = claimed(licence(ends=3)), claimed(licence(ends=9, of=NORWAY)), claimed(licence(ends=-1))

    (found,) = standings([ended, invited(licence(ends=20)), short, long])

    assert (found.course_id, found.standing, found.seats, found.seat) == (1, Standing.OPEN, [long, short], long)
    assert (found.licence, found.starts_on, found.ends_on) == (long.licence, day(-10), day(9))


def test_courses_come_open_ones_first_and_taken_back_last() -> None:
    gone = licence(course=5)
    seats = [
        claimed(licence(ends=-1, course=4)),
        claimed(licence(begins=2, course=3)),
        invited(licence(course=2)),
        claimed(licence(course=1)),
    ]

    found = standings(seats, [gone, licence(course=1)])

    assert [(each.course_id, each.standing) for each in found] == [
        (1, Standing.OPEN),
        (2, Standing.INVITED),
        (3, Standing.LATER),
        (4, Standing.ENDED),
        (5, Standing.TAKEN_BACK),
    ]
    assert found[-1] == CourseStanding(5, Standing.TAKEN_BACK, gone, [])


def test_of_licences_somebody_left_the_first_given_tells_in_each_course() -> None:
    later, earlier, other = licence(), licence(ends=3), licence(course=2)

    assert [each.licence for each in standings([], [later, earlier, other])] == [later, other]


def test_each_municipality_is_named_once() -> None:
    def found(*seats: Any) -> list[Municipality]:
        return standings(seats)[0].municipalities

    assert found(claimed(licence(ends=9)), claimed(licence(ends=8)), claimed(licence(ends=7, of=NORWAY))) == [
        DENMARK,
        NORWAY,
    ]
