"""What is published of a round: the one place that pages, files and reports read figures from."""

from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from elearn.core.db import Base


class TableKind(StrEnum):
    """Which part of the people a published table is about."""

    ALL = "all"
    MUNICIPALITY = "municipality"
    SECTOR = "sector"
    RATES = "rates"
    """Who has answered, by municipality and in all, from receipts."""


class PublishedTable(Base):
    """The figures of one part, as they stood after a release; recomputed at the next one only."""

    __tablename__ = "published_tables"
    __table_args__ = (CheckConstraint("kind IN ('all', 'municipality', 'sector', 'rates')", name="kind"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    """The municipality's id or the sector's code, else ''."""
    batch_id: Mapped[int] = mapped_column(ForeignKey("feedback_batches.id"))
    """The release after which it was computed."""
    content: Mapped[dict[str, Any]]
