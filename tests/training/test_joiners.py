"""New hires: who gets a day, a seat or a place in line, and when it is done. Time travels."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.errors import NotFound
from elearn.jobs.queue import run_due
from elearn.licensing import services as services_of_seats
from elearn.licensing.models import RequestState, Seat, SeatRequest
from elearn.licensing.services import grant_licence, take_back_seat
from elearn.mail.rendering import render
from elearn.organisations.models import Membership
from elearn.training import queries, services
from elearn.training.errors import RuleRunsAlready
from elearn.training.queries import DueState, Wanted
from tests.training.conftest import Training, at, days
from tests.world import World, latest_token

MONDAY = date(2026, 11, 23)


def seats_of(training: Training, person) -> list[Seat]:
    return list(training.session.scalars(select(Seat).where(Seat.person_id == person.id)))


def test_whoever_joins_has_the_days_and_is_invited(training: Training) -> None:
    training.rule()
    training.clock.advance(days=2)
    lise = training.joins("Lise")
    training.hour()

    assert training.days(lise) == [MONDAY + days(16)]
    [seat] = seats_of(training, lise)
    assert seat.invited_at
    assert seat.claimed_at is None
    assert len(training.letters(lise, "licensing/invitation")) == 1


def test_the_invitation_names_the_day_in_every_letter_and_on_its_page(training: Training, browser) -> None:
    training.rule(within_days=60)
    lise = training.joins("Lise")
    lise.language = "en"
    training.pass_days(8)

    letters = training.letters(lise, "licensing/invitation")
    assert [letter.context["reminds"] for letter in letters] == [False, True]
    for letter in letters:
        body = render(training.installation, letter).get_body(("plain",))
        assert body is not None
        assert "Favrskov Kommune asks you to finish it by 22 January." in body.get_content()
    page = browser().page(f"/invitations/{latest_token(training.session, training.installation)}")
    assert "Favrskov Kommune beder dig gennemføre det senest 22. januar." in page.text
    assert "Din arbejdsgiver ser fristen, og om du er færdig." in page.text


def test_an_invitation_without_a_rule_names_no_day(training: Training, browser) -> None:
    training.rule()
    services_of_seats.invite(
        training.session,
        training.installation.tokens,
        licence=training.side.licence,
        address="bo@elsewhere.example",
        name="Bo",
        language="en",
        by_id=None,
    )
    training.session.commit()

    page = browser().page(f"/invitations/{latest_token(training.session, training.installation)}")

    assert "beder dig gennemføre det" not in page.text


def test_who_was_here_before_is_asked_only_when_the_rule_says_so(training: Training) -> None:
    lise = training.joins("Lise")
    training.clock.advance(days=100)
    training.rule()
    training.hour()
    assert training.days(lise) == []

    [rule] = [row.rule for row in queries.rules(training.session, training.scope)]
    services.end_rule(training.session, scope=training.scope, rule_id=rule.id, takes_days_back=False)
    training.rule(includes_present=True)
    training.hour()

    assert training.days(lise) == [product_clock.today("DK") + days(14)], "all the days from now, not late at once"


def test_looking_again_changes_nothing(training: Training) -> None:
    training.rule()
    lise = training.joins("Lise")
    for _hour in range(3):
        training.clock.advance(hours=1)
        training.hour()

    assert len(training.days(lise)) == 1
    assert len(seats_of(training, lise)) == 1
    assert len(training.letters(lise, "licensing/invitation")) == 1


def test_the_day_is_the_municipalitys_own(training: Training) -> None:
    training.rule()
    training.clock.set(at("2026-11-24T23:30:00+00:00"))  # in Copenhagen it is the 25th
    lise = training.joins("Lise")
    training.hour()

    assert training.days(lise) == [date(2026, 11, 25) + days(14)]


def test_a_rule_of_a_department_asks_those_below_it_and_nobody_else(training: Training) -> None:
    schools = training.department("Schools")
    north = training.department("North", schools)
    dental = training.department("Dental")
    training.rule(department_id=schools.id)
    asked, below = training.joins("Asked", schools), training.joins("Below", north)
    beside, nowhere = training.joins("Beside", dental), training.joins("Nowhere")
    training.hour()

    assert [len(training.days(each)) for each in (asked, below, beside, nowhere)] == [1, 1, 0, 0]
    assert seats_of(training, below)[0].department_id == north.id


def test_two_rules_of_one_course_give_one_day(training: Training) -> None:
    schools = training.department("Schools")
    training.rule()
    training.rule(department_id=schools.id)
    lise = training.joins("Lise", schools)
    training.hour()

    assert len(training.days(lise)) == 1


def test_the_same_rule_cannot_run_twice(training: Training) -> None:
    training.rule()

    with pytest.raises(RuleRunsAlready):
        training.rule(within_days=30)


def test_without_a_free_seat_people_stand_in_line(training: Training) -> None:
    training.rule()
    people = [training.joins(f"P{number}") for number in range(5)]
    training.hour()

    assert [len(seats_of(training, each)) for each in people] == [1, 1, 1, 0, 0]
    states = training.session.scalars(
        select(SeatRequest.state).where(SeatRequest.person_id.in_([p.id for p in people]))
    )
    assert states.all() == [RequestState.WAITING] * 2

    side = training.side
    seat = side.seat(training.session)
    take_back_seat(training.session, scope=side.house_scope, seat_id=seat.id, by_id=side.owner.id)
    training.clock.advance(minutes=11)
    training.hour()

    assert len(seats_of(training, people[3])) == 1, "the first in line"


def test_who_stood_in_line_when_the_licence_ended_gets_a_seat_of_the_next(training: Training) -> None:
    training.rule(within_days=365)
    people = [training.joins(f"P{number}") for number in range(4)]
    training.hour()
    assert seats_of(training, people[3]) == [], "in line"
    side, old = training.side, training.session.merge(training.side.licence)
    old.ends_on = MONDAY
    training.clock.advance(days=1)
    training.hour()

    grant_licence(
        training.session,
        house=training.session.merge(side.house),
        course=training.session.merge(side.course),
        municipality=training.municipality,
        seats=9,
        starts_on=MONDAY + days(1),
        ends_on=MONDAY + days(365),
        reason="The next one",
        by_id=None,
        previous=old,
    )
    training.clock.advance(hours=1)
    training.hour()

    assert len(seats_of(training, people[3])) == 1


def test_nobody_passes_the_line_and_a_seat_that_may_still_be_given_back_is_not_given(training: Training) -> None:
    rule, session, side = training.rule(), training.session, training.side

    def hires(name: str) -> Person:
        person = training.joins(name)
        services.meet_people(session, rule_id=rule.id)
        services.give_seats(session, training.installation.tokens, rule_id=rule.id)
        return person

    for number in range(3):
        assert seats_of(training, hires(f"P{number}"))
    seat = side.seat(session)
    take_back_seat(session, scope=side.house_scope, seat_id=seat.id, by_id=side.owner.id)

    first = hires("First")
    assert seats_of(training, first) == [], "the taking back can be undone"
    training.clock.advance(minutes=11)  # and no worker has been by to serve the line

    assert seats_of(training, hires("Late")) == []
    training.hour()
    assert len(seats_of(training, first)) == 1


def test_without_a_licence_nothing_is_promised_until_there_is_one(training: Training, world: World) -> None:
    side = training.side
    training.rule()
    training.session.merge(side.licence).ends_on = MONDAY
    training.clock.advance(days=1)
    lise = training.joins("Lise")
    training.hour()
    assert seats_of(training, lise) == []

    grant_licence(
        training.session,
        house=training.session.merge(side.house),
        course=training.session.merge(side.course),
        municipality=training.municipality,
        seats=1,
        starts_on=MONDAY + days(1),
        ends_on=MONDAY + days(300),
        reason="Test",
        by_id=side.owner.id,
    )
    training.hour()
    training.clock.advance(hours=1)
    training.hour()

    assert len(seats_of(training, lise)) == 1


def test_a_seat_taken_back_is_not_given_again(training: Training) -> None:
    training.rule()
    lise = training.joins("Lise")
    training.hour()
    [seat] = seats_of(training, lise)
    take_back_seat(training.session, scope=training.scope, seat_id=seat.id, by_id=training.side.buyer.id)
    training.pass_days(3)

    assert seats_of(training, lise) == []


def test_completing_makes_it_done_also_before(training: Training) -> None:
    lise = training.joins("Lise")
    training.completes(lise)
    mads = training.joins("Mads")
    training.clock.advance(days=1)
    training.rule(includes_present=True)
    training.hour()
    assert [due.done_at is not None for due in training.dues(lise)] == [True]
    assert seats_of(training, lise) == [], "who is through needs no seat"

    training.clock.advance(days=3)
    training.completes(mads)
    page = queries.due_people(training.session, training.scope, Wanted(state=DueState.DONE))
    assert {row.person.name for row in page.rows} >= {"Lise", "Mads"}, "told at once, before the worker looks"
    training.clock.advance(hours=1)
    training.hour()
    [due] = training.dues(mads)
    assert due.done_at == product_clock.now() - timedelta(hours=1)


def test_who_leaves_is_no_longer_shown_nor_reminded(training: Training) -> None:
    training.rule()
    lise = training.seated("Lise")
    training.hour()
    member = training.session.scalars(select(Membership).where(Membership.person_id == lise.id)).one()
    member.ended_at = product_clock.now()
    training.pass_days(30)

    assert queries.due_people(training.session, training.scope, Wanted()).rows == []
    assert training.letters(lise) == []


def test_ending_a_rule_asks_nobody_new_and_keeps_days_unless_taken_back(training: Training) -> None:
    rule = training.rule()
    lise = training.joins("Lise")
    training.hour()
    services.end_rule(training.session, scope=training.scope, rule_id=rule.id, takes_days_back=False)
    mads = training.joins("Mads")
    training.clock.advance(hours=1)
    training.hour()
    assert (len(training.days(lise)), len(training.days(mads))) == (1, 0)

    again = training.rule(within_days=20)
    ida = training.joins("Ida")
    training.clock.advance(hours=1)
    training.hour()
    assert len(training.days(ida)) == 1
    services.end_rule(training.session, scope=training.scope, rule_id=again.id, takes_days_back=True)
    assert (len(training.days(ida)), len(training.days(lise))) == (0, 1)


def test_another_municipalitys_rule_does_not_exist(training: Training, world: World) -> None:
    rule = training.rule()
    theirs = Training(training.session, training.installation, world.theirs, training.clock)

    assert queries.rules(training.session, theirs.scope) == []
    with pytest.raises(NotFound):
        services.end_rule(training.session, scope=theirs.scope, rule_id=rule.id, takes_days_back=True)
    with pytest.raises(NotFound):
        theirs.rule(department_id=training.department("Schools").id)
    run_due(training.installation)
    assert queries.due_people(training.session, theirs.scope, Wanted()).rows == []
