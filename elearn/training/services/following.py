"""Following the rules: who gets a day, who gets a seat, and what is done. Batch by batch; again changes nothing."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.queries import outlines
from elearn.core import clock
from elearn.core.clock import day_of
from elearn.core.db import insert
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.core.tokens import Tokens
from elearn.learning.models import Completion
from elearn.licensing.emails import name_due_day
from elearn.licensing.errors import AlreadySeated, NoFreeSeat
from elearn.licensing.models import Invitation, Licence, RequestState, Seat, SeatEvent, SeatRequest
from elearn.licensing.queries import end_of, is_somebody_in_line, works_in
from elearn.licensing.services import give_seat, join_line
from elearn.organisations.models import Membership
from elearn.training.conditions import completed_course, done_at, has_live_seat, is_member, members
from elearn.training.due_days import add_months, due_day, latest_start
from elearn.training.models import RefreshedModule, RuleKind, TrainingDue, TrainingRule
from elearn.training.queries import department_tree

PEOPLE_AT_ONCE = 500
SEATS_AT_ONCE = 50


def rules_to_follow(session: Session) -> list[int]:
    """Return the ids of the rules that run, or whose people are not all done; of all municipalities."""
    is_open = exists().where(TrainingDue.rule_id == TrainingRule.id, TrainingDue.done_at.is_(None))
    return list(
        session.scalars(
            select(TrainingRule.id).where(or_(TrainingRule.ended_at.is_(None), is_open)).order_by(TrainingRule.id)
        )
    )


def meet_people(session: Session, *, rule_id: int) -> int:
    """Give the people a rule asks, and has not met yet, their day; return how many, 0 when all have been met."""
    rule = _lock(session, rule_id)
    if rule is None or rule.ended_at is not None:
        return 0
    country = rule.municipality.country
    today = clock.today(country)
    if rule.kind == RuleKind.JOINER:
        rows = [
            _row(rule, person_id, due_day(day_of(joined_at, country), today, rule.within_days), done=completed_at)
            for person_id, joined_at, completed_at in session.execute(_joiners(session, rule)).all()
        ]
    else:
        assert rule.after_months is not None
        rows = [
            _row(
                rule, person_id, due_day(add_months(day_of(last, country), rule.after_months), today, rule.within_days)
            )
            for person_id, last in session.execute(_to_refresh(session, rule, today)).all()
        ]
    if not rows:
        return 0
    made = insert(session, TrainingDue).on_conflict_do_update(  # who has left and come back may have the same day again
        index_elements=["rule_id", "person_id", "due_on"], set_={"created_at": clock.now()}
    )
    return len(session.scalars(made.returning(TrainingDue.id), rows).all())


def give_seats(session: Session, tokens: Tokens, *, rule_id: int) -> int:
    """Give the new hires of a rule who hold no seat one each, or a place in line; return how many.

    A rule gives a person one seat: declined, lapsed or taken back, it is not given again. Without a licence that runs
    nothing happens until there is one.
    """
    rule = _lock(session, rule_id)
    if rule is None or rule.kind != RuleKind.JOINER:
        return 0
    licences = list(session.scalars(_running_licences(rule)))
    if not licences:
        return 0
    served = 0
    for person in session.scalars(_without_seat(rule)).all():
        if not _seat_or_line(session, tokens, rule, licences, person):
            break
        served += 1
    return served


def note_what_is_done(session: Session, *, rule_id: int) -> None:
    """Write down which of a rule's days are met: the course completed, or every module gone through again."""
    rule = _lock(session, rule_id)
    if rule is None:
        return
    is_open = (TrainingDue.rule_id == rule.id, TrainingDue.done_at.is_(None))
    if rule.kind == RuleKind.JOINER:
        completed_at = (
            select(Completion.completed_at)
            .where(Completion.person_id == TrainingDue.person_id, Completion.course_id == rule.course_id)
            .scalar_subquery()
        )
        session.execute(update(TrainingDue).where(*is_open).values(done_at=completed_at))
        return
    keys = standing_modules(session, rule)
    if not keys:
        return
    gone_through = (
        select(func.count())
        .where(RefreshedModule.due_id == TrainingDue.id, RefreshedModule.module_key.in_(keys))
        .scalar_subquery()
    )
    session.execute(update(TrainingDue).where(*is_open, gone_through == len(keys)).values(done_at=clock.now()))


def standing_modules(session: Session, rule: TrainingRule) -> list[str]:
    """Return the keys of a refresher's modules that still stand in the course, in its order."""
    course = outlines(session, MunicipalityScope(rule.municipality_id, None), [rule.course_id])[0]
    return [module.key for module in course.modules if module.key in rule.modules]


def _lock(session: Session, rule_id: int) -> TrainingRule | None:
    """Two runs of a rule at once would each give a seat: the rule's row is the lock."""
    return session.scalar(select(TrainingRule).where(TrainingRule.id == rule_id).with_for_update())


def _row(rule: TrainingRule, person_id: int, due_on: date, *, done: datetime | None = None) -> dict[str, object]:
    return {
        "rule_id": rule.id,
        "person_id": person_id,
        "due_on": due_on,
        "created_at": clock.now(),
        "done_at": done,
    }


def _of_rule(session: Session, rule: TrainingRule) -> Select[int, datetime]:
    scope = MunicipalityScope(rule.municipality_id, None)
    return members(rule.municipality_id, department_tree(session, scope, rule.department_id))


