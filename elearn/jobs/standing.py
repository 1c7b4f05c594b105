"""How background work stands: read from its rows, so that every process says the same."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.jobs.models import Job, ScheduledTask
from elearn.jobs.queue import APART, MAX_RUNS, RETRY_DELAYS_S, is_in

ORDINARY = "ordinary"
SIGN_OF_LIFE = "jobs.sign_of_life"
"""The task by which the ordinary worker says every minute that it is there."""
STALLED = timedelta(minutes=15)
"""Longer than an upgrade, or than any ordinary job takes."""
_FAILED = (Job.done_at.is_(None), Job.last_error.is_not(None), Job.runs > 1)


@dataclass(frozen=True)
class Standing:
    """How the jobs of one name stand."""

    name: str
    waiting: int
    """Due, not given up, and nobody runs them."""
    failing: int
    """Failed more than once, the given up among them."""
    lasting: int
    """Failed after every pause there is: trying again has not helped."""
    given_up: int
    """Not tried any more."""
    oldest_due_at: datetime | None
    """Since when the oldest of the waiting has been due."""

    @property
    def queue(self) -> str:
        """The queue that they belong to."""
        feature = self.name.split(".")[0]
        return feature if feature in APART else ORDINARY


def standings(session: Session) -> list[Standing]:
    """Return how the jobs that are not done stand, by their names."""
    now = clock.now()
    is_free = Job.leased_until.is_(None) | (Job.leased_until < now)
    is_waiting = (Job.due_at <= now) & (Job.runs < MAX_RUNS) & is_free
    has_failed = Job.last_error.is_not(None) & (Job.runs > 1)
    rows = session.execute(
        select(
            Job.name,
            func.count().filter(is_waiting),
            func.count().filter(has_failed),
            func.count().filter(has_failed & (Job.runs > len(RETRY_DELAYS_S))),
            func.count().filter(Job.runs >= MAX_RUNS),
            func.min(Job.due_at).filter(is_waiting),
        )
        .where(Job.done_at.is_(None))
        .group_by(Job.name)
        .order_by(Job.name)
    )
    return [Standing(*row) for row in rows]


def stalled(session: Session) -> dict[str, datetime]:
    """Return the queues whose workers stand still, or are not there, each with since when.

    A worker that only has too much to do, or whose jobs fail, does not stand still.
    """
    since = {ORDINARY: _ordinary_since(session)} | {queue: _apart_since(session, queue) for queue in APART}
    long_ago = clock.now() - STALLED
    return {queue: at for queue, at in since.items() if at is not None and at < long_ago}


def _ordinary_since(session: Session) -> datetime | None:
    """Return when the sign of life was due; where there never was one, when the first job was."""
    sign = session.get(ScheduledTask, SIGN_OF_LIFE)
    if sign is not None:
        return sign.due_at
    return session.scalar(select(func.min(Job.due_at)).where(Job.done_at.is_(None), is_in(None)))


def _apart_since(session: Session, queue: str) -> datetime | None:
    """Return since when the oldest job waits, unless one is in hand, was done lately, or waits for another try."""
    now = clock.now()
    waits = (Job.done_at.is_(None), Job.due_at <= now, Job.runs < MAX_RUNS)
    oldest = session.scalar(select(func.min(Job.due_at)).where(*waits, is_in(queue)))
    moves = or_(
        Job.leased_until > now,
        Job.done_at > now - STALLED,
        and_(Job.done_at.is_(None), Job.last_error.is_not(None), Job.due_at > now),
    )
    if oldest is None or session.scalar(select(Job.id).where(is_in(queue), moves).limit(1)) is not None:
        return None
    return oldest


def try_again(session: Session) -> int:
    """Have failed jobs that nobody runs now tried at once, as if they were new; return how many."""
    again = session.execute(
        update(Job).where(*_FAILED, Job.leased_until.is_(None)).values(due_at=clock.now(), runs=0, last_error=None)
    )
    return int(again.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one
