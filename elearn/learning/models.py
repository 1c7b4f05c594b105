"""What was watched, what was completed, certificates and notes."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import Person
from elearn.catalogue.models import Course, CourseVersion
from elearn.core.db import Base, BitSet


class VideoProgress(Base):
    """What one person has seen of one film, as a set of whole seconds, and where they stopped."""

    __tablename__ = "video_progress"
    __table_args__ = {"sqlite_with_rowid": False}

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id"), primary_key=True)
    seen: Mapped[int] = mapped_column(BitSet())
    """Bit s is set when second s was seen."""
    position_ms: Mapped[int]
    opened_ms: Mapped[int] = mapped_column(BigInteger)
    """When the player that gave the position was opened, in epoch milliseconds: the player opened last decides."""
    sequence: Mapped[int] = mapped_column(BigInteger)
    """The number of the position's report within that player: the latest decides."""
    first_ticket_ms: Mapped[int] = mapped_column(BigInteger)
    """When the earliest ticket that brought seconds was issued: nobody has seen more than fits into the time since."""
    updated_at: Mapped[datetime]


class PassageSkip(Base):
    """A marked passage that a learner chose to skip or read instead: it leaves the denominator."""

    __tablename__ = "passage_skips"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id"), primary_key=True)
    passage: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class LessonCompletion(Base):
    """A lesson that a person has watched to its share, or says to have read. Set once."""

    __tablename__ = "lesson_completions"
    __table_args__ = (CheckConstraint("how IN ('watched', 'read')", name="how"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    how: Mapped[str]
    completed_at: Mapped[datetime]
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_versions.id"))


class Completion(Base):
    """A course that a person has got through, with the version it was made on. Set once."""

    __tablename__ = "completions"
    __table_args__ = (UniqueConstraint("person_id", "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    course_version_id: Mapped[int] = mapped_column(ForeignKey("course_versions.id"))
    completed_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()
    course_version: Mapped[CourseVersion] = relationship()


class Certificate(Base):
    """Proof of a completion with an unguessable address. A corrected name makes a new one; the old one says so."""

    __tablename__ = "certificates"
    __table_args__ = (
        Index(
            "uq_certificates_valid",
            "completion_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    completion_id: Mapped[int] = mapped_column(ForeignKey("completions.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(unique=True)
    """128 random bits in groups, without letters that look alike."""
    name: Mapped[str]
    """The name as it stood when the certificate was issued."""
    issued_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    completion: Mapped[Completion] = relationship()


class Nudge(Base):
    """When a person was last reminded of a course they had stopped in: once for each stop."""

    __tablename__ = "nudges"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    at: Mapped[datetime]


class Note(Base):
    """A learner's answer to a reflection question; nobody else can read it."""

    __tablename__ = "notes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("modules.id"), primary_key=True)
    question: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]
    saved_at: Mapped[datetime]
