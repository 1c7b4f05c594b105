"""Gentle reminders: one letter before the day, one after it, never more."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.licensing.queries import by_country
from elearn.training import emails
from elearn.training.conditions import done_at, has_live_seat, is_member
from elearn.training.models import TrainingDue, TrainingRule

BEFORE = timedelta(days=7)
AFTER = timedelta(days=7)
TOO_LATE = timedelta(days=28)
"""Later than this after the day, an outage has kept the letter back, and nobody is helped by it any more."""
NOT_RIGHT_AFTER = timedelta(days=3)
"""Whoever got their day, and with it an invitation, this lately is not reminded yet."""
LETTERS_AT_ONCE = 200


def remind(session: Session) -> int:
    """Write the reminders that are due, some hundred at a time; return how many, 0 when all are written.

    Nobody is reminded who is done, has left, has declined reminders, or has no seat to do it on.
    """
    dues = session.scalars(
        select(TrainingDue)
        .join(TrainingDue.rule)
        .join(TrainingRule.municipality)
        .join(TrainingDue.person)
        .where(done_at().is_(None), is_member(), Person.nudges_declined_at.is_(None))
        .where(by_country(lambda today: and_(_may_watch(today), or_(_before(today), _after(today)))))
        .options(
            joinedload(TrainingDue.rule).joinedload(TrainingRule.municipality),
            joinedload(TrainingDue.person).selectinload(Person.addresses),
        )
        .order_by(TrainingDue.id)
        .limit(LETTERS_AT_ONCE)
    ).all()
    for due in dues:
        is_late = due.due_on < clock.today(due.rule.municipality.country)
        if _note(session, due.id, TrainingDue.late_reminded_at if is_late else TrainingDue.reminded_at):
            emails.reminder(session, due, is_late=is_late)
    return len(dues)


def _may_watch(today: date) -> ColumnElement[bool]:
    return has_live_seat(TrainingDue.person_id, TrainingRule.course_id, TrainingRule.municipality_id, today)


def _before(today: date) -> ColumnElement[bool]:
    return and_(
        TrainingDue.reminded_at.is_(None),
        TrainingDue.due_on >= today,
        TrainingDue.due_on <= today + BEFORE,
        TrainingDue.created_at <= clock.now() - NOT_RIGHT_AFTER,
    )


def _after(today: date) -> ColumnElement[bool]:
    return and_(
        TrainingDue.late_reminded_at.is_(None),
        TrainingDue.due_on <= today - AFTER,
        TrainingDue.due_on > today - TOO_LATE,
    )


def _note(session: Session, due_id: int, which: InstrumentedAttribute[datetime | None]) -> bool:
    """Note that a letter is written; False when another run has written it."""
    noted = session.scalar(
        update(TrainingDue)
        .where(TrainingDue.id == due_id, which.is_(None))
        .values({which: clock.now()})
        .returning(TrainingDue.id)
    )
    return noted is not None
