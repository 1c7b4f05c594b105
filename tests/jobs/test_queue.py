"""Jobs run at least once, one worker at a time, and are never lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.jobs import queue, schedule
from elearn.jobs.models import Job, ScheduledTask
from elearn.jobs.queue import LEASE, enqueue, run_due, run_job
from elearn.jobs.schedule import Periodic, run_periodic
from elearn.jobs.worker import work


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the handler of 'test.note' was called with."""
    calls: list[str] = []
    monkeypatch.setitem(queue._handlers, "test.note", lambda _installation, *, word: calls.append(word))
    return calls


@pytest.fixture
def tasks(monkeypatch: pytest.MonkeyPatch) -> dict[str, Periodic]:
    """The periodic tasks, none to begin with."""
    none: dict[str, Periodic] = {}
    monkeypatch.setattr(schedule, "_tasks", none)
    return none


@pytest.fixture
def busy(settings, own_database: Database) -> Installation:
    """An installation on a database of its own, for workers that race."""
    installation = Installation(settings)
    installation.database = own_database
    return installation


def put(installation: Installation, word: str = "a", **more: int) -> int:
    with installation.database.transaction() as session:
        job = enqueue(session, "test.note", word=word, **more)
        session.flush()
        return job.id


def job(installation: Installation, job_id: int) -> Job:
    with installation.database.reader() as session:
        return session.get_one(Job, job_id)


def fail(_installation: Installation, *, word: str) -> None:
    raise RuntimeError(f"no {word} today")


def test_jobs_due_at_the_same_moment_run_as_they_were_queued(installation, runs, clock) -> None:
    words = [f"word {number}" for number in range(5)]
    first, *_others = [put(installation, word) for word in words]
    for minutes in (1, -1):  # PostgreSQL puts a changed row behind the others
        with installation.database.transaction() as session:
            session.get_one(Job, first).due_at += timedelta(minutes=minutes)

    run_due(installation)

    assert runs == words


def test_a_job_runs_after_its_commit(installation, runs) -> None:
    with installation.database.transaction() as session:
        enqueue(session, "test.note", word="kept")
    with installation.database.writer() as session:
        enqueue(session, "test.note", word="undone")
        session.rollback()

    run_due(installation)

    assert runs == ["kept"]


def test_a_job_that_is_done_does_not_run_again(installation, runs) -> None:
    job_id = put(installation)

    assert run_due(installation) == 1
    assert run_due(installation) == 0
    assert not run_job(installation, job_id)
    assert runs == ["a"]


def test_a_delayed_job_waits(installation, runs, clock) -> None:
    put(installation, delay_s=60)
    run_due(installation)
    assert runs == []

    clock.advance(seconds=60)
    run_due(installation)

    assert runs == ["a"]


def test_what_fails_is_tried_again_later_and_later(installation, monkeypatch, clock, runs) -> None:
    job_id = put(installation, "milk")
    with monkeypatch.context() as broken:
        broken.setitem(queue._handlers, "test.note", fail)
        waits = []
        for _ in range(6):
            run_due(installation)
            waits.append((job(installation, job_id).due_at - clock()).total_seconds())
            assert run_due(installation) == 0, "it waits"
            clock.set(job(installation, job_id).due_at)
    assert waits == [10, 60, 300, 900, 3600, 3600]
    assert job(installation, job_id).last_error == "RuntimeError('no milk today')"

    run_due(installation)

    assert runs == ["milk"]
    assert job(installation, job_id).done_at is not None


def test_one_that_fails_does_not_hold_up_the_others(installation, monkeypatch, runs) -> None:
    monkeypatch.setitem(queue._handlers, "test.fail", lambda _installation: 1 / 0)
    with installation.database.transaction() as session:
        enqueue(session, "test.fail")
        enqueue(session, "test.nobody_handles_this")
        enqueue(session, "test.note", word="after")

    run_due(installation)

    assert runs == ["after"]


@pytest.mark.parametrize("limit", [100, 2], ids=["few wait", "more wait than a round takes"])
def test_while_a_service_is_away_one_job_tries_it_and_others_of_its_kind_wait(
    installation, monkeypatch, runs, limit: int
) -> None:
    """Each try may take as long as the service is silent: all that waits may not add up."""
    asked = []

    def hang(_installation: Installation) -> None:
        asked.append("again")
        raise TimeoutError

    monkeypatch.setitem(queue._handlers, "test.hang", hang)
    with installation.database.transaction() as session:
        for _number in range(3):
            enqueue(session, "test.hang")
        enqueue(session, "test.note", word="after")

    run_due(installation, limit=limit)
    assert (asked, runs) == (["again"], ["after"])

    run_due(installation, limit=limit)
    assert len(asked) == 2, "then the next one tries"


def test_what_a_dead_worker_had_is_taken_over_when_its_lease_runs_out(installation, runs, clock) -> None:
    job_id = put(installation)
    assert queue._lease(installation, job_id) is not None, "a worker takes it and dies"
    run_due(installation)
    assert runs == []

    clock.advance(seconds=LEASE.total_seconds() + 1)
    run_due(installation)

    assert runs == ["a"]


def test_a_dead_worker_keeps_nobody_waiting_for_longer_than_a_minute(installation, runs, clock) -> None:
    job_id = put(installation)
    queue._lease(installation, job_id)

    assert job(installation, job_id).leased_until <= clock() + timedelta(minutes=1)


