from datetime import UTC, date, datetime, timedelta

import pytest

from elearn.core import clock as product_clock
from elearn.core.scope import PersonScope
from elearn.licensing import seat_lists, services
from elearn.licensing.models import Seat
from elearn.licensing.queries import end_of, held_until, live_seat, open_invitation, seats_of
from tests.conftest import TestClock
from tests.licensing.helpers import Field, new_licence


def claimed(field: Field, name: str = "Lise") -> Seat:
    seat = field.invite(name)
    services.accept_invitation(field.session, field.token())
    return seat


def live(field: Field, seat: Seat) -> Seat | None:
    return live_seat(field.session, PersonScope(seat.person_id or 0), field.world.ours.course.id)


def take_back(field: Field, seat: Seat) -> None:
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)


def test_a_claimed_seat_of_a_running_licence_is_live(field: Field) -> None:
    seat = claimed(field)

    assert live(field, seat) == seat


def test_a_seat_that_is_only_held_is_not_live(field: Field) -> None:
    seat = field.invite("Lise")

    assert live(field, seat) is None


def test_a_seat_of_another_course_is_not_live(field: Field) -> None:
    seat = claimed(field)

    assert live_seat(field.session, PersonScope(seat.person_id or 0), field.world.theirs.course.id) is None


def test_a_licence_runs_through_its_last_day_in_its_own_country(field: Field, clock: TestClock) -> None:
    seat = claimed(field)
    midnight = end_of(field.licence.ends_on, "DK")

    clock.set(midnight - timedelta(seconds=1))
    assert live(field, seat) == seat
    clock.set(midnight)
    assert live(field, seat) is None


def test_a_licence_begins_at_local_midnight(field: Field, clock: TestClock) -> None:
    field.licence.starts_on = date(2026, 12, 24)
    seat = claimed(field)
    assert live(field, seat) is None

    clock.set(datetime(2026, 12, 23, 23, 0, tzinfo=UTC))  # midnight in Copenhagen
    assert live(field, seat) == seat


def test_with_two_seats_the_one_that_lasts_longest_is_taken(field: Field) -> None:
    long_seat = claimed(field)
    field.licence = new_licence(field.session, field.world, 1, days=5)
    claimed(field)

    assert live(field, long_seat) == long_seat


def test_all_seats_of_a_person_are_listed_with_what_a_page_needs(field: Field) -> None:
    seat = claimed(field)
    field.licence = new_licence(field.session, field.world, 1, days=5)
    field.invite("Lise")

    found = seats_of(field.session, PersonScope(seat.person_id or 0))

    assert [one.state for one in found] == ["claimed", "invited"]
    assert found[1].licence.municipality.official_name == "Favrskov Kommune"


def test_a_hold_lasts_while_the_seat_is_claimed(field: Field) -> None:
    seat = claimed(field)

    assert held_until(field.session, seat_id=seat.id, person_id=seat.person_id or 0, since=product_clock.now()) is None


def test_a_hold_ends_when_the_seat_is_taken_back(field: Field, clock: TestClock) -> None:
    seat, since = claimed(field), product_clock.now()
    person_id = seat.person_id or 0
    clock.advance(days=3)
    take_back(field, seat)
    ended = product_clock.now()
    clock.advance(days=1)

    assert held_until(field.session, seat_id=seat.id, person_id=person_id, since=since) == ended


def test_a_hold_that_ended_is_not_revived_by_a_new_claim(field: Field, clock: TestClock) -> None:
    seat, since = claimed(field), product_clock.now()
    person_id = seat.person_id or 0
    clock.advance(days=3)
    take_back(field, seat)
    ended = product_clock.now()
    clock.advance(days=1)
    assert claimed(field).id == seat.id

    assert held_until(field.session, seat_id=seat.id, person_id=person_id, since=since) == ended
    assert held_until(field.session, seat_id=seat.id, person_id=person_id, since=product_clock.now()) is None


def test_a_release_that_was_undone_did_not_end_the_hold(field: Field, clock: TestClock) -> None:
    seat, since = claimed(field), product_clock.now()
    clock.advance(days=3)
    take_back(field, seat)
    services.undo_take_back(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    assert held_until(field.session, seat_id=seat.id, person_id=seat.person_id or 0, since=since) is None


def test_a_hold_ends_with_the_licence_at_local_midnight(field: Field, clock: TestClock) -> None:
    seat, since = claimed(field), product_clock.now()
    clock.advance(days=4000)

    ended = held_until(field.session, seat_id=seat.id, person_id=seat.person_id or 0, since=since)

    assert ended == end_of(field.licence.ends_on, "DK")


def test_who_holds_the_seat_now_does_not_lengthen_the_hold_of_who_held_it(field: Field, clock: TestClock) -> None:
    seat, since = claimed(field), product_clock.now()
    lise = seat.person_id or 0
    clock.advance(minutes=5)
    take_back(field, seat)
    ended = product_clock.now()
    assert claimed(field, "Hassan").id == seat.id

    assert held_until(field.session, seat_id=seat.id, person_id=lise, since=since) == ended


@pytest.mark.parametrize(("country", "day"), [("DK", date(2027, 3, 27)), ("NO", date(2026, 10, 24))])
def test_a_day_is_over_at_local_midnight_also_when_clocks_change(country: str, day: date) -> None:
    over = end_of(day, country).astimezone(product_clock.ZONES[country])

    assert (over.date(), over.hour) == (day + timedelta(days=1), 0)


def test_an_invitation_of_a_licence_that_ended_opens_nothing(field: Field, clock: TestClock) -> None:
    field.licence = new_licence(field.session, field.world, 1, days=5)
    field.invite("Lise")
    token = field.token()
    assert open_invitation(field.session, token) is not None

    clock.advance(days=6)

    assert open_invitation(field.session, token) is None


def test_a_history_is_told_to_those_whose_licence_it_is(field: Field) -> None:
    seat = claimed(field)
    assert seat.person_id
    for scope, lines in ((field.scope, 2), (field.world.theirs.house_scope, 0)):
        assert len(seat_lists.history(field.session, scope, field.licence.id).rows) == lines
        assert len(seat_lists.seat_history(field.session, scope, seat.id, seat.person_id)) == lines
