"""Alerts by mail: once when trouble has lasted, once when it is over."""

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from elearn.core import clock as product_clock
from elearn.core.i18n import speaking
from elearn.core.installation import Installation
from elearn.jobs.models import Job, ScheduledTask
from elearn.jobs.queue import RETRY_DELAYS_S, run_due
from elearn.jobs.schedule import run_periodic
from elearn.jobs.standing import SIGN_OF_LIFE, stalled
from elearn.mail.models import Letter
from elearn.operations.cli import status
from elearn.operations.emails import THERE_IS
from elearn.operations.state import Trouble
from tests.conftest import TestClock
from tests.peers.postbox import Postbox, taking_letters

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


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with taking_letters() as box:
        yield box


@pytest.fixture
def left_alone(watched: Installation, postbox: Postbox, session: Session) -> Installation:
    """An installation with a mail server, whose worker was there and then is not any more."""
    watched.settings = replace(watched.settings, mail_url=f"smtp://127.0.0.1:{postbox.port}")
    run_periodic(watched)
    session.execute(delete(Job))
    session.commit()
    return watched


def alert(installation: Installation) -> None:
    ran = CliRunner().invoke(status, ["--alert"], obj=installation)
    assert (ran.output, ran.exception) == ("", None)


def said(installation: Installation) -> tuple[int, str]:
    ran = CliRunner().invoke(status, [], obj=installation)
    return ran.exit_code, ran.output


def danish(words: object) -> str:
    with speaking("da"):
        return str(words)


def subjects(postbox: Postbox) -> list[str]:
    return [str(each["Subject"]) for each in postbox.letters]


def test_a_worker_that_stands_still_is_told_without_it_once_and_by_it_when_it_is_back(
    left_alone, postbox: Postbox, session: Session, clock
) -> None:
    clock.advance(minutes=15)
    alert(left_alone)
    assert (subjects(postbox), said(left_alone)) == ([], (0, "All is well.\n"))

    clock.advance(minutes=2)
    alert(left_alone)
    clock.advance(hours=3)
    alert(left_alone)

    assert [each["To"] for each in postbox.letters] == [OPERATOR]
    assert "ingen udfører arbejdet i baggrunden" in subjects(postbox)[0]
    code, words = said(left_alone)
    assert (code, words.startswith("Nobody does the work in the background. Start it again")) == (1, True)
    session.expire_all()
    run_due(left_alone)
    assert len(postbox.letters) == 1, "the job of the letter finds it sent"
    told = [each for _hour in range(3) for each in look(left_alone, session, clock)]
    assert told == ["operations/trouble_over: nogen udfører arbejdet i baggrunden igen"]


def test_while_the_other_worker_is_there_it_alone_tells(left_alone, postbox: Postbox, session: Session, clock) -> None:
    """It may be sending the letter while the command would."""
    session.add(Job(name="backup.make", arguments={}, due_at=clock.time, runs=0))
    session.commit()
    clock.advance(minutes=20)
    run_periodic(left_alone)

    alert(left_alone)

    assert (stalled(session).keys(), postbox.letters) == ({"backup"}, [])
    told = [each for _hour in range(3) for each in look(left_alone, session, clock)]
    assert told == [f"operations/trouble: {danish(THERE_IS[Trouble.LONG_WORK][0])}"]


def test_letters_that_stand_still_are_told_also_while_films_do(left_alone, postbox: Postbox, session, clock) -> None:
    """A worker of films that nobody misses must not keep quiet about the one who sends links to sign in by."""
    session.add(Job(name="media.package", arguments={"packaging_id": 0}, due_at=clock.time, runs=0))
    session.commit()
    assert len([told for _hour in range(3) for told in look(left_alone, session, clock)]) == 1

    clock.advance(minutes=17)
    alert(left_alone)

    assert stalled(session).keys() == {"media", "ordinary"}
    assert len(postbox.letters) == 1
    assert "ingen udfører arbejdet i baggrunden" in subjects(postbox)[0]


def test_the_alert_is_tried_again_when_the_mail_server_was_away_too(left_alone, postbox: Postbox, clock) -> None:
    clock.advance(hours=1)
    postbox.refusing = True
    ran = CliRunner().invoke(status, ["--alert"], obj=left_alone)
    assert isinstance(ran.exception, smtplib.SMTPException)

    postbox.refusing = False
    alert(left_alone)
    alert(left_alone)

    assert len(postbox.letters) == 1


def test_a_worker_of_films_that_stands_still_is_told_by_the_other(watched, session: Session, clock) -> None:
    session.add(Job(name="media.package", arguments={"packaging_id": 0}, due_at=product_clock.now(), runs=0))
    session.commit()

    assert look(watched, session, clock) == []
    assert look(watched, session, clock) == [f"operations/trouble: {danish(THERE_IS[Trouble.LONG_WORK][0])}"]


@pytest.mark.parametrize(
    "sign",
    [
        {"leased_until": timedelta(minutes=5)},
        {"done_at": timedelta(minutes=-5)},
        {"due_at": timedelta(minutes=5), "last_error": "OSError()"},
    ],
    ids=["one is in hand", "one was done", "one is tried again later"],
)
def test_a_worker_that_has_much_to_do_does_not_stand_still(watched, session: Session, clock, sign) -> None:
    now = product_clock.now()
    waiting = {"name": "media.package", "arguments": {}, "due_at": now - timedelta(hours=5), "runs": 0}
    session.add(Job(**waiting))
    assert stalled(session).keys() == {"media"}

    moved = {name: now + by if isinstance(by, timedelta) else by for name, by in sign.items()}
    session.add(Job(**(waiting | moved)))

    assert stalled(session) == {}


def test_a_worker_that_never_came_stands_still_once_there_is_work(session: Session, clock) -> None:
    session.execute(delete(Job))
    session.execute(delete(ScheduledTask))
    assert stalled(session) == {}
    failing(session)

    clock.advance(minutes=16)

    assert stalled(session).keys() == {"ordinary"}
    session.add(ScheduledTask(name=SIGN_OF_LIFE, due_at=clock.time))
    assert stalled(session) == {}