def _joiners(session: Session, rule: TrainingRule) -> Select[int, datetime, datetime | None]:
    """Whoever joined since the rule began and has no day for the course from this joining, by whichever rule."""
    completed_at = (
        select(Completion.completed_at)
        .where(Completion.person_id == Membership.person_id, Completion.course_id == rule.course_id)
        .correlate(Membership)
        .scalar_subquery()
    )
    has_day = _other_due(rule).where(TrainingDue.created_at >= Membership.created_at)
    found = _of_rule(session, rule).add_columns(completed_at).where(~has_day.exists())
    if not rule.includes_present:
        found = found.where(Membership.created_at >= rule.created_at)
    return found.order_by(Membership.person_id).limit(PEOPLE_AT_ONCE)


def _to_refresh(session: Session, rule: TrainingRule, today: date) -> Select[int, datetime]:
    """Whoever completed the course, or did the last refresher, long enough ago, and has a seat to watch it on."""
    assert rule.after_months is not None
    before = end_of(latest_start(today, rule.after_months), rule.municipality.country)
    completed_at = (
        select(Completion.completed_at)
        .where(Completion.person_id == Membership.person_id, Completion.course_id == rule.course_id)
        .correlate(Membership)
        .scalar_subquery()
    )
    refreshed_at = _other_due(rule).with_only_columns(func.max(TrainingDue.done_at)).scalar_subquery()
    last: ColumnElement[datetime] = func.coalesce(refreshed_at, completed_at)
    is_open = and_(TrainingDue.done_at.is_(None), TrainingDue.created_at >= Membership.created_at)
    is_asked = _other_due(rule).where(is_open).exists()
    return (
        _of_rule(session, rule)
        .with_only_columns(Membership.person_id, last)
        .where(completed_course(rule.course_id), last < before, ~is_asked)
        .where(has_live_seat(Membership.person_id, rule.course_id, rule.municipality_id, today))
        .order_by(Membership.person_id)
        .limit(PEOPLE_AT_ONCE)
    )


def _other_due(rule: TrainingRule) -> Select[int]:
    """A member's days of this kind for the course, by this rule, one before it, or one of another department."""
    return (
        select(TrainingDue.id)
        .join(TrainingDue.rule)
        .where(TrainingDue.person_id == Membership.person_id, TrainingRule.course_id == rule.course_id)
        .where(TrainingRule.municipality_id == rule.municipality_id, TrainingRule.kind == rule.kind)
        .correlate(Membership)
    )


def _running_licences(rule: TrainingRule) -> Select[Licence]:
    today = clock.today(rule.municipality.country)
    return (
        select(Licence)
        .where(Licence.course_id == rule.course_id, Licence.municipality_id == rule.municipality_id)
        .where(Licence.starts_on <= today, Licence.ends_on >= today)
        .order_by(Licence.ends_on.desc(), Licence.id)
    )


def _without_seat(rule: TrainingRule) -> Select[Person]:
    today = clock.today(rule.municipality.country)
    of_course = and_(Licence.course_id == rule.course_id, Licence.municipality_id == rule.municipality_id)
    holds = exists().where(
        Seat.person_id == TrainingDue.person_id, Seat.licence_id == Licence.id, of_course, Licence.ends_on >= today
    )
    had_one = exists().where(
        SeatEvent.person_id == TrainingDue.person_id,
        SeatEvent.at >= TrainingDue.created_at,
        SeatEvent.seat_id == Seat.id,
        Seat.licence_id == Licence.id,
        of_course,
    )
    is_open = SeatRequest.state.in_((RequestState.ASKED, RequestState.WAITING))
    asked = exists().where(
        SeatRequest.person_id == TrainingDue.person_id,
        # Whoever stood in line when a licence ended got nothing, and waits for nothing any more.
        or_(and_(is_open, Licence.ends_on >= today), and_(~is_open, SeatRequest.asked_at >= TrainingDue.created_at)),
        SeatRequest.licence_id == Licence.id,
        of_course,
    )
    return (
        select(Person)
        .join(TrainingDue, TrainingDue.person_id == Person.id)
        .join(TrainingDue.rule)
        .where(TrainingDue.rule_id == rule.id, done_at().is_(None), is_member(), ~holds, ~had_one, ~asked)
        .order_by(TrainingDue.due_on, TrainingDue.id)
        .limit(SEATS_AT_ONCE)
    )


def _seat_or_line(
    session: Session, tokens: Tokens, rule: TrainingRule, licences: list[Licence], person: Person
) -> bool:
    """Give a seat of the licence that lasts longest, else stand in line; False when there is neither.

    A free seat that somebody waits for already is theirs.
    """
    placing = works_in(session, PersonScope(person.id), rule.municipality_id)
    for licence in licences:
        if licence.has_waiting_line and is_somebody_in_line(session, licence.id):
            continue
        try:
            seat = give_seat(
                session,
                tokens,
                licence=licence,
                person=person,
                placing=placing,
                by_id=rule.created_by_id,
                leave_undoable=True,
            )
            _name_due_day(session, rule, seat)
        except NoFreeSeat:
            continue
        except AlreadySeated:  # invited by somebody else in the same moment
            pass
        return True
    with_line = next((licence for licence in licences if licence.has_waiting_line), None)
    if with_line is None:
        return False
    join_line(session, person=person, licence=with_line, placing=placing)
    return True


def _name_due_day(session: Session, rule: TrainingRule, seat: Seat) -> None:
    """Have the letter that offers the seat say the person's day."""
    invitation = session.scalars(
        select(Invitation).where(Invitation.seat_id == seat.id, Invitation.answered_at.is_(None))
    ).one()
    due_on = session.scalars(
        select(func.min(TrainingDue.due_on))
        .join(TrainingDue.rule)
        .where(TrainingDue.rule_id == rule.id, TrainingDue.person_id == seat.person_id)
        .where(TrainingDue.done_at.is_(None), is_member())
    ).one()
    name_due_day(session, invitation=invitation, due_on=due_on)
