"""Licences, and what is noted about one."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.db import Base
from elearn.organisations.models import Municipality


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

    @property
    def has_begun(self) -> bool:
        """Whether its first day has come, where the municipality is."""
        return self.starts_on <= clock.today(self.municipality.country)

    @property
    def has_ended(self) -> bool:
        """Whether its last day has passed, where the municipality is."""
        return self.ends_on < clock.today(self.municipality.country)


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


class RenewalLeaver(Base):
    """Somebody who is not to be carried over to the next licence."""

    __tablename__ = "renewal_leavers"

    licence_id: Mapped[int] = mapped_column(ForeignKey("licences.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
