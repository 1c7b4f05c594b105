"""Licences and seats. A seat is a row: nobody can sit on one that does not exist (design.md 3)."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.db import Base
from elearn.mail.models import Letter
from elearn.organisations.models import Department, Municipality


class Licence(Base):
    """A municipality's right to seats in a course, from a day to a day, both included, in its own country."""

    __tablename__ = "licences"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("handovers_allowed >= 0", name="handovers_allowed"),
        CheckConstraint("seat_days IS NULL OR seat_days >= 1", name="seat_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    size: Mapped[int] = mapped_column(server_default="0")
    """How many seats it was given: as many rows of `seats` there are; only `seat_rows.add` changes either."""
    handovers_allowed: Mapped[int] = mapped_column(server_default="0")
    """How many seats that have been used may still be taken back and given to somebody else."""
    seat_days: Mapped[int | None]
    """How many days a seat lasts from its claim; None when all last until the licence's last day."""
    has_waiting_line: Mapped[bool] = mapped_column(server_default=true())
    """Whether people wait in line when no seat is free."""
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), index=True)
    """The licence it renews: people may be carried over from there."""
    reason: Mapped[str]
    """Why it was granted: a gift, a pilot, a correction, an order."""
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    granted_at: Mapped[datetime]

    course: Mapped[Course] = relationship()
    municipality: Mapped[Municipality] = relationship()
    seats: Mapped[list["Seat"]] = relationship(back_populates="licence", order_by="Seat.id")

    @property
    def has_begun(self) -> bool:
        """Whether its first day has come, where the municipality is."""
        return self.starts_on <= clock.today(self.municipality.country)

    @property
    def has_ended(self) -> bool:
        """Whether its last day has passed, where the municipality is."""
        return self.ends_on < clock.today(self.municipality.country)


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
            sqlite_where=text("person_id IS NULL"),
            postgresql_where=text("person_id IS NULL"),
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

    department: Mapped[Department | None] = relationship()
    licence: Mapped[Licence] = relationship(back_populates="seats")
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


class LicenceWarning(Base):
    """That buyers and owner were told once that a licence ends soon, or fills up."""

    __tablename__ = "licence_warnings"

    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    """'days:60', 'used:90' and the like."""
    at: Mapped[datetime]


class LicenceMessage(Base):
    """What a buyer wrote to all learners of a licence; a job makes the letters, some hundred at a time."""

    __tablename__ = "licence_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"), index=True)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    press: Mapped[str] = mapped_column(unique=True)
    """The form's own key: pressing its button twice sends once."""
    text: Mapped[str]
    at: Mapped[datetime]
    recipients: Mapped[int]
    """How many learners there were when it was sent."""
    written_to: Mapped[int] = mapped_column(server_default="0")
    """The id of the last person whose letter has been made; people are taken in the order of their ids."""

    licence: Mapped[Licence] = relationship()
    sent_by: Mapped[Person | None] = relationship()


class RequestState(StrEnum):
    """What became of a request for a seat."""

    ASKED = "asked"
    """Waits for the buyer."""
    WAITING = "waiting"
    """Approved, and in line for a seat."""
    GIVEN = "given"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class SeatRequest(Base):
    """Somebody who would like a seat: asks the buyer, then waits in line until one is free."""

    __tablename__ = "seat_requests"
    __table_args__ = (
        Index(
            "uq_seat_requests_one_open",
            "licence_id",
            "person_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'waiting')"),
            postgresql_where=text("state IN ('asked', 'waiting')"),
        ),
        Index("ix_seat_requests_line", "licence_id", "state", "in_line_since", "id"),
        CheckConstraint("state <> 'waiting' OR in_line_since IS NOT NULL", name="in_line_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    sector: Mapped[str | None]
    state: Mapped[str]
    """A word of `RequestState`."""
    asked_at: Mapped[datetime]
    in_line_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    licence: Mapped[Licence] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    department: Mapped[Department | None] = relationship()


class JoinLink(Base):
    """A link or code by which the staff of a department take seats themselves."""

    __tablename__ = "join_links"
    __table_args__ = (CheckConstraint("most >= 1", name="most"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    code: Mapped[str] = mapped_column(unique=True)
    """Printed on a poster, so kept as it is; it opens nothing without a mail address of the municipality's."""
    domains: Mapped[list[Any]]
    """The mail domains whose addresses may join, in lower case."""
    most: Mapped[int]
    """How many may join by it."""
    needs_approval: Mapped[bool] = mapped_column(server_default=false())
    """Whether who joins asks the buyer for a seat, instead of taking one."""
    ends_on: Mapped[date]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    licence: Mapped[Licence] = relationship()
    department: Mapped[Department | None] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether people may join by it today."""
        has_ended = self.ends_on < clock.today(self.licence.municipality.country)
        return self.closed_at is None and not has_ended and not self.licence.has_ended


class Joining(Base):
    """Somebody who has typed their address at a join link, and got a letter: its button takes the seat."""

    __tablename__ = "joinings"

    id: Mapped[int] = mapped_column(primary_key=True)
    join_link_id: Mapped[int] = mapped_column(ForeignKey("join_links.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    email_address_id: Mapped[int] = mapped_column(ForeignKey("email_addresses.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    """When the button was pressed and a seat or a place in line was given, or asked for; then the token is dead."""

    join_link: Mapped[JoinLink] = relationship()
    person: Mapped[Person] = relationship()
    email: Mapped[EmailAddress] = relationship()


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


class RenewalLeaver(Base):
    """Somebody who is not to be carried over to the next licence."""

    __tablename__ = "renewal_leavers"

    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
