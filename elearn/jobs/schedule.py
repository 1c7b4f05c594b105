"""Periodic tasks: each runs once per interval in the whole installation, however many workers there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.models import ScheduledTask

Task = Callable[[Installation, Session], None]


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
    now = clock.now()
    with installation.database.reader() as session:
        row = session.get(ScheduledTask, task.name)
    if row is not None and row.due_at > now:
        return False
    with installation.database.transaction() as session:
        if row is None:
            session.add(ScheduledTask(name=task.name, due_at=now + task.interval))
        else:
            moved = session.execute(
                update(ScheduledTask)
                .where(ScheduledTask.name == task.name, ScheduledTask.due_at == row.due_at)
                .values(due_at=now + task.interval)
            )
            if moved.rowcount != 1:  # type: ignore[attr-defined]  # another worker moved it on and runs it
                return False
        task.run(installation, session)
    return True
