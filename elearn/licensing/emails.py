"""The letters of licences and seats. Subjects never name what a course is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person, first_name
from elearn.catalogue.queries import outline
from elearn.core.clock import day_of, now, today
from elearn.core.i18n import format_day, speaking
from elearn.core.scope import PersonScope
from elearn.core.tokens import Minted
from elearn.licensing.models import Invitation, Joining, Licence, SeatRequest
from elearn.licensing.queries import inviting_for
from elearn.licensing.waiting_lists import Asked
from elearn.mail.models import Letter
from elearn.mail.services import queue, queue_many

INVITATION_PURPOSE = "invitation"
JOINING_PURPOSE = "joining"


def invitation(
    session: Session, *, invitation: Invitation, licence: Licence, token: Minted, reminds: bool = False
) -> Letter:
    """Queue the letter that offers a seat, or reminds of it, in the invited person's language."""
    person, inviter = invitation.person, invitation.invited_by
    course = outline(session, PersonScope(person.id), licence.course_id)
    said = _offer(
        licence,
        person.language,
        inviter,
        _stands_for(session, licence, inviter),
        invitation.message,
        course.content.minutes,
        invitation.expires_at,
        invitation.seat.holds_until,
        reminds=reminds,
    )
    return queue(
        session,
        "licensing/invitation",
        to=invitation.email.address,
        language=person.language,
        context=said | {"name": person.first_name} | _due_named_before(session, invitation),
        token_purpose=INVITATION_PURPOSE,
        token=token,
    )


def name_due_day(session: Session, *, invitation: Invitation, due_on: date) -> None:
    """Have a letter that was just queued say by which day the course is to be finished; later ones say it, too."""
    letter = session.get(Letter, invitation.letter_id) if invitation.letter_id else None
    if letter is not None:
        letter.context = letter.context | _due(due_on, letter.language)
        session.flush()


def _due_named_before(session: Session, invitation: Invitation) -> dict[str, str]:
    """Return the day that an earlier letter of the same offer named, if it is still kept."""
    earlier = (
        select(Letter.context)
        .join(Invitation, Invitation.letter_id == Letter.id)
        .where(Invitation.seat_id == invitation.seat_id, Invitation.person_id == invitation.person_id)
        .where(Invitation.id < invitation.id)
        .order_by(Invitation.id.desc())
    )
    context = session.scalar(earlier.limit(1)) or {}
    due_on = context.get("due_on")
    return _due(date.fromisoformat(due_on), invitation.person.language) if due_on else {}


def _due(due_on: date, language: str) -> dict[str, str]:
    with speaking(language):
        return {"due_on": due_on.isoformat(), "due": format_day(due_on, short=True)}


def joining(session: Session, *, joining: Joining, token: Minted) -> Letter:
    """Queue the letter whose button takes a seat by a join link, in its reader's language."""
    person, link = joining.person, joining.join_link
    licence = link.licence
    last_day = min(day_of(joining.expires_at, licence.municipality.country), link.ends_on)
    with speaking(person.language):
        works_until = format_day(last_day, short=True)
    course = outline(session, PersonScope(person.id), licence.course_id)
    return queue(
        session,
        "licensing/joining",
        to=joining.email.address,
        language=person.language,
        context={
            "name": person.first_name,
            "municipality": licence.municipality.official_name,
            "house": licence.course.course_house.name,
            "minutes": course.content.minutes,
            "works_until": works_until,
            "needs_approval": link.needs_approval,
        },
        token_purpose=JOINING_PURPOSE,
        token=token,
    )


def in_line(session: Session, *, request: SeatRequest, number: int) -> Letter:
    """Queue the letter that says which number somebody is in the queue for a seat."""
    return _about_licence(
        session, "licensing/in_line", person=request.person, licence=request.licence, said={"number": number}
    )


def request_declined(session: Session, *, request: SeatRequest, by: Person, reason: str | None) -> Letter:
    """Queue the letter that says, kindly, that there is no seat for somebody, with the buyer's own words if any."""
    return _about_licence(
        session,
        "licensing/request_declined",
        person=request.person,
        licence=request.licence,
        said={"by": by.name, "reason": reason},
    )


