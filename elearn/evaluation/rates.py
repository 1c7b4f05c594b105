"""How many of those who were asked have answered, from receipts, in the steps of steps.py."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, or_, select, union
from sqlalchemy.orm import Session

from elearn.catalogue.models import Lesson, Module
from elearn.core import clock
from elearn.evaluation.figures import COMPLETED, Rate
from elearn.evaluation.steps import Step, step
from elearn.feedback.due import STILL_BEFORE
from elearn.feedback.form_files import LATER_DAYS, Audience, Moment
from elearn.feedback.models import FeedbackForm, FeedbackReceipt, FeedbackRound
from elearn.learning.models import Completion, LessonCompletion
from elearn.licensing.models import Licence, Seat
from elearn.organisations.models import Membership, Role

Due = Select[Any, Any]
"""The municipality and the id of people; one and the same may come more than once."""
People = dict[int | None, int]
"""How many there are, by municipality; under None, of those that have left."""
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
            answered = _answered(round_, form, audience)
            here, asked = _people(session, due), _people(session, union(due, answered))
            found += _rates(form.key, audience, here, asked, _people(session, answered))
    return found


def completion_rates(session: Session, round_: FeedbackRound) -> list[Rate]:
    """Return how many of those who hold a seat, of a licence that ran while the round was open, are through the course.

    Like an answer it is somebody's own, so it is counted at releases only and in the same steps.
    """
    holders = _holders(round_)
    are_through = select(Completion.person_id).where(Completion.course_id == round_.course_id)
    through = _people(session, holders.where(Seat.person_id.in_(are_through)))
    asked = _people(session, holders)
    return _rates(COMPLETED, Audience.STAFF, asked, asked, through)


def _people(session: Session, found: Due | CompoundSelect[Any, Any]) -> People:
    """Return how many different people there are, by municipality."""
    each = found.subquery()
    rows = session.execute(
        select(each.c.municipality_id, func.count(each.c.person_id.distinct())).group_by(each.c.municipality_id)
    )
    return {row[0]: row[1] for row in rows}


def _rates(form: str, audience: Audience, here: People, asked: People, answered: People) -> list[Rate]:
    """Return the rates of an audience; `here` are those of `asked` who have not left."""
    steps = {
        municipality_id: _step(answered.get(municipality_id, 0), asked[municipality_id], number)
        for municipality_id, number in sorted(here.items())
    }
    if audience == Audience.STAFF:
        shown = [each for each in steps.values() if each]
        total = step(int(sum(each.middle for each in shown)), sum(each.of for each in shown)) if shown else None
    else:
        # Of leaders and others most municipalities have too few for a rate of their own: the total is from receipts.
        total = _step(sum(answered.values()), sum(asked.values()), sum(here.values()))
    return [_rate(form, audience, None, total)] + [_rate(form, audience, *each) for each in steps.items()]


def _step(answered: int, asked: int, here: int) -> Step | None:
    """Return the step of a share of all who were asked, cut as if it were of those who are still here.

    How many those are can be seen elsewhere. Were steps cut by all who were asked, they would grow finer with whoever
    answered and left, and so tell of a single one whether they had answered.
    """
    return step(answered * here // asked, here) if asked else None


def _rate(form: str, audience: Audience, municipality_id: int | None, found: Step | None) -> Rate:
    is_nearly_all = found is not None and found.is_nearly_all
    return Rate(form, audience, municipality_id, None if found is None or is_nearly_all else found.tenth, is_nearly_all)


def _answered(round_: FeedbackRound, form: FeedbackForm, audience: Audience) -> Due:
    """Return the people who have answered a form, with their municipality; those who have left, too."""
    return select(FeedbackReceipt.municipality_id, FeedbackReceipt.person_id).where(
        FeedbackReceipt.round_id == round_.id,
        FeedbackReceipt.form_id == form.id,
        FeedbackReceipt.audience == audience,
    )


def _asked(round_: FeedbackRound, form: FeedbackForm, audience: Audience) -> Due | None:
    """Return the people who have not left and whom a form was due for; None where nobody knows who was asked."""
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


def _members(round_: FeedbackRound, role: Role) -> Due:
    return (
        select(Licence.municipality_id, Membership.person_id)
        .join(Licence, Licence.municipality_id == Membership.municipality_id)
        .where(Membership.role == role, Membership.ended_at.is_(None), *_held(round_))
    )


def _holders(round_: FeedbackRound) -> Due:
    """Return the people of staff who hold a seat of a licence that ran while the round was open, by municipality.

    Of those who had the seat before them nothing is known.
    """
    return (
        select(Licence.municipality_id, Seat.person_id)
        .join(Seat, Seat.licence_id == Licence.id)
        .where(*_held(round_), Seat.claimed_at.is_not(None), Seat.person_id.is_not(None))
    )


def _asked_staff(round_: FeedbackRound, moment: Moment) -> Due:
    """Return those of them whom a form of a moment asked, by the rule of feedback/due.py."""
    holders = _holders(round_)
    is_first = round_.number == 1
    if moment == Moment.BEFORE_START:
        # Whoever had started by then, with whichever licence, was not asked.
        had_started = (
            select(Seat.person_id)
            .join(Licence, Licence.id == Seat.licence_id)
            .where(Licence.course_id == round_.course_id, Seat.person_id.is_not(None))
            .where(Seat.first_used_at < round_.opened_at - STILL_BEFORE)
        )
        holders = holders.where(Seat.person_id.not_in(had_started))
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
