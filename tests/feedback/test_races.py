"""Two who write at once. SQLite's writers take turns, so the races are PostgreSQL's."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.core.tokens import Tokens
from elearn.evaluation.services import close_round
from elearn.feedback.errors import AlreadyAnswered, FormClosed
from elearn.feedback.form_files import Audience, FormFile
from elearn.feedback.models import FeedbackAsk, FeedbackForm, FeedbackRound, NamedResponse, SpooledResponse
from elearn.feedback.services.answering import Respondent, save_draft, submit_response
from elearn.feedback.services.asking import remind_some
from elearn.mail.models import Letter
from tests.conftest import TestClock, settings_in
from tests.databases import ENGINE
from tests.feedback.forms import ask, form_file
from tests.licensing.helpers import own_installation, own_world
from tests.world import World

pytestmark = [pytest.mark.race, pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite's writers take turns")]
WAITS_S = 0.3
"""Long enough for the second to come to where it waits for the first."""


class Race:
    """A form of a course, and two who write at once."""

    def __init__(self, installation: Installation, world: World) -> None:
        self.database: Database = installation.database
        self.tokens: Tokens = installation.tokens
        self.world = world

    def asks(self, form: FormFile) -> None:
        with self.database.transaction() as session:
            row, round_ = ask(session, session.merge(self.world.ours.course), form)
            self.form_id, self.round_id = row.id, round_.id

    def given(self, session: Session, notice: int) -> dict[str, Any]:
        side = self.world.ours
        return {
            "form": session.get_one(FeedbackForm, self.form_id),
            "round_": session.get_one(FeedbackRound, self.round_id),
            "respondent": Respondent(side.learner.id, Audience.STAFF, side.municipality.id, None),
            "answers": {"notice": notice},
        }

    def meanwhile(self, first: Callable[[Session], Any], second: Callable[[Session], Any]) -> Future[Any]:
        """Do the second while the first has written and not committed."""
        has_begun = threading.Event()

        def _second() -> Any:
            with self.database.transaction() as session:
                has_begun.set()
                return second(session)

        with ThreadPoolExecutor(1) as pool, self.database.transaction() as session:
            first(session)
            session.flush()
            found = pool.submit(_second)
            has_begun.wait()
            threading.Event().wait(WAITS_S)
            session.commit()
        return found


@pytest.fixture
def race(own_database: Database, tmp_path: Path, clock: TestClock) -> Race:
    installation = own_installation(settings_in(tmp_path), own_database)
    return Race(installation, own_world(installation, tmp_path))


def test_answers_that_meet_a_closing_are_refused_and_not_left_in_the_spool(race: Race) -> None:
    race.asks(form_file(moment="on-request"))
    with race.database.writer() as session:
        given = race.given(session, 4)
        with race.database.transaction() as other:
            close_round(other, other.get_one(FeedbackRound, race.round_id), by=None)
        with pytest.raises(FormClosed):
            submit_response(session, race.tokens, **given)
    with race.database.reader() as session:
        assert session.scalars(select(SpooledResponse)).all() == []


def test_two_presses_at_once_are_one_answer(race: Race) -> None:
    race.asks(form_file(moment="on-request"))

    late = race.meanwhile(
        lambda session: submit_response(session, race.tokens, **race.given(session, 4)),
        lambda session: submit_response(session, race.tokens, **race.given(session, 4)),
    )

    assert isinstance(late.exception(), AlreadyAnswered)
    with race.database.reader() as session:
        assert len(session.scalars(select(SpooledResponse)).all()) == 1


def test_a_draft_does_not_come_after_what_was_sent(race: Race) -> None:
    race.asks(form_file(moment="on-request", anonymous=False))
    with race.database.transaction() as session:
        save_draft(session, **race.given(session, 1))

    late = race.meanwhile(
        lambda session: submit_response(session, race.tokens, **race.given(session, 5)),
        lambda session: save_draft(session, **race.given(session, 2)),
    )

    assert isinstance(late.exception(), AlreadyAnswered)
    with race.database.reader() as session:
        kept = session.scalars(select(NamedResponse)).one()
        assert (kept.answers, kept.submitted_at is not None) == ({"notice": 5}, True)


def test_two_who_remind_at_once_write_one_letter(race: Race, clock: TestClock) -> None:
    race.asks(form_file(moment="before-start"))
    clock.advance(days=8)

    race.meanwhile(lambda session: remind_some(session, after=0), lambda session: remind_some(session, after=0))

    with race.database.reader() as session:
        assert len(session.scalars(select(Letter).where(Letter.kind == "feedback/reminder")).all()) == 1
        assert session.scalars(select(FeedbackAsk.reminders)).all() == [1]
