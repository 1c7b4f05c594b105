"""Asking people to answer: not now, no reminders, and reminders, at most two (docs/rules/answering.md)."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.feedback import due as rule
from elearn.feedback import emails
from elearn.feedback.due import Due
from elearn.feedback.known import customers_of, known_of, open_forms, people_asked
from elearn.feedback.models import FeedbackAsk, FeedbackForm, FeedbackRound
from elearn.organisations.models import Municipality

PUT_OFF = audit.kind("feedback.form.put_off", "form_id")
DECLINED = audit.kind("feedback.reminders.declined", "form_id")
REMINDED = audit.kind("feedback.reminders.sent", "round_id")
REMIND_AFTER = (timedelta(days=7), timedelta(days=21))
"""How long a form has been due when its first and its second reminder are written."""
BETWEEN = timedelta(days=7)
"""So long at least between two reminders, whoever sends them."""
BATCH = 200


def put_off(session: Session, *, form: FeedbackForm, round_: FeedbackRound, person_id: int) -> None:
    """Note that somebody said 'not now': the form is shown in a line among others from then on."""
    ask = _ask(session, round_.id, form.id, person_id)
    if ask.put_off_on is None:
        ask.put_off_on = clock.today(form.course.course_house.country)
        _record(session, PUT_OFF, form, person_id)


def decline(session: Session, *, form: FeedbackForm, round_: FeedbackRound, person_id: int) -> None:
    """Note that somebody wants to hear no more of a form in this round; they may still answer it."""
    ask = _ask(session, round_.id, form.id, person_id)
    if ask.declined_on is None:
        ask.declined_on = clock.today(form.course.course_house.country)
        _record(session, DECLINED, form, person_id)


def remind_some(session: Session, *, after: int) -> int | None:
    """Write the reminders that are due to the next people above an id.

    At most one letter for each person. Returns the id to go on after, or None when there are no more people.
    """
    forms = open_forms(session)
    people = people_asked(session, after=after, limit=BATCH) if forms else []
    _remind(session, (each for each in _due_to(session, forms, people) if _is_time(each)))
    return people[-1] if len(people) == BATCH else None


def remind_now(session: Session, *, round_: FeedbackRound, municipality: Municipality, by_id: int) -> None:
    """Write to everybody of a municipality who has a form to answer, in an owner's name, within the two reminders.

    Returns nothing: how many letters were written would tell how many have answered.
    """
    forms = [(form, each) for form, each in open_forms(session, round_.course_id) if each.id == round_.id]
    after: int | None = 0
    while after is not None:
        people = people_asked(session, after=after, limit=BATCH)
        found = _due_to(session, forms, people)
        _remind(session, (d for d in found if d.place.municipality_id == municipality.id and _may_remind(d.ask)))
        after = people[-1] if len(people) == BATCH else None
    audit.record(
        session,
        REMINDED,
        actor_id=by_id,
        municipality_id=municipality.id,
        course_house_id=round_.course.course_house_id,
        round_id=round_.id,
    )


def _due_to(session: Session, forms: list[tuple[FeedbackForm, FeedbackRound]], person_ids: list[int]) -> Iterable[Due]:
    """Yield, person by person, the forms that ask them."""
    known = known_of(session, person_ids)
    customers = customers_of(session, [work for each in known.values() for work in each.work])
    for person_id in person_ids:
        for form, round_ in forms:
            found = rule.due(form, round_, known[person_id], customers, now=clock.now())
            if found:
                yield found


def _is_time(due: Due) -> bool:
    sent = due.ask.reminders if due.ask else 0
    return _may_remind(due.ask) and clock.now() - due.since >= REMIND_AFTER[sent]


def _may_remind(ask: FeedbackAsk | None) -> bool:
    if ask is None or ask.reminders == 0:
        return True
    return (
        ask.reminders < len(REMIND_AFTER)
        and ask.reminded_on is not None
        and (clock.now().date() - ask.reminded_on >= BETWEEN)
    )


def _remind(session: Session, found: Iterable[Due]) -> None:
    """Write one letter a day to each person, about the first of their forms that may be reminded of."""
    first: dict[int, Due] = {}
    for due in found:
        first.setdefault(due.person_id, due)
    today = clock.now().date()
    written_to = select(FeedbackAsk.person_id).where(FeedbackAsk.reminded_on == today)
    people = session.scalars(
        select(Person).where(Person.id.in_(first), Person.id.not_in(written_to)).options(selectinload(Person.addresses))
    )
    for person in people:
        due = first[person.id]
        ask = _ask(session, due.round_.id, due.form.id, person.id)
        if ask.declined_on or not _may_remind(ask):
            continue  # somebody else has reminded, or the person has declined, since it was looked up
        ask.reminders += 1
        ask.reminded_on = today
        emails.reminder(session, person=person, form=due.form)
    session.flush()


def _ask(session: Session, round_id: int, form_id: int, person_id: int) -> FeedbackAsk:
    key = {"round_id": round_id, "form_id": form_id, "person_id": person_id}
    session.execute(insert(session, FeedbackAsk).values(**key, reminders=0).on_conflict_do_nothing())
    return session.get_one(FeedbackAsk, tuple(key.values()), with_for_update=True, populate_existing=True)


def _record(session: Session, what: audit.Kind, form: FeedbackForm, person_id: int) -> None:
    audit.record(session, what, actor_id=person_id, course_house_id=form.course.course_house_id, form_id=form.id)
