"""Whoever asked for a seat or waited for one, and got it another way, asks and waits no more: also not later."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person
from elearn.core.scope import PersonScope
from elearn.licensing import services
from elearn.licensing.models import Licence, RequestState, Seat, SeatRequest
from elearn.licensing.seat_rows import Placing
from tests.conftest import TestClock
from tests.licensing.helpers import Field
from tests.licensing.test_waiting_line import holders, run_jobs, take_back


@pytest.fixture
def lise(field: Field) -> Person:
    return find_or_add_person(field.session, address="lise@work.example", name="Lise", language="en")[0]


@pytest.fixture
def seats(field: Field) -> list[Seat]:
    """All three, claimed."""
    seats = [field.invite(name) for name in ("Anna", "Bo", "Carl")]
    for seat in seats:
        services.accept_seat(field.session, scope=PersonScope(seat.person_id or 0), seat_id=seat.id)
    return seats


@pytest.fixture
def waits(field: Field, lise: Person) -> SeatRequest:
    return services.join_line(field.session, person=lise, licence=field.licence, placing=Placing())


def test_who_declines_is_not_invited_again(field: Field, seats, waits: SeatRequest, clock: TestClock) -> None:
    take_back(field, seats[0])
    field.invite("Lise")
    services.decline_invitation(field.session, field.token())
    clock.advance(minutes=11)
    run_jobs(field)

    assert set(holders(field)) == {"Bo", "Carl"}
    assert waits.state == RequestState.GIVEN


def test_who_loses_the_seat_later_does_not_stand_in_line_as_before(
    field: Field, seats, waits: SeatRequest, clock: TestClock
) -> None:
    field.licence.has_waiting_line = False
    take_back(field, seats[0])
    seat = field.invite("Lise")
    take_back(field, seat)
    field.licence.has_waiting_line = True
    clock.advance(minutes=11)
    services.serve_line(field.session, field.tokens, licence_id=field.licence.id)

    assert set(holders(field)) == {"Bo", "Carl"}


def test_whose_seat_is_given_back_waits_no_more(field: Field, seats, clock: TestClock) -> None:
    anna = field.session.get_one(Person, seats[0].person_id)
    take_back(field, seats[0])
    request = services.ask_for_seat(field.session, PersonScope(anna.id), licence=field.licence, placing=Placing())
    services.undo_take_back(field.session, scope=field.scope, seat_id=seats[0].id, by_id=field.owner_id)

    assert request.state == RequestState.GIVEN


def test_who_gets_a_seat_by_a_corrected_address_waits_no_more(field: Field, waits: SeatRequest) -> None:
    seat = field.invite("Dora")
    services.correct_address(
        field.session,
        field.tokens,
        scope=field.scope,
        seat_id=seat.id,
        address="lise@work.example",
        by_id=field.owner_id,
    )

    assert waits.state == RequestState.GIVEN
    assert set(holders(field)) == {"Lise"}


def test_who_is_carried_over_waits_no_more_in_the_next_licence(field: Field, lise: Person, seats) -> None:
    side = field.world.ours
    new = services.grant_licence(
        field.session,
        house=side.house,
        course=side.course,
        municipality=side.municipality,
        seats=3,
        starts_on=field.licence.ends_on + timedelta(days=1),
        ends_on=field.licence.ends_on + timedelta(days=30),
        reason="Renewal",
        by_id=side.owner.id,
        previous=field.licence,
    )
    anna = PersonScope(seats[0].person_id or 0)
    request = services.ask_for_seat(field.session, anna, licence=new, placing=Placing())
    others = services.ask_for_seat(field.session, PersonScope(lise.id), licence=new, placing=Placing())
    carried = services.carry_over(
        field.session,
        scope=field.scope,
        from_licence_id=field.licence.id,
        to_licence_id=new.id,
        by_id=field.owner_id,
    )

    assert carried == 3
    assert (request.state, others.state) == (RequestState.GIVEN, RequestState.ASKED)


def test_a_seat_of_another_licence_leaves_a_request_as_it_is(field: Field, lise: Person, seats) -> None:
    request = services.ask_for_seat(field.session, PersonScope(lise.id), licence=field.licence, placing=Placing())
    other = field.session.get_one(Licence, field.world.ours.licence.id)
    services.invite(
        field.session,
        field.tokens,
        licence=other,
        address="lise@work.example",
        name="Lise",
        language="en",
        by_id=field.owner_id,
    )

    assert field.session.scalar(select(SeatRequest.state).where(SeatRequest.id == request.id)) == RequestState.ASKED
