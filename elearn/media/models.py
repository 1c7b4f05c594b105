"""Films as the database knows them: whose files they are, how one becomes playable, and what lessons may show."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from elearn.core.db import Base


class Video(Base):
    """A film of a course house. Watched seconds hang on its id.

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


class Film(Base):
    """Whose a film's files are: its manifest, captions and uploads. Only that house may change them."""

    __tablename__ = "films"

    key: Mapped[str] = mapped_column(primary_key=True)
    """The manifest's id: one installation has one folder of manifests."""
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)


class FilmUpload(Base):
    """A film's file on its way from a browser. How much of it is here, the file itself says."""

    __tablename__ = "film_uploads"
    __table_args__ = (CheckConstraint("size_bytes > 0", name="has_size"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    """Random, in the upload's address; also the name of its file."""
    film_key: Mapped[str] = mapped_column(ForeignKey("films.key"), index=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)
    language: Mapped[str]
    """The language spoken in the film."""
    file_name: Mapped[str]
    """What the file is called where it comes from."""
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    begun_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    begun_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    """When bytes last arrived: what nobody goes on with is removed after a while."""
    whole_at: Mapped[datetime | None]
    """When the last byte was on disk."""


class PackagingState(StrEnum):
    """Where the packaging of an uploaded film stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = (PackagingState.WAITING, PackagingState.RUNNING)


class Packaging(Base):
    """One attempt to make an uploaded file into a package: waiting or running at most once for a film."""

    __tablename__ = "packagings"
    __table_args__ = (
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
        Index(
            "uq_packagings_live",
            "film_key",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    film_key: Mapped[str] = mapped_column(ForeignKey("films.key"), index=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)
    upload_id: Mapped[str | None] = mapped_column(ForeignKey("film_uploads.id"), index=True)
    """None once the uploaded file is no longer needed and gone."""
    state: Mapped[str]
    """A word of `PackagingState`."""
    percent: Mapped[int]
    cancel_asked: Mapped[bool]
    """The worker looks here while it works."""
    problem: Mapped[str | None]
    """Why it failed: a word of `errors.Fault`."""
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
