"""Enqueueing and running jobs.

A job is a row written in the transaction that wants it. Workers look for rows that are due. A worker leases the row,
so that two do not run it at once, keeps the lease while it works, and marks the row done at the end: a job runs at
least once, so a handler makes sure that a second run does no harm. A handler opens its own transactions, and never
holds one while it waits for a network or for ffmpeg.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, delete, insert, not_, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.errors import Away
from elearn.core.installation import Installation
from elearn.jobs.long_runs import LEASE, LongRun, Stopped
from elearn.jobs.models import Job

APART = ("media", "backup")
"""Queues with a worker of their own: the jobs whose names begin so. Hours of ffmpeg must not hold letters up."""
RETRY_DELAYS_S = (10, 60, 300, 900, 3600)
LONGEST_PAUSE = timedelta(seconds=RETRY_DELAYS_S[-1])
LONGEST_DELAY = timedelta(minutes=20)
"""No job is put off for longer when it is written."""
MAX_RUNS = len(RETRY_DELAYS_S) + 7 * 24
"""A week of trying, at last every hour: whatever is away over a long weekend is back before anything is given up."""
LONGEST_TRYING = MAX_RUNS * LONGEST_PAUSE
"""A job that fails is given up within that time."""
PAUSE_S = 0.5
"""Between two tries to say how a job ended, while the database is away."""

Handler = Callable[..., None]
"""Called with (installation, **arguments), a long one with (installation, run, **arguments)."""

_handlers: dict[str, Handler] = {}
_long: set[str] = set()
_log = logging.getLogger(__name__)


def handles(name: str) -> Callable[[Handler], Handler]:
    """Declare the function that runs jobs of a name, such as 'mail.send_letter'."""

    def register(handler: Handler) -> Handler:
        _handlers[name] = handler
        return handler

    return register


def handles_long(name: str) -> Callable[[Handler], Handler]:
    """Declare the function that runs jobs of minutes or hours: it is given its `LongRun`, to ask whether to go on."""
    _long.add(name)
    return handles(name)


def handler_names() -> set[str]:
    """Return the names that have a handler."""
    return set(_handlers)


def enqueue(session: Session, name: str, *, delay_s: int = 0, **arguments: Any) -> Job:
    """Write a job into the caller's transaction; it runs after the commit, or never if that rolls back."""
    delay = timedelta(seconds=delay_s)
    assert delay <= LONGEST_DELAY, name
    job = Job(name=name, arguments=arguments, due_at=clock.now() + delay, runs=0)
    session.add(job)
    return job


def enqueue_many(session: Session, name: str, arguments: Sequence[dict[str, Any]]) -> None:
    """Write many jobs of one name, as `enqueue` does."""
    now = clock.now()
    session.execute(insert(Job), [{"name": name, "arguments": each, "due_at": now, "runs": 0} for each in arguments])


def run_due(
    installation: Installation, *, queue: str | None = None, limit: int = 100, stop: threading.Event | None = None
) -> int:
    """Run the jobs that are due, until `stop` is set; return how many were tried.

    Those of one queue that is kept apart; without a name, all but theirs. When what one of them speaks to is away, the
    others of its name wait for the next round: a mail server that hangs holds up letters, and nothing else.
    """
    stop = stop or threading.Event()
    tried, away = 0, set[str]()
    while True:
        due, were_away = _due(installation, queue, away, limit), len(away)
        for job_id, name in due:
            if stop.is_set() or name in away:
                continue
            ran = _run(installation, job_id, stop)
            tried += ran is not None
            if ran is not None and isinstance(ran.error, OSError | Away):
                away.add(name)
        if stop.is_set() or len(due) < limit or len(away) == were_away:
            return tried
        # those that now wait may have filled the round, and others stand behind them


def _due(installation: Installation, queue: str | None, away: set[str], limit: int) -> Sequence[Row[int, str]]:
    """Return the id and name of the jobs that are due, the oldest first, but for those whose service is away."""
    with installation.database.reader() as session:
        return session.execute(
            select(Job.id, Job.name)
            .where(Job.done_at.is_(None), _is_due(), _is_free(), Job.runs < MAX_RUNS, is_in(queue))
            .where(Job.name.not_in(away))
            .order_by(Job.due_at, Job.id)
            .limit(limit)
        ).all()


