"""How people come to a seat by themselves: requests and the waiting line, join links and who types an address there."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import EmailAddress, Person
from elearn.core import clock
from elearn.core.db import Base
from elearn.licensing.models.licences import Licence
from elearn.organisations.models import Department


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
