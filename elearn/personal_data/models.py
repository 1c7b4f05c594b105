"""What stays after a deletion: that it happened."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.core.db import Base
from elearn.organisations.models import CourseHouse, Municipality


class Erasure(Base):
    """Somebody was deleted: kept as a keyed hash of each address, so that a restored backup deletes them again."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]


class Departure(Base):
    """A municipality leaves: its data is exported, deleted by a day, and a receipt says so."""

    __tablename__ = "departures"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id"), index=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    asked_at: Mapped[datetime]
    delete_on: Mapped[date]
    """At most 30 days later; until then it can be called off."""
    done_at: Mapped[datetime | None]
    reason: Mapped[str]
    """Why, in the owner's words."""
    receipt: Mapped[dict[str, Any]]
    """What was deleted and what was kept, in numbers; empty until it is done."""

    municipality: Mapped[Municipality] = relationship()
    course_house: Mapped[CourseHouse] = relationship()