def _is_due() -> ColumnElement[bool]:
    """SQL: whether a job is due, or put off for longer than any job is: then the clock was set back since."""
    now = clock.now()
    of_a_clock_set_back = case((Job.runs == 0, now + 2 * LONGEST_DELAY), else_=now + 2 * LONGEST_PAUSE)
    return or_(Job.due_at <= now, Job.due_at > of_a_clock_set_back)


def _is_free() -> ColumnElement[bool]:
    """SQL: whether no worker has a job, or one has it for longer than any may: then the clock was set back since."""
    now = clock.now()
    return or_(Job.leased_until.is_(None), Job.leased_until < now, Job.leased_until > now + 2 * LEASE)


def is_in(queue: str | None) -> ColumnElement[bool]:
    """Say in SQL that a job belongs to a queue that is kept apart; without a name, to none of them."""
    if queue is not None:
        return Job.name.startswith(f"{queue}.", autoescape=True)
    return not_(or_(*(Job.name.startswith(f"{name}.", autoescape=True) for name in APART)))


def run_job(installation: Installation, job_id: int, stop: threading.Event | None = None) -> bool:
    """Lease and run one job. Returns False when another worker has it or it is done."""
    return _run(installation, job_id, stop or threading.Event()) is not None


@dataclass(frozen=True)
class _Ran:
    """How a run ended."""

    error: Exception | None = None


def _run(installation: Installation, job_id: int, stop: threading.Event) -> _Ran | None:
    lease = _lease(installation, job_id)
    if lease is None:
        return None
    name, arguments, run = lease
    try:
        with LongRun(installation, job_id, run, stop) as kept:
            if name in _long:
                _handlers[name](installation, kept, **arguments)
            else:
                _handlers[name](installation, **arguments)
    except Stopped:
        _say(stop, partial(_put_back, installation, job_id, run))
    except Exception as error:
        _log.exception("job %s (%s) failed in run %s", job_id, name, run)
        _say(stop, partial(_put_back, installation, job_id, run, error))
        return _Ran(error)
    else:
        _say(stop, partial(_finish, installation, job_id, run))
    return _Ran()


def _say(stop: threading.Event, how_it_ended: Callable[[], None]) -> None:
    """Write how a job ended, waiting for a database that is away: as long as the lease holds, or until `stop` is set.

    Unsaid, the job would be run again, and not before the lease has run out.
    """
    until = time.monotonic() + LEASE.total_seconds()
    while True:
        try:
            return how_it_ended()
        except OperationalError:
            if time.monotonic() > until or stop.wait(PAUSE_S):
                raise


def _lease(installation: Installation, job_id: int) -> tuple[str, dict[str, Any], int] | None:
    now = clock.now()
    with installation.database.transaction() as session:
        row = session.execute(
            update(Job)
            .where(Job.id == job_id, Job.done_at.is_(None))
            .where(_is_free())
            .values(leased_until=now + LEASE, runs=Job.runs + 1)
            .returning(Job.name, Job.arguments, Job.runs)
        ).one_or_none()
    return (row.name, row.arguments, row.runs) if row else None


def _finish(installation: Installation, job_id: int, run: int) -> None:
    with installation.database.transaction() as session:
        session.execute(
            update(Job).where(Job.id == job_id, Job.runs == run).values(done_at=clock.now(), leased_until=None)
        )


def _put_back(installation: Installation, job_id: int, run: int, error: Exception | None = None) -> None:
    """Leave a job for a later run: at once when it was only stopped, after a while when it failed."""
    values: dict[str, Any] = {"due_at": clock.now()}
    if error is not None:
        delay_s = RETRY_DELAYS_S[min(run, len(RETRY_DELAYS_S)) - 1]
        values = {"due_at": clock.now() + timedelta(seconds=delay_s), "last_error": repr(error)[:500]}
    with installation.database.transaction() as session:
        session.execute(update(Job).where(Job.id == job_id, Job.runs == run).values(leased_until=None, **values))


def forget_done_jobs(session: Session, *, days: int) -> None:
    """Delete jobs that were done, or given up, some days ago."""
    before = clock.now() - timedelta(days=days)
    given_up = and_(Job.runs >= MAX_RUNS, Job.due_at < before)
    session.execute(delete(Job).where(or_(Job.done_at < before, given_up)))
