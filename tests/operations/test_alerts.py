"""Alerts by mail: once when trouble has lasted, once when it is over."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.jobs.queue import RETRY_DELAYS_S
from elearn.jobs.schedule import run_periodic
from elearn.mail.models import Letter
from tests.conftest import TestClock

OPERATOR = "drift@example.dk"


@pytest.fixture
def watched(installation: Installation, world, session: Session) -> Installation:
    """An installation whose operator is told, with a backup of today and no letters on their way."""
    settings = replace(installation.settings, alerts_to=OPERATOR, keep_backups=0)
    installation.settings = settings
    settings.data.mkdir(parents=True, exist_ok=True)
    session.execute(delete(Job))
    for letter in session.scalars(select(Letter)):
        letter.sent_at = product_clock.now()
    session.commit()
    return installation


def look(installation: Installation, session: Session, clock: TestClock) -> list[str]:
    """Let an hour pass; return the subjects of what the operator was told in it, and see it sent."""
    clock.advance(hours=1, seconds=1)
    run_periodic(installation)
    told = session.scalars(select(Letter).where(Letter.recipient == OPERATOR, Letter.sent_at.is_(None))).all()
    subjects = [f"{each.kind}: {each.context['what']}" for each in told]
    for letter in told:
        letter.sent_at = clock.time
    session.execute(delete(Job).where(Job.name == "mail.send_letter"))
    session.commit()
    return subjects


def failing(session: Session) -> Job:
    runs = len(RETRY_DELAYS_S) + 1
    job = Job(name="none.such", arguments={}, due_at=product_clock.now(), runs=runs, last_error="OSError()")
    session.add(job)
    session.commit()
    return job


def test_trouble_that_lasts_is_told_once_and_once_more_when_it_is_over(watched, session: Session, clock) -> None:
    assert look(watched, session, clock) == []
    job = failing(session)

    assert look(watched, session, clock) == [], "it may pass by itself"
    assert look(watched, session, clock) == ["operations/trouble: arbejde i baggrunden mislykkes igen og igen"]
    assert look(watched, session, clock) == []

    session.delete(job)
    session.commit()
    assert look(watched, session, clock) == ["operations/trouble_over: arbejde i baggrunden bliver gjort igen"]
    assert look(watched, session, clock) == []


def test_what_passes_by_itself_is_never_told(watched, session: Session, clock) -> None:
    job = failing(session)
    assert look(watched, session, clock) == []

    session.delete(job)
    session.commit()

    assert [look(watched, session, clock) for _hour in range(2)] == [[], []]


def test_a_backup_that_is_too_old_is_told(watched, session: Session, clock) -> None:
    watched.settings = replace(watched.settings, keep_backups=14)
    (watched.settings.backups / f"{clock.time:%Y-%m-%dT%H%M%SZ}").mkdir(parents=True)
    assert look(watched, session, clock) == []

    clock.advance(days=2)
    session.execute(delete(Job))
    session.commit()

    assert look(watched, session, clock) == []
    assert look(watched, session, clock) == ["operations/trouble: der er ingen sikkerhedskopi fra de seneste to døgn"]


def test_nobody_is_told_where_nobody_is_named(watched, session: Session, clock) -> None:
    watched.settings = replace(watched.settings, alerts_to="")
    failing(session)

    assert [look(watched, session, clock) for _hour in range(3)] == [[], [], []]
