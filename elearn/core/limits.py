"""Rate limits counted in the database, so that they hold in parallel and across processes.

One row per bucket and window, counted by one atomic upsert. Buckets are hashed: an address or an e-mail
cannot be read back from the table.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from elearn.core import clock
from elearn.core.db import Base, insert
from elearn.core.errors import TooManyAttempts


class AttemptCount(Base):
    """How often something was tried in one window of time."""

    __tablename__ = "attempt_counts"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    window_starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    attempts: Mapped[int]


@dataclass(frozen=True)
class Limit:
    """At most `attempts` tries in each window of `window_s` seconds."""

    name: str
    attempts: int
    window_s: int

    def bucket(self, key: str) -> str:
        """Return the stored name of the bucket that `key` falls into."""
        return f"{self.name}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def count_attempt(session: Session, limit: Limit, key: str) -> None:
    """Count a try, or raise `TooManyAttempts` when the window's tries are used up."""
    starts_at, retry_after_s = _window(limit)
    statement = (
        insert(session, AttemptCount)
        .values(bucket=limit.bucket(key), window_starts_at=starts_at, attempts=1)
        .on_conflict_do_update(
            index_elements=["bucket", "window_starts_at"], set_={"attempts": AttemptCount.attempts + 1}
        )
        .returning(AttemptCount.attempts)
    )
    if session.execute(statement).scalar_one() > limit.attempts:
        raise TooManyAttempts(retry_after_s)


def check_attempts(session: Session, limit: Limit, key: str) -> None:
    """Raise `TooManyAttempts` when the window's tries are used up, counting nothing."""
    starts_at, retry_after_s = _window(limit)
    attempts = session.scalar(
        select(AttemptCount.attempts).where(
            AttemptCount.bucket == limit.bucket(key), AttemptCount.window_starts_at == starts_at
        )
    )
    if (attempts or 0) >= limit.attempts:
        raise TooManyAttempts(retry_after_s)


def forget_old_attempts(session: Session) -> None:
    """Delete counts of windows that ended a day ago or earlier."""
    session.execute(delete(AttemptCount).where(AttemptCount.window_starts_at < clock.now() - timedelta(days=1)))


def _window(limit: Limit) -> tuple[datetime, int]:
    now = int(clock.now().timestamp())
    starts = now - now % limit.window_s
    return datetime.fromtimestamp(starts, UTC), starts + limit.window_s - now
