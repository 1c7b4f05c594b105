"""How long things are kept, and the nightly deletion of what has been kept long enough (docs/settings.md).

Sign-ins, letters and jobs are deleted where they are made: `accounts.jobs`, `mail.jobs`, `jobs.housekeeping`.
"""

from calendar import monthrange
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from elearn.accounts.models import Person, SignIn
from elearn.billing.models import Order
from elearn.config import Settings
from elearn.core import audit, clock
from elearn.core.audit import AuditEvent
from elearn.feedback.models import NamedResponse
from elearn.jobs.queue import enqueue
from elearn.learning.models import Completion, LessonCompletion, Note, Nudge, PassageSkip, VideoProgress
from elearn.licensing.models import (
    Invitation,
    Joining,
    Licence,
    RenewalLeaver,
    RequestState,
    Seat,
    SeatChange,
    SeatEvent,
    SeatList,
    SeatRequest,
)
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, Role
from elearn.personal_data import erasure, feedback, sales
from elearn.training.models import TrainingDue

FORGOTTEN = audit.kind("personal_data.forgotten", "people")

PROGRESS: list[tuple[Any, InstrumentedAttribute[datetime]]] = [
    (VideoProgress, VideoProgress.updated_at),
    (PassageSkip, PassageSkip.at),
    (LessonCompletion, LessonCompletion.completed_at),
    (Nudge, Nudge.at),
]
"""What goes some months after the last live seat, with the instant it is from."""

TRACES: list[InstrumentedAttribute[Any]] = [
    Seat.person_id,
    Membership.person_id,
    Invitation.person_id,
    SeatRequest.person_id,
    Joining.person_id,
    VideoProgress.person_id,
    PassageSkip.person_id,
    LessonCompletion.person_id,
    Completion.person_id,
    Note.person_id,
    TrainingDue.person_id,
    Order.person_id,
    NamedResponse.person_id,
    SignIn.person_id,
]
"""Whoever stands in none of these has nothing left here."""


def forget_what_is_old(session: Session, settings: Settings) -> None:
    """Delete what has been kept as long as the settings say."""
    now = clock.now()
    answered_before = now - timedelta(days=settings.keep_invitations_days)
    seated_before = months_before(now, settings.keep_progress_months)
    _forget_answered(session, answered_before)
    _forget_returned_letters(session, now - timedelta(days=settings.keep_letters_days))
    _forget_progress(session, seated_before)
    _forget_work(session, seated_before)
    sales.forget_what_is_old(
        session, asked_before=months_before(now, settings.keep_quotes_months), seated_before=seated_before
    )
    feedback.forget_what_is_old(session, before=months_before(now, settings.keep_feedback_months))
    session.execute(delete(AuditEvent).where(AuditEvent.at < months_before(now, settings.keep_trail_months)))
    session.flush()
    _forget_people(session, answered_before)


def months_before(instant: datetime, months: int) -> datetime:
    """Return the same day and time some months before; the month's last day when it has no such day."""
    year, month = divmod(instant.year * 12 + instant.month - 1 - months, 12)
    return instant.replace(year=year, month=month + 1, day=min(instant.day, monthrange(year, month + 1)[1]))


def _forget_answered(session: Session, before: datetime) -> None:
    """Delete invitations, requests, letters of join links and lists that lead to nothing any more."""
    is_held = exists().where(Seat.id == Invitation.seat_id, Seat.person_id == Invitation.person_id)
    session.execute(delete(Invitation).where(Invitation.answered_at < before, ~is_held))
    session.execute(
        delete(SeatRequest).where(
            SeatRequest.answered_at < before, SeatRequest.state.not_in((RequestState.ASKED, RequestState.WAITING))
        )
    )
    session.execute(delete(Joining).where(func.coalesce(Joining.joined_at, Joining.expires_at) < before))
    session.execute(delete(SeatList).where(SeatList.created_at < before))
    ended = select(Licence.id).where(Licence.ends_on < before.date())
    session.execute(delete(SeatRequest).where(SeatRequest.licence_id.in_(ended)))


def _forget_returned_letters(session: Session, before: datetime) -> None:
    """Delete letters that came back, but not while an invitation is open: its address could not be corrected."""
    is_open = exists().where(Invitation.letter_id == Letter.id, Invitation.answered_at.is_(None))
    old = session.scalars(select(Letter).where(Letter.refused.is_not(None), Letter.queued_at < before, ~is_open)).all()
    for letter in old:
        session.delete(letter)
    if old:
        enqueue(session, "personal_data.forget_files", names=[letter.file_stem for letter in old])


def _forget_progress(session: Session, before: datetime) -> None:
    """Delete what was watched by people who have held no live seat since; what they earned and wrote is their own."""
    for model, at in PROGRESS:
        session.execute(delete(model).where(at < before, _without_a_seat_since(model.person_id, before)))


def _forget_work(session: Session, before: datetime) -> None:
    """Delete where people worked, and what was due there, once it has been over as long as progress is kept."""
    session.execute(delete(TrainingDue).where(TrainingDue.created_at < before, TrainingDue.due_on < before.date()))
    session.execute(delete(Membership).where(Membership.ended_at < before))
    # As long as people can be carried over from a licence, who is not to be must be known.
    ended = select(Licence.id).where(Licence.ends_on < before.date())
    session.execute(delete(RenewalLeaver).where(RenewalLeaver.licence_id.in_(ended)))
    is_due = exists().where(TrainingDue.person_id == Membership.person_id)
    session.execute(
        delete(Membership).where(
            Membership.role == Role.LEARNER,
            Membership.created_at < before,
            _without_a_seat_since(Membership.person_id, before),
            ~is_due,
        )
    )


def _without_a_seat_since(person_id: InstrumentedAttribute[int], before: datetime) -> ColumnElement[bool]:
    """Return the condition that somebody's last live seat ended before an instant."""
    last_day = func.coalesce(Seat.valid_until, Licence.ends_on)
    holds = (
        exists()
        .where(Seat.person_id == person_id, Seat.licence_id == Licence.id, last_day >= before.date())
        .correlate_except(Seat, Licence)
    )
    lost = exists().where(
        SeatEvent.person_id == person_id,
        SeatEvent.what.in_((SeatChange.RELEASED, SeatChange.LEFT)),
        SeatEvent.at >= before,
    )
    return ~holds & ~lost


def _forget_people(session: Session, before: datetime) -> None:
    """Delete people of whom nothing is left but name and address."""
    nothing_left = [~exists().where(trace == Person.id) for trace in TRACES]
    gone = session.scalars(select(Person.id).where(Person.created_at < before, *nothing_left)).all()
    for person_id in gone:
        erasure.forget(session, person_id=person_id)
    if gone:
        audit.record(session, FORGOTTEN, actor_id=None, people=len(gone))
