"""Who has answered, and what was answered: two piles between which no column leads.

Rows of the second pile are found by random keys and kept in their order (no row numbers on SQLite), so that neither
order nor time tells whose they are.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.core.db import Base


class FeedbackReceipt(Base):
    """That a person has answered a form: never what, never when."""

    __tablename__ = "feedback_receipts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"), primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id", ondelete="CASCADE"), primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    """The module's key when the form asks after each module, else ''."""
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    audience: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    is_final: Mapped[bool] = mapped_column(server_default=false())
    """Whether the answers have left the spool. A flag and no batch: all of a group's turn at once."""


class SpooledResponse(Base):
    """Answers that wait for at least four others of their group; until then they are pseudonymous, not anonymous."""

    __tablename__ = "feedback_spool"
    __table_args__ = (
        Index(None, "round_id", "form_id", "audience", "municipality_id"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    """128 random bits."""
    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"))
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("feedback_form_versions.id"))
    about: Mapped[str]
    audience: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    sector: Mapped[str | None]
    pseudonym: Mapped[str | None]
    """What joins a person's before to their after, where forms compare; nobody without the round's key can make it."""
    may_quote: Mapped[bool]
    answers: Mapped[dict[str, Any]]
    """Clean answers by question id."""


class FeedbackBatch(Base):
    """One release of a round's answers."""

    __tablename__ = "feedback_batches"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"), index=True)
    released_at: Mapped[datetime]


class ReleasedAnswer(Base):
    """One answer to one question. Nothing joins it to the same person's other answers, but for pairs until closing."""

    __tablename__ = "released_answers"
    __table_args__ = (
        CheckConstraint("(number IS NULL) <> (choice IS NULL)", name="number_or_choice"),
        Index(None, "round_id", "form_id", "lot_id"),
        Index(
            "ix_released_answers_pseudonym",
            "pseudonym",
            sqlite_where=text("pseudonym IS NOT NULL"),
            postgresql_where=text("pseudonym IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    """128 random bits, made at the release."""
    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"))
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("feedback_form_versions.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("feedback_batches.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_batches.id"))
    """The release at which the published figures took it in; None while it waits (core/privacy.py)."""
    audience: Mapped[str]
    about: Mapped[str]
    question: Mapped[str]
    item: Mapped[str]
    """The row of a matrix or the option of a multiple choice, else ''."""
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    """None for guests of no municipality, and for the few that were released at closing into the total alone."""
    sector: Mapped[str | None]
    number: Mapped[int | None]
    choice: Mapped[str | None]
    pseudonym: Mapped[str | None]
    """Joins the answers of one person to the same question in two forms, and no others; wiped at closing."""


class TextState(StrEnum):
    """What the course owner has said of a text."""

    NEW = "new"
    APPROVED = "approved"
    """Others than the owner may read it."""
    HIDDEN = "hidden"


class FeedbackText(Base):
    """A free text. It has lost its municipality, its batch and the scores it came with."""

    __tablename__ = "feedback_texts"
    __table_args__ = (
        CheckConstraint("state IN ('new', 'approved', 'hidden')", name="state"),
        Index(None, "round_id", "form_id", "question"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    """128 random bits; texts are shown in its order."""
    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"))
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id"))
    question: Mapped[str]
    audience: Mapped[str]
    sector: Mapped[str | None]
    """Told only once `tells_sector` says so."""
    may_quote: Mapped[bool]
    text: Mapped[str]
    is_out: Mapped[bool] = mapped_column(server_default=false())
    """Whether anybody may read it: texts come out ten or more at a time, so that a new one has company."""
    tells_sector: Mapped[bool] = mapped_column(server_default=false())
    """Whether its sector may be told: from the day it came out, with nine others of that sector, or never."""
    state: Mapped[str] = mapped_column(server_default="new")
    """A word of `TextState`."""
    is_redacted: Mapped[bool] = mapped_column(server_default=false())
    """Whether the owner took a passage out; the original is gone."""

    themes: Mapped[list["FeedbackTheme"]] = relationship(
        secondary="feedback_text_themes", order_by="FeedbackTheme.name"
    )


class FeedbackTheme(Base):
    """What the owner finds texts of a course to be about."""

    __tablename__ = "feedback_themes"
    __table_args__ = (UniqueConstraint("course_id", "name_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    """The name case-folded."""


feedback_text_themes = Table(
    "feedback_text_themes",
    Base.metadata,
    Column("text_id", ForeignKey("feedback_texts.id", ondelete="CASCADE"), primary_key=True),
    Column("theme_id", ForeignKey("feedback_themes.id", ondelete="CASCADE"), primary_key=True),
)


class NamedResponse(Base):
    """Answers to a form that is not anonymous, or a draft of them; the form says who reads them."""

    __tablename__ = "named_responses"
    __table_args__ = (UniqueConstraint("round_id", "form_id", "about", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"))
    form_id: Mapped[int] = mapped_column(ForeignKey("feedback_forms.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("feedback_form_versions.id"))
    about: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    may_quote: Mapped[bool]
    answers: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    """None while it is a draft."""


class PairingKey(Base):
    """The key that makes a round's pseudonyms, together with the installation's own; destroyed at closing."""

    __tablename__ = "pairing_keys"

    round_id: Mapped[int] = mapped_column(ForeignKey("feedback_rounds.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str]
