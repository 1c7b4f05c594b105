"""Whoever's own seat runs out is told 30 and 7 days before, each once; afterwards the page says why and whom to ask."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.core.scope import PersonScope
from elearn.jobs.queue import run_due
from elearn.licensing.jobs import tell_of_ends_hourly
from elearn.licensing.models import Seat
from elearn.licensing.services import accept_seat, seat_ends, tell_of_ends, warn
from elearn.mail.models import Letter
from tests.client import PageClient
from tests.conftest import TestClock
from tests.licensing.helpers import Field, new_licence


@pytest.fixture
def seats_of_90_days(field: Field) -> Field:
    field.licence.seat_days = 90
    return field


def accept(field: Field, name: str = "Lise") -> Seat:
    seat = field.invite(name)
    assert seat.person_id is not None
    accept_seat(field.session, scope=PersonScope(seat.person_id), seat_id=seat.id)
    return seat


def letters(field: Field) -> list[Letter]:
    found = select(Letter).where(Letter.kind == "licensing/seat_ends").order_by(Letter.id)
    return list(field.session.scalars(found))


def test_the_holder_is_told_30_and_7_days_before_each_once(seats_of_90_days: Field, clock: TestClock) -> None:
    accept(seats_of_90_days)
    told = []
    for _day in range(93):
        for _again in range(2):
            before = len(letters(seats_of_90_days))
            tell_of_ends(seats_of_90_days.session, after=0)
            new = letters(seats_of_90_days)[before:]
            told += [letter.context["days"] for letter in new]
        clock.advance(days=1)

    assert told == [30, 7]
    letter = letters(seats_of_90_days)[0]
    assert letter.recipient == "lise@work.example"
    assert letter.context["ask"] == ["Buyer ours"]


def test_after_a_long_stop_only_the_most_urgent_is_told(seats_of_90_days: Field, clock: TestClock) -> None:
    accept(seats_of_90_days)
    clock.advance(days=86)

    for _again in range(2):
        tell_of_ends(seats_of_90_days.session, after=0)

    assert [letter.context["days"] for letter in letters(seats_of_90_days)] == [3]


def test_a_seat_accepted_for_two_weeks_is_not_told_of_at_once(field: Field, clock: TestClock) -> None:
    field.licence.seat_days = 14
    accept(field)
    tell_of_ends(field.session, after=0)
    assert letters(field) == []
    clock.advance(days=6)
    tell_of_ends(field.session, after=0)
    assert [letter.context["days"] for letter in letters(field)] == [7]


def test_a_seat_that_lasts_as_long_as_its_licence_and_one_not_accepted_are_not_told_of(
    field: Field, clock: TestClock
) -> None:
    accept(field)
    field.licence.seat_days = 40
    field.invite("Bo")
    clock.advance(days=20)

    tell_of_ends(field.session, after=0)

    assert letters(field) == []


def test_whoever_has_another_seat_that_lasts_longer_is_not_told(seats_of_90_days: Field, clock: TestClock) -> None:
    seat = accept(seats_of_90_days)
    licence = new_licence(seats_of_90_days.session, seats_of_90_days.world, 1)
    accept(Field(seats_of_90_days.session, seats_of_90_days.installation, seats_of_90_days.world, licence))
    clock.advance(days=60)

    tell_of_ends(seats_of_90_days.session, after=0)

    assert seat.valid_until == product_clock.today("DK") + timedelta(days=29)
    assert letters(seats_of_90_days) == []


def test_many_are_written_to_some_at_a_time_and_operators_warnings_stay_as_they_were(
    seats_of_90_days: Field, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seat_ends, "BATCH", 2)
    for name in ("Ann", "Bo", "Lise"):
        accept(seats_of_90_days, name)
    clock.advance(days=60)
    session = seats_of_90_days.session
    warn(session)
    tell_of_ends_hourly(seats_of_90_days.installation, session)
    session.commit()

    while run_due(seats_of_90_days.installation):
        pass

    assert len(letters(seats_of_90_days)) == 3
    assert warn(session) == 0


def test_the_page_afterwards_says_why_and_whom_to_ask(
    seats_of_90_days: Field, clock: TestClock, browser: Callable[[], PageClient]
) -> None:
    seat = accept(seats_of_90_days)
    assert seat.person is not None
    seat.person.leave_page_explained_at = product_clock.now()
    seats_of_90_days.session.commit()
    clock.advance(days=90)

    page = browser().signed_in_as(seat.person).page(f"/learn/{seats_of_90_days.licence.course_id}")

    assert "Your seat from Favrskov Kommune lasted until" in page.text
    assert "Its days are counted from when you accepted it." in page.text
    assert "Ask Buyer ours, who manages the seats of Favrskov Kommune, about a new seat." in page.text
