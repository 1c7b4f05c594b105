"""Jobs as rows: what must happen after a commit is written in that commit."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from elearn.core.db import Base


class Job(Base):
    """A piece of work to be done by a worker, at least once."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "ix_jobs_waiting", "due_at", sqlite_where=text("done_at IS NULL"), postgresql_where=text("done_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    arguments: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    """Not to be run before."""
    leased_until: Mapped[datetime | None]
    """Until when the worker that took it has it for itself."""
    runs: Mapped[int]
    """How often it was taken: also the fencing token, which a late worker no longer holds."""
    done_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class ScheduledTask(Base):
    """When a periodic task is due next; of several workers the one that moves the row on runs it."""

    __tablename__ = "scheduled_tasks"

    name: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
