"""Forms with their versions, the rounds in which they are answered, and asking people to."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.catalogue.models import Course
from elearn.core.db import Base
from elearn.organisations.models import Municipality


class FeedbackRound(Base):
    """One evaluation of a course, from its opening to its closing: answers of two rounds never mix."""

    __tablename__ = "feedback_rounds"
    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        Index(
            "uq_feedback_rounds_open",
            "course_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    number: Mapped[int]
    opened_at: Mapped[datetime]
    closing_asked_at: Mapped[datetime | None]
    """From then on nothing is answered: a job takes in what is left and closes the round."""
    closed_at: Mapped[datetime | None]
    """From then on nothing is released, and the figures stay as they are."""

    course: Mapped[Course] = relationship()

    @property
    def takes_answers(self) -> bool:
        """Whether its forms can be answered."""
        return self.closing_asked_at is None and self.closed_at is None


class FeedbackForm(Base):
    """A form of a course; its row outlives edits, found by course and key."""

    __tablename__ = "feedback_forms"
    __table_args__ = (
        UniqueConstraint("course_id", "key"),
        CheckConstraint("(retired_at IS NULL) = (retired_in IS NULL)", name="retired"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    key: Mapped[str]
    moment: Mapped[str]
    """A word of `form_files.Moment`. Like audience, anonymity and comparison, the same in every version."""
    audience: Mapped[list[Any]]
    """Words of `form_files.Audience`."""
    is_anonymous: Mapped[bool]
    compares_with: Mapped[str | None]
    """The key of the form whose answers come before this one's: those of one person are joined by a pseudonym."""
    current_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("feedback_form_versions.id", use_alter=True, name="fk_feedback_forms_current_version_id")
    )
    retired_at: Mapped[datetime | None]
    """When the owner stopped asking; answers stay."""
    retired_in: Mapped[str | None]
    """A word of `VersionSource`: a file that comes back takes up what went with it, never what the owner retired."""

    course: Mapped[Course] = relationship()
    current_version: Mapped["FeedbackFormVersion | None"] = relationship(
        foreign_keys=[current_version_id], post_update=True
    )


class VersionSource(StrEnum):
    """Where a version of a form was written."""

    FILE = "file"
    BROWSER = "browser"


class FeedbackFormVersion(Base):
    """What a form asked at one time, unchanged ever after; answers stay tied to it."""

    __tablename__ = "feedback_form_versions"
    __table_args__ = (
        UniqueConstraint("form_id", "number"),
        CheckConstraint("source IN ('file', 'browser')", name="source"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id"))
    number: Mapped[int]
    source: Mapped[str]
    """A word of `VersionSource`: a file publishes a new version only when the file itself has changed."""
    content: Mapped[dict[str, Any]]
    """As `form_files.FormFile` reads it."""
    content_hash: Mapped[str]
    published_at: Mapped[datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    form: Mapped[FeedbackForm] = relationship(foreign_keys=[form_id])


class FeedbackFormDraft(Base):
    """A form as the owner writes it in the browser, good or not yet; publishing it makes a version and ends it."""

    __tablename__ = "feedback_form_drafts"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    key: Mapped[str]
    """The form's id, also of a form that was never published."""
    begun_on: Mapped[int | None]
    """The number of the version it began as; None for a new form."""
    content: Mapped[dict[str, Any]]
    """As `form_files.FormFile` will read it once it is whole."""
    saved_at: Mapped[datetime]

    course: Mapped[Course] = relationship()


class FeedbackAsk(Base):
    """How often a person was reminded of a form, and whether they asked to be left alone. Nothing about answering."""

    __tablename__ = "feedback_asks"
    __table_args__ = (CheckConstraint("reminders BETWEEN 0 AND 2", name="reminders"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    reminders: Mapped[int] = mapped_column(server_default="0")
    """At most two."""
    reminded_on: Mapped[date | None]
    put_off_on: Mapped[date | None]
    """When the person said 'not now'."""
    declined_on: Mapped[date | None]
    """When the person asked for no more reminders of this form."""


class FeedbackOccasion(Base):
    """A named occasion at which guests answer a form by a code, without an account."""

    __tablename__ = "feedback_occasions"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id"))
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    """Whose people come; None when they come from several."""
    title: Mapped[str]
    held_on: Mapped[date]
    code: Mapped[str] = mapped_column(unique=True)
    """What guests type: public, on the wall."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    form: Mapped[FeedbackForm] = relationship()
    round: Mapped[FeedbackRound] = relationship()
    municipality: Mapped[Municipality | None] = relationship()

    @property
    def is_over(self) -> bool:
        """Whether its code opens nothing any more."""
        return bool(self.closed_at or self.form.retired_at) or not self.round.takes_answers
