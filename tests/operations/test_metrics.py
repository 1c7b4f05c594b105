"""Figures for Prometheus: the token opens them, the database knows them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.jobs.queue import MAX_RUNS
from elearn.mail.models import Letter
from elearn.mail.services import queue
from elearn.operations.state import try_everything_again
from tests.client import PageClient

TOKEN = "a token for tests only, long enough"


@pytest.fixture
def prometheus(anonymous: PageClient, installation: Installation, world) -> PageClient:
    installation.settings = replace(installation.settings, metrics_token=TOKEN)
    installation.settings.data.mkdir(parents=True, exist_ok=True)
    anonymous.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {TOKEN}"
    return anonymous


def read(client: PageClient) -> dict[str, float]:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line.rsplit(" ", 1) for line in response.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def failed_job(session: Session, name: str, *, runs: int, **arguments: int) -> Job:
    job = Job(name=name, arguments=arguments, due_at=clock.now(), runs=runs, last_error="OSError()")
    session.add(job)
    session.commit()
    return job


def letter(session: Session) -> Letter:
    context = {"name": "Mette", "minutes": 30, "house": "Kursushuset"}
    return queue(session, "accounts/sign_in", to="m@x.example", language="da", context=context)


def test_without_the_setting_there_is_no_such_page(anonymous: PageClient) -> None:
    assert anonymous.get("/metrics").status_code == 404


@pytest.mark.parametrize("sent", ["Bearer wrong", "Bearer ", "Basic eDp5", f"Bearer {TOKEN}æ", f"{TOKEN}"])
def test_nothing_but_the_token_opens_it(prometheus: PageClient, sent: str) -> None:
    prometheus.environ_base["HTTP_AUTHORIZATION"] = sent

    response = prometheus.get("/metrics")

    assert response.status_code == 401
    assert "elearn_" not in response.text


def test_jobs_are_told_by_queue(prometheus: PageClient, session: Session, clock) -> None:
    before = read(prometheus)
    failed_job(session, "media.package", runs=2)
    failed_job(session, "training.warn", runs=MAX_RUNS)
    clock.advance(minutes=3)

    after = read(prometheus)

    assert after['elearn_jobs_waiting{queue="media"}'] == 1
    assert after['elearn_jobs_failing{queue="media"}'] == 1
    assert after['elearn_jobs_given_up{queue="media"}'] == 0
    assert after['elearn_jobs_oldest_seconds{queue="media"}'] == timedelta(minutes=3).total_seconds()
    assert after['elearn_jobs_given_up{queue="ordinary"}'] == 1
    assert after['elearn_jobs_waiting{queue="ordinary"}'] == before['elearn_jobs_waiting{queue="ordinary"}']


def test_letters_that_nobody_tries_to_send_are_told_and_can_be_tried_again(prometheus, session: Session) -> None:
    session.query(Letter).update({"sent_at": clock.now()})
    given_up, waits = letter(session), letter(session)
    for job in session.query(Job).filter(Job.name == "mail.send_letter"):
        if job.arguments["letter_id"] == given_up.id:
            session.delete(job)  # given up so long ago that the job is forgotten
    session.commit()
    told = read(prometheus)
    assert (told["elearn_letters_waiting"], told["elearn_letters_given_up"]) == (2, 1), waits

    assert try_everything_again(session, by_id=1) == 1
    session.commit()

    assert read(prometheus)["elearn_letters_given_up"] == 0


def test_disk_and_database_have_a_size_and_a_backup_that_was_never_made_has_no_age(prometheus) -> None:
    told = read(prometheus)

    assert 0 < told["elearn_disk_free_bytes"] < told["elearn_disk_bytes"]
    assert told["elearn_database_bytes"] > 100_000
    assert "elearn_backup_age_seconds" not in told
    assert told['elearn_packagings{state="failed"}'] == 0


def test_the_newest_backup_tells_its_age(prometheus, installation: Installation, clock) -> None:
    (installation.settings.backups / f"{clock.time:%Y-%m-%dT%H%M%SZ}").mkdir(parents=True)
    clock.advance(hours=5)

    assert read(prometheus)["elearn_backup_age_seconds"] == 5 * 3600
