"""Long jobs keep a short lease, are put back when their worker stops, and are kept apart from the others."""

import threading
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.jobs import long_runs, queue, worker
from elearn.jobs.cli import jobs
from elearn.jobs.long_runs import LongRun, Stopped
from elearn.jobs.models import Job
from elearn.jobs.queue import enqueue, run_due, run_job
from elearn.serving import parts_of

NAME = "media.test"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which jobs ran, of the ordinary ones and of those kept apart."""
    calls: list[str] = []
    monkeypatch.setitem(queue._handlers, "test.note", lambda _installation: calls.append("ordinary"))
    monkeypatch.setitem(queue._handlers, NAME, lambda _installation, _run: calls.append("apart"))
    monkeypatch.setattr(queue, "_long", {NAME})
    return calls


@pytest.fixture
def busy(settings, own_database: Database) -> Installation:
    """An installation on a database of its own, with real commits."""
    installation = Installation(settings)
    installation.database = own_database
    return installation


def put(installation: Installation, *names: str) -> int:
    with installation.database.transaction() as session:
        for name in names:
            job = enqueue(session, name)
        session.flush()
        return job.id


def job(installation: Installation) -> Job:
    with installation.database.reader() as session:
        return session.scalars(select(Job).where(Job.name == NAME)).one()


def test_each_worker_runs_its_own_jobs_alone(installation, runs: list[str]) -> None:
    put(installation, "test.note", NAME, "mediaxtest")

    run_due(installation)
    ordinary = list(runs)
    run_due(installation, queue="media")

    assert (ordinary, runs) == (["ordinary"], ["ordinary", "apart"])


def test_the_worker_of_a_queue_runs_no_periodic_tasks(installation, runs, monkeypatch: pytest.MonkeyPatch) -> None:
    put(installation, "test.note", NAME)
    stop = threading.Event()
    monkeypatch.setattr(worker, "run_periodic", lambda _installation: runs.append("periodic") or 0)
    monkeypatch.setitem(queue._handlers, NAME, lambda _installation, _run: (runs.append("apart"), stop.set()))

    worker.work(installation, stop, ["media"])

    assert runs == ["apart"]


def test_the_commands_know_the_queue(installation, runs) -> None:
    put(installation, NAME)

    wrong = CliRunner().invoke(jobs, ["run-due", "--queue", "letters"], obj=installation)
    ordinary = CliRunner().invoke(jobs, ["run-due"], obj=installation)
    apart = CliRunner().invoke(jobs, ["run-due", "--queue", "media"], obj=installation)

    assert (wrong.exit_code, ordinary.output, apart.output) == (2, "0 jobs run\n", "1 jobs run\n")


def test_both_workers_are_served(settings) -> None:
    assert [part.name for part in parts_of(settings)][-2:] == ["jobs", "long jobs"]


def test_a_long_job_has_a_short_lease_and_renews_it(busy, runs, monkeypatch: pytest.MonkeyPatch) -> None:
    leases = []
    monkeypatch.setattr(long_runs, "RENEWED_EVERY_S", 0.02)

    def work(_installation: Installation, run: LongRun) -> None:
        for _look in range(2):
            leases.append(job(busy).leased_until)
            threading.Event().wait(0.1)
            run.check()

    monkeypatch.setitem(queue._handlers, NAME, work)
    run_job(busy, put(busy, NAME))

    assert leases[0] < product_clock.now() + timedelta(minutes=1)
    assert leases[1] > leases[0]
    assert job(busy).done_at is not None


def test_an_ordinary_job_renews_its_lease_too(busy, runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_runs, "RENEWED_EVERY_S", 0.02)
    leases = []

    def work(_installation: Installation) -> None:
        for _look in range(2):
            with busy.database.reader() as session:
                leases.append(session.scalars(select(Job.leased_until)).one())
            threading.Event().wait(0.1)

    monkeypatch.setitem(queue._handlers, "test.note", work)
    run_job(busy, put(busy, "test.note"))

    assert leases[1] > leases[0]


def test_a_job_that_another_worker_has_taken_is_let_go(busy, runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_runs, "RENEWED_EVERY_S", 0.02)
    told = []

    def work(_installation: Installation, run: LongRun) -> None:
        with busy.database.transaction() as session:
            session.scalars(select(Job).where(Job.name == NAME)).one().runs += 1
        threading.Event().wait(0.2)
        try:
            run.check()
        except Stopped:
            told.append("stopped")
            raise

    monkeypatch.setitem(queue._handlers, NAME, work)
    run_job(busy, put(busy, NAME))

    assert told == ["stopped"]
    assert job(busy).leased_until is not None, "the other's lease stands"
    assert job(busy).done_at is None


def test_a_stopped_job_is_due_at_once_and_has_not_failed(busy, runs, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setitem(queue._handlers, NAME, lambda _installation, run: (stop.set(), run.check()))
    put(busy, NAME)
    put(busy, NAME)

    assert run_due(busy, queue="media", stop=stop) == 1

    with busy.database.reader() as session:
        found = session.scalars(select(Job).where(Job.name == NAME).order_by(Job.id)).all()
    assert [(each.runs, each.last_error, each.leased_until, each.done_at) for each in found] == [
        (1, None, None, None),
        (0, None, None, None),
    ]
    assert found[0].due_at <= product_clock.now()
