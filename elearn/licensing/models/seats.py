"""Seats, their history and the letters that offer them. A seat is a row: nobody can sit on one that does not exist."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, and_, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import EmailAddress, Person
from elearn.core.db import Base
from elearn.licensing.models.licences import Licence
from elearn.mail.models import Letter
from elearn.organisations.models import Department


class SeatState(StrEnum):
    """What a seat is now; derived, never stored."""

    FREE = "free"
    INVITED = "invited"
    CLAIMED = "claimed"


class Seat(Base):
    """One person's place in a licence, or a free one."""

    __tablename__ = "seats"
    __table_args__ = (
        Index(
            "uq_seats_one_per_person",
            "licence_id",
            "person_id",
            unique=True,
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "ix_seats_free",
            "licence_id",
            "id",
            sqlite_where=text("person_id IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=text("person_id IS NULL AND withdrawn_at IS NULL"),
        ),
        Index(
            "ix_seats_held",
            "licence_id",
            "sort_name",
            "id",
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "ix_seats_invited",
            "licence_id",
            "invited_at",
            "holds_until",
            sqlite_where=text("holds_until IS NOT NULL"),
            postgresql_where=text("holds_until IS NOT NULL"),
        ),
        Index(
            "ix_seats_department",
            "department_id",
            sqlite_where=text("department_id IS NOT NULL"),
            postgresql_where=text("department_id IS NOT NULL"),
        ),
        Index("ix_seats_person", "person_id"),
        CheckConstraint("claimed_at IS NULL OR person_id IS NOT NULL", name="claimed_by_somebody"),
        CheckConstraint("first_used_at IS NULL OR claimed_at IS NOT NULL", name="used_after_claim"),
        CheckConstraint("invited_at IS NULL OR person_id IS NOT NULL", name="invited_somebody"),
        CheckConstraint("withdrawn_at IS NULL OR person_id IS NULL", name="withdrawn_unused"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    invited_at: Mapped[datetime | None]
    holds_until: Mapped[date | None]
    """The last day on which an unanswered invitation keeps the seat."""
    claimed_at: Mapped[datetime | None]
    first_used_at: Mapped[datetime | None]
    """Set once, when the first viewing ticket is issued."""
    valid_until: Mapped[date | None]
    """Its last day, where the licence counts days from the claim; None when it lasts as long as the licence."""
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    sector: Mapped[str | None]
    """Where its holder works, a code of `sectors.SECTORS`."""
    sort_name: Mapped[str | None]
    """The holder's name in lower case: lists of many thousands are read in its order."""
    reminders: Mapped[int] = mapped_column(server_default="0")
    """How many reminders of the open invitation have been sent."""
    wants_no_reminders: Mapped[bool] = mapped_column(server_default=false())
    """Whether the invited person has asked for none."""
    withdrawn_at: Mapped[datetime | None]
    """When it was taken out of its licence: nobody can have it any more, its history stays."""

    department: Mapped[Department | None] = relationship()
    licence: Mapped[Licence] = relationship()
    person: Mapped[Person | None] = relationship()

    @property
    def last_day(self) -> date:
        """The last day on which it lets its holder watch: its own, else the licence's."""
        return self.valid_until or self.licence.ends_on

    @property
    def state(self) -> SeatState:
        """Free, invited or claimed."""
        if self.person_id is None:
            return SeatState.FREE
        return SeatState.CLAIMED if self.claimed_at else SeatState.INVITED


FREE = and_(Seat.person_id.is_(None), Seat.withdrawn_at.is_(None))
"""What a seat has to be for somebody to take it."""


class SeatChange(StrEnum):
    """What can happen to a seat; the words of its history."""

    INVITED = "invited"
    CLAIMED = "claimed"
    USED = "used"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """The invitation held the seat for its days, unanswered."""
    RELEASED = "released"
    RESTORED = "restored"
    """A release was undone."""
    LEFT = "left"
    """The holder's account was deleted, or the municipality has left."""


class SeatEvent(Base):
    """A seat's history: append-only. `history.replay` makes the seat's row from it again."""

    __tablename__ = "seat_events"
    __table_args__ = (Index(None, "seat_id", "at"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"))
    person_id: Mapped[int]
    """Whose seat it was; no foreign key, since the history outlives the person."""
    what: Mapped[str]
    """A word of `SeatChange`."""
    by_id: Mapped[int | None]
    """Who did it; None for the product itself."""
    at: Mapped[datetime]
    after_use: Mapped[bool] = mapped_column(server_default=false())
    """For releases and their undoing: the seat had been used, so it counts as handed over."""
    department_id: Mapped[int | None]
    """For releases: where the holder worked, so that undoing can put it back."""
    sector: Mapped[str | None]


class Invitation(Base):
    """A letter that offers a seat. Its token is fresh, lives 14 days, and dies when another is sent."""

    __tablename__ = "invitations"
    __table_args__ = (
        Index(
            "uq_invitations_one_open",
            "seat_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
        Index("ix_invitations_letter", "letter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seats.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    email_address_id: Mapped[int] = mapped_column(ForeignKey("email_addresses.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    message: Mapped[str | None]
    """A line of the inviter's own, quoted in the letter."""
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    letter_id: Mapped[int | None] = mapped_column(ForeignKey(Letter.id, ondelete="SET NULL"))
    """The letter while the outbox keeps it: tells whether it could be sent."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    """When it was accepted, declined, withdrawn or replaced: then the token is dead."""

    seat: Mapped[Seat] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    email: Mapped[EmailAddress] = relationship()
    invited_by: Mapped[Person | None] = relationship(foreign_keys=[invited_by_id])
