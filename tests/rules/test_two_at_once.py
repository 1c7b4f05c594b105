"""The same thing done twice in one moment, on two connections: one is done, the other refused in words."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts import factors
from elearn.accounts.models import Person, TotpSecret
from elearn.config import Settings
from elearn.core import clock
from elearn.core.db import Database
from elearn.core.errors import DomainError
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope
from elearn.evaluation.services.moderating import make_theme
from elearn.feedback.models import FeedbackForm, FeedbackFormDraft, FeedbackRound, FeedbackTheme
from elearn.feedback.services.editing import begin_draft
from elearn.feedback.services.publishing import next_round
from elearn.licensing import services
from elearn.licensing.models import Licence, RenewalLeaver, Seat
from elearn.organisations.models import Municipality
from elearn.organisations.services import add_customer, write_org_number
from elearn.training.models import RuleKind, TrainingRule
from elearn.training.services import start_rule
from elearn.training.services.rules import Wish
from tests.conftest import TestClock
from tests.feedback.forms import ask, form_file
from tests.licensing.helpers import new_licence, own_installation, own_world
from tests.world import World

pytestmark = pytest.mark.race


@pytest.fixture
def installation(settings: Settings, own_database: Database, clock: TestClock) -> Installation:
    return own_installation(settings, own_database)


@pytest.fixture
def world(installation: Installation, tmp_path: Path) -> World:
    return own_world(installation, tmp_path)


def twice(installation: Installation, *acts: Callable[[Session], Any]) -> list[str]:
    """Do things, or one thing twice, in the same moment; return 'done' or the refusals' names, in order."""
    gate = threading.Barrier(2)

    def run(act: Callable[[Session], Any]) -> str:
        try:
            gate.wait()
            with installation.database.transaction() as session:
                act(session)
                session.flush()
        except DomainError as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(2) as threads:
        return sorted(threads.map(run, acts * (2 // len(acts))))


def count(installation: Installation, model: type, *conditions: Any) -> int:
    with installation.database.reader() as session:
        return session.scalars(select(func.count()).select_from(model).where(*conditions)).one()


def test_a_customer_is_added_once(installation: Installation, world: World) -> None:
    scope = world.ours.house_scope

    answers = twice(
        installation,
        lambda session: add_customer(
            session, scope=scope, name="Daycare", country="DK", org_number="13585628", by_id=scope.person_id
        ),
    )

    assert answers == ["NumberTaken", "done"]
    assert count(installation, Municipality, Municipality.org_number == "13585628") == 1


def test_a_missing_number_is_written_once(installation: Installation, world: World) -> None:
    with installation.database.transaction() as session:
        haram = select(Municipality.id).where(Municipality.code == "1580", Municipality.country == "NO")
        municipality_id = session.scalars(haram).one()

    def write(number: str) -> Callable[[Session], Any]:
        return lambda session: write_org_number(
            session, municipality=session.get_one(Municipality, municipality_id), org_number=number, by_id=None
        )

    assert twice(installation, write("988077917"), write("923609016")) == ["NumberTaken", "done"]


def test_a_licence_is_granted_once_by_a_button_pressed_twice(installation: Installation, world: World) -> None:
    side = world.ours

    def press(session: Session) -> None:
        wanted: dict[str, Any] = {
            "course": session.merge(side.course),
            "municipality": session.merge(side.municipality),
            "seats": 7,
            "starts_on": clock.today("DK"),
            "ends_on": clock.today("DK"),
            "reason": "Pilot",
            "by_id": side.owner.id,
            "handovers_allowed": None,
            "seat_days": None,
            "has_waiting_line": True,
        }
        if services.granted_a_moment_ago(session, **wanted) is None:
            services.grant_licence(session, house=session.merge(side.house), **wanted)

    assert twice(installation, press) == ["done", "done"]
    assert count(installation, Licence, Licence.reason == "Pilot") == 1


def test_a_rule_is_begun_once(installation: Installation, world: World) -> None:
    scope = MunicipalityScope(world.ours.municipality.id, world.ours.buyer.id)
    with installation.database.reader() as session:
        course = world.ours.outline(session)

    answers = twice(
        installation,
        lambda session: start_rule(session, scope=scope, course=course, wish=Wish(RuleKind.JOINER, None, 14)),
    )

    assert answers == ["RuleRunsAlready", "done"]
    assert count(installation, TrainingRule) == 1


def test_leavers_are_chosen_twice_and_stay_chosen(installation: Installation, world: World) -> None:
    side = world.ours

    answers = twice(
        installation,
        lambda session: services.choose_leavers(
            session,
            scope=MunicipalityScope(side.municipality.id, side.buyer.id),
            licence_id=side.licence.id,
            person_ids=[side.learner.id],
            among=[side.learner.id],
            by_id=side.buyer.id,
        ),
    )

    assert answers == ["done", "done"]
    assert count(installation, RenewalLeaver) == 1


def test_an_app_is_begun_twice_and_waits_once(installation: Installation, world: World) -> None:
    answers = twice(
        installation,
        lambda session: factors.begin_app(session, installation.tokens, session.get_one(Person, world.ours.buyer.id)),
    )

    assert answers == ["done", "done"]
    assert count(installation, TotpSecret, TotpSecret.person_id == world.ours.buyer.id) == 1


def test_whoever_is_invited_while_everybody_is_carried_over_has_one_seat(
    installation: Installation, world: World
) -> None:
    side = world.ours
    with installation.database.transaction() as session:
        new_id = new_licence(session, world, 3).id
        address = session.get_one(Person, side.learner.id).address
    began = threading.Event()

    def invite() -> None:
        with installation.database.transaction() as session:
            services.invite(
                session,
                installation.tokens,
                licence=session.get_one(Licence, new_id),
                address=address,
                name="Learner",
                language="da",
                by_id=side.owner.id,
            )
            began.set()
            time.sleep(0.5)

    def carry_over() -> int:
        assert began.wait(20)
        with installation.database.transaction() as session:
            return services.carry_over(
                session,
                scope=MunicipalityScope(side.municipality.id, side.buyer.id),
                from_licence_id=side.licence.id,
                to_licence_id=new_id,
                by_id=side.buyer.id,
            )

    with ThreadPoolExecutor(2) as threads:
        invited, carried = threads.submit(invite), threads.submit(carry_over)
        invited.result()

        assert carried.result() == 0
    assert count(installation, Seat, Seat.licence_id == new_id, Seat.person_id == side.learner.id) == 1


def test_a_draft_a_theme_and_a_next_round_are_begun_once(installation: Installation, world: World) -> None:
    with installation.database.transaction() as session:
        form, round_ = ask(session, session.merge(world.ours.course), form_file())
        round_.closed_at = clock.now()
        form_id, round_id, owner_id = form.id, round_.id, world.ours.owner.id

    def begin(session: Session) -> None:
        begin_draft(session, form=session.get_one(FeedbackForm, form_id))

    def name(session: Session) -> None:
        closed, by = session.get_one(FeedbackRound, round_id), session.get_one(Person, owner_id)
        make_theme(session, round_=closed, name="Time", by=by)

    def go_on(session: Session) -> None:
        next_round(session, course=session.get_one(FeedbackForm, form_id).course, by=None)

    for act in (begin, name, go_on):
        assert twice(installation, act) == ["done", "done"]
    assert count(installation, FeedbackFormDraft) == count(installation, FeedbackTheme) == 1
    assert count(installation, FeedbackRound, FeedbackRound.closed_at.is_(None)) == 1
