"""The weekly release, and what is left on the disk after it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.evaluation import jobs
from elearn.evaluation.services.closing import ask_to_close
from elearn.feedback.errors import FormClosed
from elearn.feedback.form_files import Audience
from elearn.feedback.known import open_forms
from elearn.feedback.models import (
    FeedbackBatch,
    FeedbackText,
    FeedbackTheme,
    SpooledResponse,
    feedback_text_themes,
)
from elearn.feedback.services.answering import Respondent, submit_response
from elearn.jobs.models import Job
from elearn.jobs.queue import run_job
from tests.conftest import TestClock, settings_in
from tests.evaluation.rounds import SCALE, WORDS, form_file, start

MONDAY_SIX_IN_COPENHAGEN = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)


def _batches(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(FeedbackBatch)) or 0


def test_answers_are_released_on_mondays_at_six_once(
    session: Session, installation: Installation, clock: TestClock
) -> None:
    round_ = start(session, form_file("end", {"useful": SCALE}))
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5] * 2)
    session.commit()

    def an_hour_passes(until: datetime) -> None:
        clock.set(until)
        jobs.release_weekly(installation, session)
        session.commit()
        for job_id in session.scalars(select(Job.id).where(Job.name == "evaluation.release", Job.done_at.is_(None))):
            run_job(installation, job_id)
        session.expire_all()

    an_hour_passes(clock.time)  # Monday at ten: this week's is still to come for a round that was open before six
    assert _batches(session) == 1
    an_hour_passes(MONDAY_SIX_IN_COPENHAGEN.replace(hour=4, minute=59))
    assert _batches(session) == 1
    an_hour_passes(MONDAY_SIX_IN_COPENHAGEN.replace(hour=6, minute=1))
    assert _batches(session) == 2
    for round_id in (round_.row.id, round_.row.id):
        jobs.release(installation, round_id=round_id)
    an_hour_passes(MONDAY_SIX_IN_COPENHAGEN.replace(hour=9))
    assert _batches(session) == 2
    assert round_.figures()["useful", ""].n == 10


def test_a_round_takes_no_answer_from_when_its_owner_asked_to_close_it(
    session: Session, installation: Installation, clock: TestClock
) -> None:
    round_ = start(session, form_file("end", {"useful": SCALE}))
    round_.answers("end", 0, "school", "useful", [1, 2, 3, 4, 5] * 2)
    by = Person(name="Ida", language="da", created_at=clock.time)
    session.add(by)
    session.flush()
    for _press in range(2):
        ask_to_close(session, round_.row, by=by)
    session.commit()
    asked = session.scalars(select(Job).where(Job.name == "evaluation.close")).one()

    respondent = Respondent(by.id, Audience.STAFF, round_.towns[0], "school")
    with pytest.raises(FormClosed):
        submit_response(
            session,
            installation.tokens,
            form=round_.form("end"),
            round_=round_.row,
            respondent=respondent,
            answers={"useful": 3},
        )
    session.rollback()
    assert open_forms(session) == []
    assert round_.row.closed_at is None, "the request only asks"

    run_job(installation, asked.id)
    session.expire_all()
    assert round_.row.closed_at is not None
    assert round_.figures()["useful", ""].n == 10


def test_a_round_that_was_opened_after_six_waits_for_the_next_monday(
    session: Session, installation: Installation, clock: TestClock
) -> None:
    round_ = start(session, form_file("end", {"useful": SCALE}))
    round_.row.opened_at = clock.time
    session.commit()

    jobs.release(installation, round_id=round_.row.id)
    assert _batches(session) == 0

    clock.set(MONDAY_SIX_IN_COPENHAGEN)
    jobs.release(installation, round_id=round_.row.id)
    assert _batches(session) == 1


def test_a_closed_round_is_not_released(session: Session, installation: Installation, clock: TestClock) -> None:
    round_ = start(session, form_file("end", {"useful": SCALE}))
    round_.close()
    session.commit()
    clock.advance(days=8)

    jobs.release(installation, round_id=round_.row.id)

    assert _batches(session) == 1


@pytest.mark.race
def test_what_left_the_spool_is_gone_from_the_disk(own_database: Database, tmp_path: Path) -> None:
    """The spool is filled in many transactions, so that its pages split and leave copies of what they held."""
    form = form_file("end", {"useful": SCALE, "why": {"type": "long_text", "text": WORDS}})
    canary, left_over = "CANARY-RELEASED", "STILL-WAITING"
    with own_database.transaction() as session:
        round_ = start(session, form)
    for number in range(30):
        with own_database.transaction() as session:
            round_.session = session
            for each in range(5):
                town, word = (1, left_over) if number == 29 and each == 4 else (0, canary)
                round_.answer(
                    "end", town, "school", {"useful": 1 + each, "why": f"{word} {number}.{each} " + "x" * 300}
                )
    with own_database.transaction() as session:
        # the text itself goes on in a table of its own, so the answers are deleted instead of released
        session.execute(delete(SpooledResponse).where(SpooledResponse.municipality_id == round_.towns[0]))
    assert canary in _on_disk(own_database)

    installation = Installation(settings_in(tmp_path))
    installation.database = own_database
    jobs.rewrite_spool(installation)

    found = _on_disk(own_database)
    assert canary not in found
    assert left_over in found
    with own_database.reader() as session:
        assert session.scalar(select(func.count()).select_from(SpooledResponse)) == 1


def test_what_hangs_on_a_table_stays_when_it_is_rewritten(own_database: Database) -> None:
    with own_database.transaction() as session:
        round_ = start(session, form_file("end", {"useful": SCALE}))
        theme = FeedbackTheme(course_id=round_.row.course_id, name="Time", name_key="time")
        values = {"form_id": round_.form("end").id, "question": "why", "audience": "staff", "sector": None}
        text = FeedbackText(id="a" * 32, round_id=round_.row.id, may_quote=False, text="Too little time", **values)
        text.themes.append(theme)
        session.add(text)

    own_database.rewrite_table(FeedbackText)

    with own_database.transaction() as session:
        assert [each.name for each in session.scalars(select(FeedbackText)).one().themes] == ["Time"]
        session.execute(delete(FeedbackText))
    with own_database.reader() as session:
        assert session.execute(select(feedback_text_themes)).all() == [], "from then on it goes with its row again"


def _on_disk(database: Database) -> str:
    """Return what the files hold: SQLite's database and its log; of PostgreSQL the table's own."""
    if database.engine.name == "sqlite":
        path = Path(str(database.engine.url.database))
        return "".join(each.read_bytes().decode("latin-1") for each in path.parent.glob(f"{path.name}*"))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder, *paths = connection.exec_driver_sql(
            "SELECT current_setting('data_directory'), pg_relation_filepath(oid), pg_relation_filepath(reltoastrelid)"
            " FROM pg_class WHERE relname = 'feedback_spool'"
        ).one()
    return "".join(Path(folder, path).read_bytes().decode("latin-1") for path in paths)
