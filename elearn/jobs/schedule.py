"""Periodic tasks: each runs once per interval in the whole installation, however many workers there are.

One that fails is undone and tried again after a while; it stops neither the worker nor the others.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.models import ScheduledTask

Task = Callable[[Installation, Session], None]
RETRY_AFTER = timedelta(minutes=5)
CLOCKS_DIFFER = timedelta(minutes=5)
"""Several machines' clocks differ by less."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Periodic:
    """A task and its interval."""

    name: str
    interval: timedelta
    run: Task


_tasks: dict[str, Periodic] = {}


def every(name: str, interval: timedelta) -> Callable[[Task], Task]:
    """Declare a periodic task; it runs in its own transaction."""

    def register(task: Task) -> Task:
        _tasks[name] = Periodic(name, interval, task)
        return task

    return register


def run_periodic(installation: Installation) -> int:
    """Run the periodic tasks that are due; return how many."""
    return sum(_run_if_due(installation, task) for task in _tasks.values())


def _run_if_due(installation: Installation, task: Periodic) -> bool:
    """Run a task if it is this worker's turn; return whether it was tried."""
    now = clock.now()
    with installation.database.reader() as session:
        row = session.get(ScheduledTask, task.name)
    if row is not None and now < row.due_at <= now + task.interval + CLOCKS_DIFFER:
        return False  # what is further away was written before the clock was set back
    due_at = row.due_at if row else None
    try:
        with installation.database.transaction() as session:
            if not _move_on(session, task, due_at, now + task.interval):
                return False
            task.run(installation, session)
    except Exception:
        _log.exception("the periodic task %s failed; it is tried again in %s", task.name, RETRY_AFTER)
        with installation.database.transaction() as session:
            _move_on(session, task, due_at, now + min(RETRY_AFTER, task.interval))
    return True


def _move_on(session: Session, task: Periodic, due_at: datetime | None, next_at: datetime) -> bool:
    """Move a task's next turn. Returns False when another worker has moved it already, and so runs it."""
    if due_at is None:
        try:
            with session.begin_nested():
                session.add(ScheduledTask(name=task.name, due_at=next_at))
        except IntegrityError:
            return False
        return True
    moved = session.execute(
        update(ScheduledTask)
        .where(ScheduledTask.name == task.name, ScheduledTask.due_at == due_at)
        .values(due_at=next_at)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one
