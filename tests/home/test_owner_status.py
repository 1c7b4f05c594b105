"""The owner's page about the installation: in words whether all is well, without anybody's content."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.jobs.queue import MAX_RUNS, RETRY_DELAYS_S
from elearn.mail.services import queue
from elearn.operations.backups.folder import Backups, LastDrill
from tests.client import PageClient

PATH = "/owner/status"


@pytest.fixture(autouse=True)
def _data_folder(installation: Installation) -> None:
    installation.settings.data.mkdir(parents=True, exist_ok=True)


def failed(session: Session, name: str, runs: int, **arguments: object) -> Job:
    job = Job(name=name, arguments=arguments, due_at=product_clock.now(), runs=runs, last_error="ValueError('secret')")
    session.add(job)
    session.commit()
    return job


def line(owner: PageClient, title: str) -> str:
    found = owner.page(PATH).find("b", string=title)
    assert found
    return " ".join(found.find_parent("li").get_text(" ").split())


def test_what_is_well_says_so(owner: PageClient) -> None:
    assert line(owner, "Background work").endswith("Well")
    assert line(owner, "Emails").endswith("Well")
    assert line(owner, "News from Stripe") == "News from Stripe Payment by card is not set up here. Well"
    assert line(owner, "Backup").startswith("Backup There is none. One is to be made every day.")


def test_how_many_were_reminded_of_a_form_is_not_told(owner: PageClient, session: Session) -> None:
    """Just after the owner has pressed 'Remind', it would be the number of those who have not answered."""
    before = line(owner, "Emails")
    for place in range(3):
        queue(session, "feedback/reminder", to=f"somebody{place}@x.example", language="da", context={})
    session.commit()
    assert line(owner, "Emails") == before

    queue(session, "accounts/sign_in", to="somebody@x.example", language="da", context={})
    session.commit()
    assert line(owner, "Emails") != before


def test_work_that_fails_is_named_and_tried_again_by_a_button(owner: PageClient, session: Session) -> None:
    job = failed(session, "training.warn", MAX_RUNS, address="somebody@x.example")
    said = line(owner, "Background work")
    assert "1 task failed more than once: training.warn." in said
    assert said.endswith("Look after it")
    page = owner.page(PATH)
    assert "somebody@x.example" not in page.text
    assert "secret" not in page.text

    owner.press(page.find("form", action=f"{PATH}/try-again")["action"])

    session.refresh(job)
    assert (job.runs, job.due_at, job.last_error) == (0, product_clock.now(), None)
    assert line(owner, "Background work").endswith("Well")
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == "operations.tried_again")).one()
    assert event.data == {"jobs": 1, "letters": 0}


def test_what_a_worker_has_in_hand_is_left_to_it(owner: PageClient, session: Session, clock) -> None:
    job = failed(session, "training.warn", len(RETRY_DELAYS_S) + 1)
    job.leased_until = clock.time
    session.commit()

    owner.press(f"{PATH}/try-again")

    session.refresh(job)
    assert job.runs == len(RETRY_DELAYS_S) + 1


def test_the_last_backup_and_the_last_practice_are_told(owner: PageClient, installation: Installation, clock) -> None:
    backups, yesterday = installation.settings.backups, clock.time - timedelta(days=1)
    newest = backups / f"{yesterday:%Y-%m-%dT%H%M%SZ}"
    newest.mkdir(parents=True)
    (backups / "drill.json").write_text(f'{{"at": "{yesterday.isoformat()}", "backup": "x"}}')
    assert line(owner, "Backup") == "Backup The newest is from 22 November 2026, 10:00. Well"
    assert line(owner, "Practice").endswith("Well")

    newest.rename(backups / f"{yesterday - timedelta(days=1, seconds=1):%Y-%m-%dT%H%M%SZ}")

    assert line(owner, "Backup").endswith("Look after it")


def test_practice_that_failed_is_told_until_it_goes_well(owner: PageClient, installation: Installation, clock) -> None:
    backups = Backups(installation.settings.backups)
    (backups.root / f"{clock.time:%Y-%m-%dT%H%M%SZ}").mkdir(parents=True)
    backups.note_drill(LastDrill(at=clock.time, backup="x"))
    clock.advance(minutes=5)
    backups.note_failed_drill(LastDrill(at=clock.time, backup="x"))

    assert line(owner, "Practice").startswith("Practice The newest backup could not be put back")
    assert line(owner, "Practice").endswith("Look after it")

    backups.note_drill(LastDrill(at=clock.time, backup="x"))
    assert line(owner, "Practice").endswith("Well")


def test_several_houses_are_told_that_the_figures_are_of_all(owner: PageClient) -> None:
    assert "Several course houses share the installation" in owner.page(PATH).text


def test_nobody_but_owners_sees_it(learner: PageClient, anonymous: PageClient) -> None:
    learner.page(PATH, status=404)
    assert anonymous.get(PATH).status_code == 303


def test_work_that_nobody_does_is_told(owner: PageClient, session: Session, clock) -> None:
    session.add(Job(name="backup.make", arguments={}, due_at=product_clock.now(), runs=0))
    session.commit()
    clock.advance(minutes=20)

    said = line(owner, "Background work")

    assert "Nobody has done it for 20 min. Start it again on the server" in said
    assert said.endswith("Look after it")