def seat_ends(session: Session, *, person: Person, licence: Licence, last_day: date, ask: list[str]) -> Letter:
    """Queue the letter that tells a learner when their own seat ends, and who could give another."""
    with speaking(person.language):
        day = format_day(last_day)
    days = (last_day - today(licence.municipality.country)).days
    return _about_licence(
        session, "licensing/seat_ends", person=person, licence=licence, said={"day": day, "days": days, "ask": ask}
    )


def _about_licence(session: Session, kind: str, *, person: Person, licence: Licence, said: dict[str, Any]) -> Letter:
    """Queue a letter to somebody about a licence, in their language; `said` is what this kind says besides."""
    return queue(
        session,
        kind,
        to=person.address,
        language=person.language,
        context={
            "name": person.first_name,
            "municipality": licence.municipality.official_name,
            "house": licence.course.course_house.name,
            **said,
        },
    )


def requests_waiting(session: Session, *, buyer: Person, asked: Asked) -> Letter:
    """Queue the letter that tells a buyer how many ask for a seat; it names nobody."""
    licence = session.get_one(Licence, asked.licence_ids[0])
    return queue(
        session,
        "licensing/requests_waiting",
        to=buyer.address,
        language=buyer.language,
        context={
            "name": buyer.first_name,
            "municipality": asked.municipality.official_name,
            "house": licence.course.course_house.name,
            "number": asked.number,
            "path": _where_to_answer(asked),
        },
    )


def _where_to_answer(asked: Asked) -> str:
    licences = f"/municipalities/{asked.municipality.id}"
    return f"{licences}/licences/{asked.licence_ids[0]}/waiting" if len(asked.licence_ids) == 1 else licences


@dataclass(frozen=True)
class Offer:
    """To whom one of many invitations goes."""

    person_id: int
    name: str
    address: str
    language: str
    token: Minted


def invitations(
    session: Session,
    offers: Sequence[Offer],
    *,
    licence: Licence,
    by_id: int | None,
    message: str | None,
    expires_at: datetime,
    holds_until: date,
) -> list[int]:
    """Queue the letters that offer seats of one licence, each in its reader's language; return their ids in order."""
    inviter = session.get(Person, by_id) if by_id is not None else None
    course = outline(session, PersonScope(offers[0].person_id), licence.course_id)
    stands_for = _stands_for(session, licence, inviter)
    said = {
        language: _offer(
            licence,
            language,
            inviter,
            stands_for,
            message,
            course.content.minutes,
            expires_at,
            holds_until,
            reminds=False,
        )
        for language in {offer.language for offer in offers}
    }
    return queue_many(
        session,
        [
            {
                "kind": "licensing/invitation",
                "recipient": offer.address,
                "language": offer.language,
                "context": said[offer.language] | {"name": first_name(offer.name) or offer.address},
                "token_purpose": INVITATION_PURPOSE,
                "token_nonce": offer.token.nonce,
                "queued_at": now(),
            }
            for offer in offers
        ],
    )


def _stands_for(session: Session, licence: Licence, inviter: Person | None) -> str:
    """Return for whom the letter is sent: nobody in person means the course house."""
    if inviter is None:
        return licence.course.course_house.name
    return inviting_for(session, PersonScope(inviter.id), licence)


def _offer(
    licence: Licence,
    language: str,
    inviter: Person | None,
    stands_for: str,
    message: str | None,
    minutes: int,
    expires_at: datetime,
    holds_until: date | None,
    *,
    reminds: bool,
) -> dict[str, Any]:
    """Return what a letter that offers a seat says, but for the name."""
    with speaking(language):
        works_until = format_day(day_of(expires_at, licence.municipality.country), short=True)
        held_until = format_day(holds_until, short=True) if holds_until else ""
    return {
        "municipality": licence.municipality.official_name,
        "house": licence.course.course_house.name,
        "inviter": inviter.name if inviter else None,
        "inviter_stands_for": stands_for,
        "message": message,
        "minutes": minutes,
        "works_until": works_until,
        "held_until": held_until,
        "reminds": reminds,
    }
