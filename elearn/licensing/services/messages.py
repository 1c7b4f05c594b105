"""What a buyer writes to all learners of a licence: one letter each, made some hundred at a time by a job."""

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import MunicipalityScope
from elearn.jobs.queue import enqueue
from elearn.licensing import operator_emails
from elearn.licensing.models import Licence, LicenceMessage, Seat
from elearn.licensing.scoping import within

BATCH = 200
MESSAGES = Limit("licensing.message", attempts=5, window_s=86_400)
MESSAGE_SENT = audit.kind("licensing.message.sent", "licence_id", "message_id", "recipients")


def recipients(session: Session, scope: MunicipalityScope, licence_id: int) -> int:
    """Return how many learners a message would go to: everybody who has accepted a seat of the licence."""
    found = _learners(licence_id).where(Seat.licence.has(within(scope)))
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def send_message(
    session: Session, *, scope: MunicipalityScope, licence_id: int, text: str, press: str, by_id: int
) -> LicenceMessage:
    """Have a message mailed to all learners of a licence; answers go to its writer.

    `press` is the form's own key: the same press again sends nothing more. Raises `NotFound`, `TooManyAttempts`.
    """
    licence = session.scalar(select(Licence).where(Licence.id == licence_id, within(scope)))
    if licence is None:
        raise NotFound("no such licence")
    known = _sent(session, licence_id, press)
    if known is not None:
        return known
    message = LicenceMessage(
        licence_id=licence_id,
        sent_by_id=by_id,
        press=press,
        text=text,
        at=clock.now(),
        recipients=recipients(session, scope, licence_id),
    )
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:  # a double click: the other press made it
        known = _sent(session, licence_id, press)
        if known is None:
            raise NotFound("another licence's press") from None
        return known
    count_attempt(session, MESSAGES, str(licence.municipality_id))
    enqueue(session, "licensing.send_message", message_id=message.id)
    audit.record(
        session,
        MESSAGE_SENT,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
        licence_id=licence_id,
        message_id=message.id,
        recipients=message.recipients,
    )
    return message


def write_some(session: Session, *, message_id: int) -> bool:
    """Make the letters of a message for the next learners; return whether there may be more. Nobody gets two."""
    message = session.scalar(select(LicenceMessage).where(LicenceMessage.id == message_id).with_for_update())
    if message is None or message.sent_by is None:
        return False
    people = session.scalars(
        select(Person)
        .where(Person.id.in_(_learners(message.licence_id)), Person.id > message.written_to)
        .options(selectinload(Person.addresses))
        .order_by(Person.id)
        .limit(BATCH)
    ).all()
    for person in people:
        operator_emails.message(session, to=person, message=message, by=message.sent_by)
    if people:
        message.written_to = people[-1].id
    session.flush()
    return len(people) == BATCH


def _learners(licence_id: int) -> Select[int | None]:
    return select(Seat.person_id).where(Seat.licence_id == licence_id, Seat.claimed_at.is_not(None))


def _sent(session: Session, licence_id: int, press: str) -> LicenceMessage | None:
    return session.scalar(
        select(LicenceMessage).where(LicenceMessage.press == press, LicenceMessage.licence_id == licence_id)
    )