@pytest.mark.parametrize(("how", "is_done"), [("_finish", True), ("_put_back", False)])
def test_how_a_job_ended_is_said_when_the_database_is_back(
    installation, monkeypatch, runs, how: str, is_done: bool
) -> None:
    job_id = put(installation)
    if not is_done:
        monkeypatch.setitem(queue._handlers, "test.note", fail)
    say, tries = getattr(queue, how), []

    def away_twice(*told: object) -> None:
        tries.append(told)
        if len(tries) <= 2:
            raise OperationalError("UPDATE jobs", {}, Exception("the server closed the connection"))
        say(*told)

    monkeypatch.setattr(queue, how, away_twice)
    monkeypatch.setattr(queue, "PAUSE_S", 0)

    run_due(installation)

    found = job(installation, job_id)
    assert len(tries) == 3
    assert (found.done_at is not None, found.leased_until, found.runs) == (is_done, None, 1)


def test_a_worker_that_is_to_stop_waits_for_no_database(installation, monkeypatch, runs) -> None:
    job_id, stop = put(installation), threading.Event()

    def away(*_told: object) -> None:
        stop.set()
        raise OperationalError("UPDATE jobs", {}, Exception("no connection"))

    monkeypatch.setattr(queue, "_finish", away)

    with pytest.raises(OperationalError):
        run_job(installation, job_id, stop)


def test_a_late_worker_does_not_mark_what_another_has_taken_over(installation, runs, clock) -> None:
    job_id = put(installation)
    _name, _arguments, first_run = queue._lease(installation, job_id)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    queue._lease(installation, job_id)

    queue._finish(installation, job_id, first_run)
    queue._put_back(installation, job_id, first_run, RuntimeError("late"))

    assert job(installation, job_id).done_at is None
    assert job(installation, job_id).last_error is None


@pytest.mark.race
def test_two_workers_never_run_a_job_at_the_same_time(busy: Installation, runs: list[str]) -> None:
    ids = [put(busy, str(number)) for number in range(20)]
    begin = threading.Barrier(4)

    def worker(_number: int) -> None:
        begin.wait()
        for job_id in ids:
            run_job(busy, job_id)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(worker, range(4)))

    assert sorted(runs, key=int) == [str(number) for number in range(20)]


def test_done_jobs_are_forgotten_after_a_week(installation, session, runs, clock) -> None:
    put(installation)
    run_due(installation)
    clock.advance(days=6, hours=23)
    queue.forget_done_jobs(session, days=7)
    assert len(session.scalars(select(Job)).all()) == 1

    clock.advance(hours=2)
    queue.forget_done_jobs(session, days=7)

    assert session.scalars(select(Job)).all() == []


def test_a_periodic_task_runs_once_per_interval(installation, tasks, clock) -> None:
    times: list[object] = []
    tasks["test.hourly"] = Periodic("test.hourly", timedelta(hours=1), lambda _i, _s: times.append(clock()))

    for _ in range(5):
        run_periodic(installation)
        clock.advance(minutes=20)

    assert len(times) == 2


def test_a_periodic_task_that_fails_is_undone_and_does_not_stop_the_others(installation, tasks, clock) -> None:
    ran: list[str] = []

    def leave_half(_installation, session) -> None:
        session.add(ScheduledTask(name="half", due_at=clock()))
        session.flush()
        raise RuntimeError("halfway")

    tasks["test.fails"] = Periodic("test.fails", timedelta(hours=1), leave_half)
    tasks["test.works"] = Periodic("test.works", timedelta(hours=1), lambda _i, _s: ran.append("works"))

    run_periodic(installation)

    assert ran == ["works"]
    with installation.database.reader() as session:
        assert session.get(ScheduledTask, "half") is None


def test_a_periodic_task_that_fails_is_tried_again_before_its_next_turn(installation, tasks, clock) -> None:
    tries: list[str] = []

    def fail_once(_installation, _session) -> None:
        tries.append("try")
        if len(tries) == 1:
            raise RuntimeError("once")

    tasks["test.daily"] = Periodic("test.daily", timedelta(days=1), fail_once)
    run_periodic(installation)
    run_periodic(installation)
    assert len(tries) == 1, "not again at once"

    clock.advance(minutes=6)
    run_periodic(installation)

    assert len(tries) == 2


@pytest.mark.race
def test_of_two_workers_one_runs_a_periodic_task(busy: Installation, tasks, clock) -> None:
    ran: list[int] = []
    tasks["test.hourly"] = Periodic("test.hourly", timedelta(hours=1), lambda _i, _s: ran.append(1))
    for turn in range(1, 4):
        begin = threading.Barrier(4)

        def worker(_number: int, begin: threading.Barrier = begin) -> None:
            begin.wait()
            run_periodic(busy)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(worker, range(4)))
        assert len(ran) == turn
        clock.advance(hours=1)


def test_the_worker_outlives_a_database_that_is_away(installation, tmp_path, monkeypatch) -> None:
    from elearn.jobs import worker

    there, stop, tried = installation.database, threading.Event(), []
    installation.database = Database(f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")

    def wait(_pause: float) -> None:
        tried.append(1)
        if len(tried) == 2:
            stop.set()

    monkeypatch.setattr(worker, "PAUSE_S", 0)
    monkeypatch.setattr(stop, "wait", wait)
    work(installation, stop)

    assert len(tried) == 2
    installation.database = there
