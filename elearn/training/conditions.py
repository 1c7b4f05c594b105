"""Conditions in SQL that reading and following the rules share."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute

from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat
from elearn.organisations.models import Membership, MembershipDepartment, Role
from elearn.training.models import RuleKind, TrainingDue, TrainingRule


def done_at() -> ColumnElement[datetime | None]:
    """SQL: when what is due was done. A new hire's is done when the course is completed, also long before."""
    completed = (
        select(Completion.completed_at)
        .where(Completion.person_id == TrainingDue.person_id, Completion.course_id == TrainingRule.course_id)
        .where(TrainingRule.kind == RuleKind.JOINER)
        .correlate(TrainingDue, TrainingRule)
        .scalar_subquery()
    )
    return func.coalesce(TrainingDue.done_at, completed)


def is_member() -> ColumnElement[bool]:
    """SQL: the person is still a learner there; who has left is no longer asked, and no longer shown.

    Who comes back has joined anew: what was due before stays over.
    """
    return exists().where(
        Membership.person_id == TrainingDue.person_id,
        Membership.created_at <= TrainingDue.created_at,
        Membership.municipality_id == TrainingRule.municipality_id,
        Membership.role == Role.LEARNER,
        Membership.ended_at.is_(None),
    )


def members(municipality_id: int, department_ids: frozenset[int] | None) -> Select[int, datetime]:
    """SQL: the learners a municipality has now, with when they joined; of some departments, or all."""
    found = select(Membership.person_id, Membership.created_at).where(
        Membership.municipality_id == municipality_id, Membership.role == Role.LEARNER, Membership.ended_at.is_(None)
    )
    if department_ids is None:
        return found
    return found.where(
        exists().where(
            MembershipDepartment.membership_id == Membership.id, MembershipDepartment.department_id.in_(department_ids)
        )
    )


def completed_course(course_id: int) -> ColumnElement[bool]:
    """SQL: a member has completed a course, under whichever seat."""
    return exists().where(Completion.person_id == Membership.person_id, Completion.course_id == course_id)


def has_live_seat(
    person_id: InstrumentedAttribute[int],
    course_id: InstrumentedAttribute[int] | int,
    municipality_id: InstrumentedAttribute[int] | int,
    today: date,
) -> ColumnElement[bool]:
    """SQL: the person has claimed a seat of the municipality's in the course, and it lasts today, its local day."""
    return exists().where(
        Seat.person_id == person_id,
        Seat.claimed_at.is_not(None),
        Seat.licence_id == Licence.id,
        Licence.course_id == course_id,
        Licence.municipality_id == municipality_id,
        Licence.starts_on <= today,
        func.coalesce(Seat.valid_until, Licence.ends_on) >= today,
    )
