"""The figures as Prometheus reads them (its text format, version 0.0.4)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from elearn.jobs.queue import APART
from elearn.jobs.standing import ORDINARY, Standing
from elearn.media.models import PackagingState
from elearn.operations.state import State

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Row = tuple[str, float]
"""A label and its value, such as '{queue="media"}' and 2."""


def text(state: State) -> str:
    """Write the figures; what is not known, such as the age of a backup that was never made, is left out."""
    lines = []
    for name, meaning, rows in _families(state):
        lines += [f"# HELP elearn_{name} {meaning}", f"# TYPE elearn_{name} gauge"]
        lines += [f"elearn_{name}{label} {value:.0f}" for label, value in rows]
    return "\n".join(lines) + "\n"


def _families(state: State) -> Iterator[tuple[str, str, list[Row]]]:
    queues: dict[str, list[Standing]] = defaultdict(list, {queue: [] for queue in (ORDINARY, *APART)})
    for each in state.jobs:
        queues[each.queue].append(each)
    by_queue = {f'{{queue="{name}"}}': each for name, each in queues.items()}
    yield "jobs_waiting", "Jobs that are due.", [(q, sum(s.waiting for s in each)) for q, each in by_queue.items()]
    yield (
        "jobs_failing",
        "Jobs that failed more than once.",
        [(q, sum(s.failing for s in each)) for q, each in by_queue.items()],
    )
    yield (
        "jobs_given_up",
        "Jobs that are not tried any more.",
        [(q, sum(s.given_up for s in each)) for q, each in by_queue.items()],
    )
    yield (
        "jobs_oldest_seconds",
        "For how long the oldest job that is due has waited.",
        [
            (q, max((_age(state, s.oldest_due_at) for s in each if s.oldest_due_at), default=0))
            for q, each in by_queue.items()
        ],
    )
    yield (
        "jobs_stalled_seconds",
        "For how long no worker has been seen that should be at work; 0 when there is one.",
        [(f'{{queue="{name}"}}', _age(state, state.stalled[name]) if name in state.stalled else 0) for name in queues],
    )
    yield (
        "letters_waiting",
        "Letters not sent yet, reminders of feedback forms left out.",
        [("", state.letters_waiting)],
    )
    yield "letters_given_up", "Letters that nobody tries to send any more.", [("", state.letters_given_up)]
    yield (
        "packagings",
        "Films made ready for browsers, by state.",
        [(f'{{state="{each}"}}', state.packagings.get(each, 0)) for each in PackagingState],
    )
    yield "webhooks_failed", "Events of Stripe in a week that did not fit.", [("", state.webhooks_failed)]
    yield "disk_free_bytes", "Free space on the fullest disk that is written to.", [("", state.disk.free)]
    yield "disk_bytes", "All space on that disk.", [("", state.disk.total)]
    yield (
        "drill_failed",
        "1 while the last backup that was put back for practice could not be.",
        [("", state.drill_failed_at is not None)],
    )
    yield "database_bytes", "Size of the database.", [("", state.database_bytes)]
    for name, meaning, at in (
        ("backup_age_seconds", "Age of the newest backup.", state.backup_at),
        ("drill_age_seconds", "Since a backup was last put back for practice, and was whole.", state.drill_at),
    ):
        yield name, meaning, [("", _age(state, at))] if at else []


def _age(state: State, at: datetime) -> float:
    return (state.at - at).total_seconds()
