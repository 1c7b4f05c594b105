"""Asking, waiting, being served in order: with the clock in the test's hand."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person
from elearn.core import clock as product_clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.jobs.schedule import run_periodic
from elearn.licensing import services
from elearn.licensing.errors import AlreadySeated, LicenceEnded, NoFreeSeat, NoWaitingLine
from elearn.licensing.models import RequestState, Seat, SeatRequest, SeatState
from elearn.licensing.seat_rows import Placing
from elearn.licensing.waiting_lists import (
    askers,
    line,
    requests_of,
    waiting_counts,
)
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, Role
from tests.conftest import TestClock
from tests.licensing.helpers import Field


@pytest.fixture
def buyer(field: Field) -> MunicipalityScope:
    return MunicipalityScope(field.world.ours.municipality.id, field.world.ours.buyer.id)


@pytest.fixture
def taken(field: Field) -> list[Seat]:
    """All three seats held: the line begins to matter."""
    seats = [field.invite(name) for name in ("Anna", "Bo", "Carl")]
    for seat in seats:
        services.accept_seat(field.session, scope=PersonScope(seat.person_id or 0), seat_id=seat.id)
    return seats


@pytest.fixture
def waits(field: Field, clock: TestClock) -> Callable[[str], SeatRequest]:
    """Puts somebody in line, a minute after the one before."""

    def join(name: str) -> SeatRequest:
        clock.advance(minutes=1)
        return services.join_line(
            field.session, person=person(field, name), licence=field.licence, placing=Placing(sector="ppr")
        )

    return join


def person(field: Field, name: str) -> Person:
    address = f"{name.lower()}@work.example"
    return find_or_add_person(field.session, address=address, name=name, language="en")[0]


def asks(field: Field, name: str) -> SeatRequest:
    scope = PersonScope(person(field, name).id)
    return services.ask_for_seat(field.session, scope, licence=field.licence, placing=Placing())


def run_jobs(field: Field) -> None:
    field.session.commit()
    while run_due(field.installation):
        pass
    field.session.expire_all()


def take_back(field: Field, seat: Seat) -> None:
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)


def holders(field: Field) -> dict[str, SeatState]:
    seats = field.session.scalars(
        select(Seat).where(Seat.licence_id == field.licence.id).execution_options(populate_existing=True)
    )
    return {seat.person.name: seat.state for seat in seats if seat.person}


def letters(field: Field, kind: str) -> list[Letter]:
    return list(field.session.scalars(select(Letter).where(Letter.kind == f"licensing/{kind}").order_by(Letter.id)))


def test_a_seat_taken_back_goes_to_the_first_in_line_after_ten_minutes(
    field: Field, taken: list[Seat], waits, clock: TestClock
) -> None:
    waits("Lise"), waits("Mia")
    take_back(field, taken[0])
    clock.advance(minutes=9, seconds=59)
    run_jobs(field)
    assert "Lise" not in holders(field)

    clock.advance(seconds=1)
    run_jobs(field)

    assert holders(field)["Lise"] is SeatState.INVITED
    assert "Mia" not in holders(field)
    assert letters(field, "invitation")[-1].recipient == "lise@work.example"


def test_an_undone_take_back_leaves_the_line_waiting(field: Field, taken, waits, clock: TestClock) -> None:
    waits("Lise")
    take_back(field, taken[0])
    services.undo_take_back(field.session, scope=field.scope, seat_id=taken[0].id, by_id=field.owner_id)
    clock.advance(minutes=11)
    run_jobs(field)

    assert set(holders(field)) == {"Anna", "Bo", "Carl"}


def test_a_declined_invitation_is_passed_on_at_once(field: Field, waits) -> None:
    field.invite("Anna"), field.invite("Bo"), field.invite("Carl")
    token = field.token()
    waits("Lise")
    services.decline_invitation(field.session, token)
    run_jobs(field)

    assert holders(field)["Lise"] is SeatState.INVITED


def test_a_lapsed_invitation_is_passed_on_at_once(field: Field, waits, clock: TestClock) -> None:
    for name in ("Anna", "Bo", "Carl"):
        field.invite(name)
    waits("Lise")
    clock.advance(days=43)
    services.free_lapsed_seats(field.session)
    run_jobs(field)

    assert set(holders(field)) == {"Lise"}


def test_the_order_of_the_line_is_kept(field: Field, taken: list[Seat], waits, clock: TestClock) -> None:
    names = ["Zoe", "Lise", "Mia", "Ada"]
    for name in names:
        waits(name)
    for seat, expected in zip(taken, names, strict=False):
        take_back(field, seat)
        clock.advance(minutes=10)
        run_jobs(field)
        assert expected in holders(field)
    assert "Ada" not in holders(field)


def test_whoever_withdraws_is_passed_over(field: Field, taken: list[Seat], waits, clock: TestClock) -> None:
    first, _second = waits("Lise"), waits("Mia")
    services.leave_line(field.session, scope=PersonScope(first.person_id), request_id=first.id)
    services.leave_line(field.session, scope=PersonScope(first.person_id), request_id=first.id)
    take_back(field, taken[0])
    clock.advance(minutes=10)
    run_jobs(field)

    assert "Mia" in holders(field)
    assert "Lise" not in holders(field)
    assert first.state == RequestState.WITHDRAWN


def test_nobody_withdraws_anothers_request(field: Field, taken, waits) -> None:
    request = waits("Lise")

    with pytest.raises(NotFound):
        services.leave_line(field.session, scope=field.world.ours.scope, request_id=request.id)


def test_a_licence_that_has_ended_gives_nothing(field: Field, taken: list[Seat], waits, clock: TestClock) -> None:
    request = waits("Lise")
    take_back(field, taken[0])
    clock.set(product_clock.now() + timedelta(days=3651))
    run_jobs(field)

    assert request.state == RequestState.WAITING
    assert "Lise" not in holders(field)
    assert requests_of(field.session, PersonScope(request.person_id)) == []
    with pytest.raises(LicenceEnded):
        waits("Mia")


def test_a_line_that_is_switched_off_waits_until_it_is_on_again(
    field: Field, taken: list[Seat], waits, clock: TestClock
) -> None:
    def switch(on: bool) -> None:
        services.change_terms(
            field.session,
            scope=field.scope,
            licence_id=field.licence.id,
            handovers_allowed=5,
            has_waiting_line=on,
            reason="Test",
            by_id=field.owner_id,
        )

    waits("Lise")
    take_back(field, taken[0])
    switch(False)
    clock.advance(minutes=10)
    run_jobs(field)
    assert "Lise" not in holders(field)
    with pytest.raises(NoWaitingLine):
        waits("Mia")

    switch(True)
    run_jobs(field)

    assert holders(field)["Lise"] is SeatState.INVITED


def test_a_job_that_runs_twice_invites_nobody_twice(field: Field, taken: list[Seat], waits, clock: TestClock) -> None:
    waits("Lise"), waits("Mia")
    take_back(field, taken[0])
    clock.advance(minutes=10)

    served = [services.serve_line(field.session, field.tokens, licence_id=field.licence.id) for _run in range(2)]

    assert served == [1, 0]
    assert [letter.recipient for letter in letters(field, "invitation")][-1] == "lise@work.example"
    assert "Mia" not in holders(field)


def test_what_a_crash_left_behind_is_picked_up(field: Field, taken: list[Seat], waits, clock: TestClock) -> None:
    """No job at all: a periodic task finds the free seat and who waits for it."""
    waits("Lise")
    take_back(field, taken[0])
    field.session.commit()
    field.session.execute(update(Job).values(done_at=clock.time))
    field.session.commit()
    clock.advance(minutes=11)
    run_periodic(field.installation)
    run_jobs(field)

    assert "Lise" in holders(field)


def test_somebody_seated_another_way_waits_no_more(field: Field, taken: list[Seat], waits, buyer) -> None:
    waits("Lise"), waits("Mia")
    take_back(field, taken[0])
    field.invite("Lise")

    assert [request.person.name for request in line(field.session, buyer, field.licence.id).rows] == ["Mia"]
    assert waiting_counts(field.session, buyer, [field.licence.id])[field.licence.id].waiting == 1
    assert requests_of(field.session, PersonScope(person(field, "Mia").id))[0].number == 1
    with pytest.raises(AlreadySeated):
        waits("Lise")


def test_the_letter_and_the_page_tell_the_number(field: Field, taken, waits) -> None:
    waits("Lise"), waits("Mia"), waits("Ada")

    assert [letter.context["number"] for letter in letters(field, "in_line")] == [1, 2, 3]
    assert [own.number for own in requests_of(field.session, PersonScope(person(field, "Ada").id))] == [3]


def test_asking_again_changes_nothing(field: Field, buyer) -> None:
    assert asks(field, "Lise").id == asks(field, "Lise").id
    assert askers(field.session, buyer, field.licence.id).total == 1


def test_who_is_approved_gets_a_seat_or_stands_in_line(field: Field, buyer, clock: TestClock) -> None:
    requests = []
    for name in ("Ada", "Bea", "Cia", "Dea"):
        clock.advance(minutes=1)
        requests.append(asks(field, name))
    for request in requests:
        approve(field, buyer, request)

    assert [request.state for request in requests] == ["given", "given", "given", "waiting"]
    assert set(holders(field)) == {"Ada", "Bea", "Cia"}
    assert letters(field, "in_line")[-1].recipient == "dea@work.example"
    assert approve(field, buyer, requests[3]).state == "waiting"


def test_who_is_approved_stands_behind_who_waits_already(field: Field, taken, waits, buyer, clock) -> None:
    request = asks(field, "Ada")
    waits("Lise")
    clock.advance(minutes=1)
    approve(field, buyer, request)

    assert [each.person.name for each in line(field.session, buyer, field.licence.id).rows] == ["Lise", "Ada"]


def test_without_a_line_approving_needs_a_free_seat(field: Field, buyer) -> None:
    field.licence.has_waiting_line = False
    first, *others = [asks(field, name) for name in ("Ada", "Bea", "Cia", "Dea")]
    for request in others:
        assert approve(field, buyer, request).state == "given"

    with pytest.raises(NoFreeSeat):
        approve(field, buyer, first)

    field.session.expire(first)
    assert (first.state, first.answered_by_id) == ("asked", None)


def test_who_is_declined_gets_a_kind_letter_with_the_reason(field: Field, buyer) -> None:
    request = asks(field, "Lise")
    for _twice in range(2):
        services.answer_request(
            field.session,
            field.tokens,
            scope=buyer,
            request_id=request.id,
            approve=False,
            by_id=buyer.person_id or 0,
            reason="Next year.",
        )

    assert request.state == RequestState.DECLINED
    (letter,) = letters(field, "request_declined")
    assert (letter.recipient, letter.context["reason"]) == ("lise@work.example", "Next year.")
    assert [own.request.state for own in requests_of(field.session, PersonScope(request.person_id))] == ["declined"]
    assert asks(field, "Lise").id != request.id


def test_another_municipalitys_requests_are_nowhere(field: Field) -> None:
    request = asks(field, "Lise")
    theirs = MunicipalityScope(field.world.theirs.municipality.id, field.world.theirs.buyer.id)

    with pytest.raises(NotFound):
        approve(field, theirs, request)
    assert askers(field.session, theirs, field.licence.id).rows == []
    assert waiting_counts(field.session, theirs, [field.licence.id])[field.licence.id].asked == 0


def test_buyers_hear_at_most_once_a_day_how_many_ask(field: Field, clock: TestClock) -> None:
    asks(field, "Ada"), asks(field, "Bea")
    assert services.tell_of_requests(field.session) == 1
    clock.advance(hours=23)
    asks(field, "Cia")
    assert services.tell_of_requests(field.session) == 0
    clock.advance(hours=1)
    assert services.tell_of_requests(field.session) == 1
    clock.advance(days=2)
    assert services.tell_of_requests(field.session) == 0

    told = letters(field, "requests_waiting")
    assert [letter.context["number"] for letter in told] == [2, 3]
    assert {letter.recipient for letter in told} == {"buyer@ours.example"}
    assert told[0].context["path"].endswith(f"/licences/{field.licence.id}/waiting")


def test_whoever_becomes_the_buyer_hears_of_what_was_asked_before(field: Field, clock: TestClock) -> None:
    buyers = update(Membership).where(Membership.role == Role.BUYER)
    field.session.execute(buyers.values(ended_at=product_clock.now()))
    asks(field, "Ada")
    assert services.tell_of_requests(field.session) == 0
    clock.advance(days=2)

    field.session.execute(buyers.values(ended_at=None))

    assert services.tell_of_requests(field.session) == 1


def approve(field: Field, scope: MunicipalityScope, request: SeatRequest) -> SeatRequest:
    return services.answer_request(
        field.session,
        field.tokens,
        scope=scope,
        request_id=request.id,
        approve=True,
        by_id=scope.person_id or 0,
    )
