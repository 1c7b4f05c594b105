"""Lists of people that a buyer hands in."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.core.db import Base
from elearn.licensing.models.licences import Licence


class SeatListState(StrEnum):
    """How far a list of people is."""

    READING = "reading"
    READY = "ready"
    """Read: the preview says what would happen."""
    INVITING = "inviting"
    """Confirmed: every seat is held, the letters are being written."""
    DONE = "done"
    REFUSED = "refused"
    """The file could not be read; `problem` says why."""


class SeatList(Base):
    """A list of people that a buyer pasted or uploaded, until it has been confirmed and for a while after."""

    __tablename__ = "seat_lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"), index=True)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    file_name: Mapped[str]
    """As the browser named it, or '' for a pasted list; shown, never used as a path."""
    content: Mapped[bytes | None] = mapped_column(deferred=True)
    """The file, until it has been read."""
    state: Mapped[str]
    """A word of `SeatListState`."""
    columns: Mapped[dict[str, Any]]
    """How its columns were read: field -> heading."""
    rows: Mapped[list[Any]] = mapped_column(deferred=True)
    """The people as read, one object a row (`lists.people.Entry`); corrections are written into it."""
    problem: Mapped[dict[str, Any] | None]
    """Why it was refused, or could not be confirmed: {what, row} or {what, wanted, free}."""
    held: Mapped[list[Any] | None] = mapped_column(deferred=True)
    """Once confirmed, [seat id, address id] of each who is to get a letter."""
    language: Mapped[str]
    message: Mapped[str | None]
    holds_until: Mapped[date | None]
    done: Mapped[int] = mapped_column(server_default="0")
    """How many rows have been read or invited: the progress bar."""
    total: Mapped[int] = mapped_column(server_default="0")

    licence: Mapped[Licence] = relationship()
