"""The days of licences and seats: which count, which is the last, how long an invitation holds."""

from datetime import UTC, date, datetime, timedelta

import pytest

from elearn.core import clock as product_clock
from elearn.licensing.models import JoinLink, Licence, Seat, SeatState
from elearn.licensing.queries import end_of
from elearn.licensing.seat_rows.values import valid_until
from elearn.licensing.services.invitations import hold_day, holds_until
from elearn.organisations.models import Municipality
from tests.conftest import TestClock

TODAY = date(2026, 11, 23)

pytestmark = pytest.mark.usefixtures("clock")


def day(number: int) -> date:
    """Today is 0."""
    return TODAY + timedelta(days=number)


def licence(begins: int = -10, ends: int = 100, *, seat_days: int | None = None, country: str = "DK") -> Licence:
    of = Municipality(country=country)
    return Licence(starts_on=day(begins), ends_on=day(ends), municipality=of, seat_days=seat_days)


@pytest.mark.parametrize(("begins", "has_begun"), [(-1, True), (0, True), (1, False)])
def test_a_licence_begins_with_its_first_day(begins: int, has_begun: bool) -> None:
    assert licence(begins=begins).has_begun is has_begun


@pytest.mark.parametrize(("ends", "has_ended"), [(-1, True), (0, False), (1, False)])
def test_a_licence_ends_after_its_last_day(ends: int, has_ended: bool) -> None:
    assert licence(ends=ends).has_ended is has_ended


@pytest.mark.parametrize("country", ["DK", "NO"])
def test_days_turn_at_local_midnight(clock: TestClock, country: str) -> None:
    clock.set(datetime(2026, 11, 23, 22, 59, tzinfo=UTC))
    before = (licence(begins=1, country=country).has_begun, licence(ends=0, country=country).has_ended)
    clock.advance(minutes=1)

    assert before == (False, False)
    assert (licence(begins=1, country=country).has_begun, licence(ends=0, country=country).has_ended) == (True, True)


def test_a_seat_lasts_as_long_as_its_licence_or_by_days_of_its_own() -> None:
    assert Seat(licence=licence(ends=9)).last_day == day(9)
    assert Seat(licence=licence(ends=9), valid_until=day(3)).last_day == day(3)


def test_a_seat_is_free_invited_or_claimed() -> None:
    now = product_clock.now()

    assert Seat().state is SeatState.FREE
    assert Seat(person_id=1, invited_at=now).state is SeatState.INVITED
    assert Seat(person_id=1, claimed_at=now).state is SeatState.CLAIMED


@pytest.mark.parametrize(("ends", "is_open"), [(-1, False), (0, True), (1, True)])
@pytest.mark.parametrize("country", ["DK", "NO"])
def test_a_join_link_is_open_to_the_end_of_its_last_day(ends: int, is_open: bool, country: str) -> None:
    assert JoinLink(licence=licence(country=country), ends_on=day(ends)).is_open is is_open


def test_a_join_link_that_is_closed_or_whose_licence_has_ended_is_not_open() -> None:
    assert not JoinLink(licence=licence(), ends_on=day(1), closed_at=product_clock.now()).is_open
    assert not JoinLink(licence=licence(ends=-1), ends_on=day(1)).is_open
    assert not JoinLink(licence=licence(ends=-1), ends_on=day(-1), closed_at=product_clock.now()).is_open


@pytest.mark.parametrize(("ends", "until"), [(100, 42), (42, 42), (41, 41), (0, 0)])
def test_an_invitation_holds_its_seat_for_42_days_within_the_licence(ends: int, until: int) -> None:
    assert holds_until(licence(ends=ends)) == day(until)
    assert hold_day(licence(ends=ends), None) == day(until)


@pytest.mark.parametrize(("wanted", "until"), [(5, 5), (0, 0), (-3, 0), (60, 60), (100, 100), (101, 100)])
def test_an_invitation_holds_to_the_wanted_day_from_today_on_and_within_the_licence(wanted: int, until: int) -> None:
    assert hold_day(licence(), day(wanted)) == day(until)


def test_a_hold_in_norway_is_counted_in_norwegian_days() -> None:
    assert hold_day(licence(country="NO"), day(-1)) == day(0)
    assert holds_until(licence(country="NO")) == day(42)


@pytest.mark.parametrize(("days", "last"), [(1, 0), (30, 29), (400, 399)])
def test_a_seats_own_days_begin_with_the_claim(days: int, last: int) -> None:
    assert valid_until(licence(seat_days=days)) == day(last)
    assert valid_until(licence(seat_days=days), day(-2)) == day(last - 2)


def test_a_seat_claimed_before_its_licence_begins_loses_no_day() -> None:
    assert valid_until(licence(begins=5, seat_days=10)) == day(14)
    assert valid_until(licence(begins=5, seat_days=10), day(7)) == day(16)


def test_a_seat_without_days_of_its_own_has_no_last_day() -> None:
    assert valid_until(licence()) is None


@pytest.mark.parametrize("country", ["DK", "NO"])
def test_a_day_is_over_at_the_next_local_midnight(country: str) -> None:
    assert end_of(date(2026, 11, 23), country) == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert end_of(date(2026, 7, 31), country) == datetime(2026, 7, 31, 22, tzinfo=UTC)
