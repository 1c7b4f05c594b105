"""Rules for new hires and refreshers, and what is due by them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import Person
from elearn.catalogue.models import Course
from elearn.core.db import Base
from elearn.organisations.models import Department, Municipality


class RuleKind(StrEnum):
    """What a rule asks for."""

    JOINER = "joiner"
    """Everyone who joins takes the course within some days."""
    REFRESHER = "refresher"
    """Everyone who has completed the course goes through some of its modules again after some months."""


class TrainingRule(Base):
    """A municipality's rule for one course, in one department and those below it, or everywhere."""

    __tablename__ = "training_rules"
    __table_args__ = (
        CheckConstraint("within_days >= 1", name="within_days"),
        CheckConstraint("(kind = 'refresher') = (after_months IS NOT NULL)", name="after_months"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id", ondelete="CASCADE"), index=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    kind: Mapped[str]
    """A word of `RuleKind`."""
    within_days: Mapped[int]
    """How many days a person has: from joining, or from the day the refresher falls due."""
    after_months: Mapped[int | None]
    """For refreshers: how long after completion."""
    modules: Mapped[list[Any]]
    """For refreshers: the keys of the modules to go through."""
    includes_present: Mapped[bool] = mapped_column(server_default=false())
    """For joiners: whether it asks those, too, who had joined before it began."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    municipality: Mapped[Municipality] = relationship()
    department: Mapped[Department | None] = relationship()
    course: Mapped[Course] = relationship()


class TrainingDue(Base):
    """That a person is to take a course, or a refresher, by a day."""

    __tablename__ = "training_dues"
    __table_args__ = (
        UniqueConstraint("rule_id", "person_id", "due_on"),
        Index(None, "person_id"),
        Index(None, "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("training_rules.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    due_on: Mapped[date]
    created_at: Mapped[datetime]
    """When the rule met the person; the seat a rule gives is given from then on."""
    reminded_at: Mapped[datetime | None]
    """When the letter before the day was written; at most one."""
    late_reminded_at: Mapped[datetime | None]
    """When the letter after the day was written; at most one."""
    done_at: Mapped[datetime | None]

    rule: Mapped[TrainingRule] = relationship()
    person: Mapped[Person] = relationship()


class RefreshedModule(Base):
    """A module that somebody has gone through again, by their own word."""

    __tablename__ = "refreshed_modules"

    due_id: Mapped[int] = mapped_column(ForeignKey("training_dues.id", ondelete="CASCADE"), primary_key=True)
    module_key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
