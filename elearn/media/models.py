"""Films as the database knows them: one row per film that lessons may show."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from elearn.core.db import Base


class Video(Base):
    """A film of a course house. Watched seconds hang on its id (design.md 2).

    A new film of the same length keeps the row; one of another length makes a new generation when the owner
    says that what was seen of the old one no longer counts.
    """

    __tablename__ = "videos"
    __table_args__ = (
        UniqueConstraint("course_house_id", "key", "generation"),
        CheckConstraint("length_s > 0", name="has_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)
    key: Mapped[str]
    """The manifest's id."""
    generation: Mapped[int]
    language: Mapped[str]
    package: Mapped[str]
    """Name of the folder of playlists and segments under the media store."""
    duration_ms: Mapped[int]
    length_s: Mapped[int]
    """round(duration): how many seconds there are to see."""
    manifest: Mapped[dict[str, Any]]
    """The manifest as published: captions, chapters, passages, renditions, description."""
    published_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    """When a later generation took over."""
