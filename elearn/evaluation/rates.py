"""How many of those who were asked have answered, from receipts, in the steps of steps.py."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from elearn.catalogue.models import Lesson, Module
from elearn.core import clock
from elearn.evaluation.figures import COMPLETED, Rate
from elearn.evaluation.steps import Step, step
from elearn.feedback.form_files import LATER_DAYS, Audience, Moment
from elearn.feedback.models import FeedbackForm, FeedbackReceipt, FeedbackRound
from elearn.learning.models import Completion, LessonCompletion
from elearn.licensing.models import Licence, Seat
from elearn.organisations.models import Membership, Role

_ROLES = {Audience.LEADER: Role.LEADER, Audience.BUYER: Role.BUYER}


def response_rates(session: Session, round_: FeedbackRound) -> list[Rate]:
    """Return the rates of a round's forms: of each audience by municipality and in all.

    The rate of all staff is worked out from the municipalities' steps, so that it says nothing that they do not.
    """
    found = []
    forms = session.scalars(
        select(FeedbackForm)
        .where(FeedbackForm.course_id == round_.course_id, FeedbackForm.moment != Moment.ON_REQUEST)
        .order_by(FeedbackForm.id)
    )
    for form in forms:
        for audience in map(Audience, form.audience):
            due = _asked(round_, form, audience)
            if due is None:
                continue
            asked = {row[0]: row[1] for row in session.execute(due)}
            answered = _answered(session, round_, form, audience)
            found += _rates(form.key, audience, asked, answered)
    return found


def completion_rates(session: Session, round_: FeedbackRound) -> list[Rate]:
    """Return how many of those who hold or held a seat while the round was open have completed the course.

    Like an answer it is somebody's own, so it is counted at releases only and in the same steps.
    """
    holders = _holders(round_)
    are_through = select(Completion.person_id).where(Completion.course_id == round_.course_id)
    asked = {row[0]: row[1] for row in session.execute(holders)}
    through: dict[int | None, int] = {
        row[0]: row[1] for row in session.execute(holders.where(Seat.person_id.in_(are_through)))
    }
    return _rates(COMPLETED, Audience.STAFF, asked, through)


def _rates(form: str, audience: Audience, asked: Mapping[int, int], answered: Mapping[int | None, int]) -> list[Rate]:
    steps = {
        municipality_id: step(answered.get(municipality_id, 0), max(number, answered.get(municipality_id, 0)))
        for municipality_id, number in sorted(asked.items())
    }
    if audience == Audience.STAFF:
        shown = [each for each in steps.values() if each]
        total = step(int(sum(each.middle for each in shown)), sum(each.of for each in shown)) if shown else None
    else:
        # Of leaders and others most municipalities have too few for a rate of their own: the total is from receipts.
        number = sum(answered.values())
        total = step(number, max(sum(asked.values()), number))
    return [_rate(form, audience, None, total)] + [_rate(form, audience, *each) for each in steps.items()]


def _rate(form: str, audience: Audience, municipality_id: int | None, found: Step | None) -> Rate:
    is_nearly_all = found is not None and found.is_nearly_all
    return Rate(form, audience, municipality_id, None if found is None or is_nearly_all else found.tenth, is_nearly_all)


def _answered(session: Session, round_: FeedbackRound, form: FeedbackForm, audience: Audience) -> dict[int | None, int]:
    """Return how many people have answered a form, by municipality; one who did after several modules is one."""
    rows = session.execute(
        select(FeedbackReceipt.municipality_id, func.count(FeedbackReceipt.person_id.distinct()))
        .where(
            FeedbackReceipt.round_id == round_.id,
            FeedbackReceipt.form_id == form.id,
            FeedbackReceipt.audience == audience,
        )
        .group_by(FeedbackReceipt.municipality_id)
    )
    return {row[0]: row[1] for row in rows}


def _asked(round_: FeedbackRound, form: FeedbackForm, audience: Audience) -> Select[int, int] | None:
    """Return how many people a form was due for, by municipality; None where nobody knows who was asked."""
    if audience == Audience.STAFF:
        return _asked_staff(round_, Moment(form.moment))
    if audience in _ROLES:
        return _members(round_, _ROLES[audience])
    return None


def _held(round_: FeedbackRound) -> tuple[ColumnElement[bool], ...]:
    """SQL: whether a licence of the course ran while the round was open."""
    until = round_.closed_at or clock.now()
    return (
        Licence.course_id == round_.course_id,
        Licence.ends_on >= round_.opened_at.date(),
        Licence.starts_on <= until.date(),
    )


def _members(round_: FeedbackRound, role: Role) -> Select[int, int]:
    return (
        select(Licence.municipality_id, func.count(Membership.person_id.distinct()))
        .join(Licence, Licence.municipality_id == Membership.municipality_id)
        .where(Membership.role == role, Membership.ended_at.is_(None), *_held(round_))
        .group_by(Licence.municipality_id)
    )


def _holders(round_: FeedbackRound) -> Select[int, int]:
    """Return how many people of staff held a seat while the round was open, by municipality."""
    return (
        select(Licence.municipality_id, func.count(Seat.person_id.distinct()))
        .join(Seat, Seat.licence_id == Licence.id)
        .where(*_held(round_), Seat.claimed_at.is_not(None))
        .group_by(Licence.municipality_id)
    )


def _asked_staff(round_: FeedbackRound, moment: Moment) -> Select[int, int]:
    """Return how many of them a form of a moment asked, by the rule of feedback/due.py."""
    holders = _holders(round_)
    is_first = round_.number == 1
    if moment == Moment.BEFORE_START:
        came = or_(Seat.claimed_at >= round_.opened_at, Licence.starts_on >= round_.opened_at.date())
        return holders if is_first else holders.where(came)
    if moment == Moment.AFTER_MODULE:
        has_begun = (
            select(LessonCompletion.person_id)
            .join(Lesson, Lesson.id == LessonCompletion.lesson_id)
            .join(Module, Module.id == Lesson.module_id)
            .where(Module.course_id == round_.course_id)
        )
        return holders.where(Seat.person_id.in_(has_begun))
    waits = timedelta(days=LATER_DAYS if moment == Moment.LATER else 0)
    has_completed = select(Completion.person_id).where(
        Completion.course_id == round_.course_id, Completion.completed_at <= clock.now() - waits
    )
    if not is_first:
        has_completed = has_completed.where(Completion.completed_at >= round_.opened_at - waits)
    return holders.where(Seat.person_id.in_(has_completed))
