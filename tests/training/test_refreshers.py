"""Refreshers: again after so many months, done by a person's own word."""

from datetime import date

import pytest

from elearn.core.errors import NotFound
from elearn.core.scope import PersonScope
from elearn.licensing.services import take_back_seat
from elearn.training import queries
from elearn.training.errors import NoSuchModules
from elearn.training.models import RuleKind
from elearn.training.services import say_refreshed
from tests.training.conftest import Training, at, days
from tests.world import World

REFRESHER = RuleKind.REFRESHER


def says_all(training: Training, person) -> bool:
    due = training.dues(person)[-1]
    scope, done = PersonScope(person.id), False
    for module in queries.own_refresher(training.session, scope, due.id).rule.modules:
        done = say_refreshed(training.session, scope, due_id=due.id, module_key=module)
    training.session.commit()
    return done


@pytest.fixture
def long_licence(training: Training) -> None:
    training.session.merge(training.side.licence).ends_on = date(2036, 1, 1)
    training.session.commit()


@pytest.mark.usefixtures("long_licence")
def test_a_refresher_comes_after_the_months_and_again(training: Training) -> None:
    training.rule(REFRESHER)
    lise = training.seated("Lise")
    training.completes(lise)
    training.clock.set(at("2027-11-22T12:00:00+00:00"))
    training.hour()
    assert training.days(lise) == []
    training.clock.advance(days=1)
    training.hour()
    assert training.days(lise) == [date(2027, 11, 23) + days(30)]

    training.clock.set(at("2027-12-01T12:00:00+00:00"))
    assert says_all(training, lise)
    training.clock.set(at("2028-11-30T12:00:00+00:00"))
    training.hour()
    assert len(training.days(lise)) == 1
    training.clock.advance(days=1)
    training.hour()
    assert training.days(lise)[1:] == [date(2028, 12, 1) + days(30)], "counted from the day the last one was done"


@pytest.mark.usefixtures("long_licence")
def test_one_that_is_not_done_is_not_asked_twice(training: Training) -> None:
    training.rule(REFRESHER)
    lise = training.seated("Lise")
    training.completes(lise)
    for year in (2027, 2028, 2029):
        training.clock.set(at(f"{year}-11-24T12:00:00+00:00"))
        training.hour()

    assert len(training.days(lise)) == 1


def test_who_completed_long_ago_has_all_the_days_from_now(training: Training) -> None:
    lise = training.seated("Lise")
    training.completes(lise)
    training.session.merge(training.side.licence).ends_on = date(2036, 1, 1)
    training.clock.set(at("2029-01-10T12:00:00+00:00"))
    training.rule(REFRESHER)
    training.hour()

    assert training.days(lise) == [date(2029, 1, 10) + days(30)]


def test_without_a_live_seat_there_is_no_refresher(training: Training) -> None:
    training.rule(REFRESHER, after_months=1)
    lise, side = training.seated("Lise"), training.side
    training.completes(lise)
    seat = side.seat(training.session, lise)
    take_back_seat(training.session, scope=side.house_scope, seat_id=seat.id, by_id=side.owner.id)
    training.clock.advance(days=40)
    training.hour()

    assert training.days(lise) == []


def test_every_module_is_to_be_gone_through(training: Training) -> None:
    keys = [module.key for module in training.course.modules][:2]
    training.rule(REFRESHER, after_months=1, modules=keys)
    lise = training.seated("Lise")
    training.completes(lise)
    training.clock.advance(days=40)
    training.hour()
    [due] = training.dues(lise)
    scope = PersonScope(lise.id)

    assert not say_refreshed(training.session, scope, due_id=due.id, module_key=keys[0])
    assert not say_refreshed(training.session, scope, due_id=due.id, module_key=keys[0])
    assert due.done_at is None
    assert say_refreshed(training.session, scope, due_id=due.id, module_key=keys[1])
    assert due.done_at == training.clock.time


def test_others_refreshers_and_modules_do_not_exist(training: Training, world: World) -> None:
    keys = [module.key for module in training.course.modules]
    training.rule(REFRESHER, after_months=1, modules=keys[:1])
    lise = training.seated("Lise")
    training.completes(lise)
    training.clock.advance(days=40)
    training.hour()
    [due] = training.dues(lise)

    for person, key in ((world.theirs.learner, keys[0]), (world.ours.learner, keys[0]), (lise, keys[1]), (lise, "x")):
        with pytest.raises(NotFound):
            say_refreshed(training.session, PersonScope(person.id), due_id=due.id, module_key=key)


@pytest.mark.parametrize("modules", [[], ["nowhere"]])
def test_a_refresher_names_modules_of_the_course(training: Training, modules: list[str]) -> None:
    with pytest.raises(NoSuchModules):
        training.rule(REFRESHER, modules=modules)
