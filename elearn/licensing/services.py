"""Licences, invitations and seats: what changes them. docs/rules/seats.md tells the rules in prose."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import confirm_address, find_or_add_person
from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import HouseScope, PersonScope
from elearn.core.tokens import Tokens, hash_of
from elearn.licensing import emails, seat_rows
from elearn.licensing.errors import (
    InvitationNotValid,
    LicenceEnded,
    SeatNotHeld,
    TooLateToUndo,
    WrongNumberOfSeats,
    WrongPeriod,
)
from elearn.licensing.history import Holding, replay
from elearn.licensing.models import Invitation, Licence, Seat, SeatChange, SeatEvent, SeatState
from elearn.licensing.queries import seats_past_their_hold
from elearn.organisations.models import CourseHouse, Membership, Municipality, Role
from elearn.organisations.services import add_member

INVITATION_LIFE = timedelta(days=14)
HOLD = timedelta(days=42)
UNDO_LIFE = timedelta(minutes=10)
MOST_SEATS = 10_000
RESENDS = Limit("licensing.resend", attempts=3, window_s=3600)

LICENCE_GRANTED = audit.kind("licensing.licence.granted", "licence_id", "course_id", "seats", "starts_on", "ends_on")


@dataclass(frozen=True)
class Freed:
    """A seat that was taken back or given up."""

    seat: Seat
    person_id: int
    was: SeatState
    """What it was before: invited or claimed."""


def grant_licence(
    session: Session,
    *,
    house: CourseHouse,
    course: Course,
    municipality: Municipality,
    seats: int,
    starts_on: date,
    ends_on: date,
    reason: str,
    by_id: int | None,
) -> Licence:
    """Give a municipality that many seats in a course, from a day to a day, both included, in its own country.

    Raises `WrongPeriod`, `WrongNumberOfSeats`, and `NotFound` for another house's course.
    """
    if course.course_house_id != house.id:
        raise NotFound("no such course")
    if ends_on < starts_on:
        raise WrongPeriod
    if not 1 <= seats <= MOST_SEATS:
        raise WrongNumberOfSeats
    licence = Licence(
        course=course,
        municipality=municipality,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        granted_by_id=by_id,
        granted_at=clock.now(),
    )
    session.add(licence)
    session.flush()  # the seats name its id
    seat_rows.add(session, licence_id=licence.id, number=seats)
    audit.record(
        session,
        LICENCE_GRANTED,
        actor_id=by_id,
        municipality_id=municipality.id,
        course_house_id=house.id,
        licence_id=licence.id,
        course_id=course.id,
        seats=seats,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat(),
    )
    return licence


def invite(
    session: Session,
    tokens: Tokens,
    *,
    licence: Licence,
    address: str,
    name: str,
    language: str,
    by_id: int | None,
    message: str | None = None,
    sector: str | None = None,
) -> Seat:
    """Hold a free seat for somebody and mail the invitation.

    A known person's own name and language stay. Raises `NotAnAddress`, `NoFreeSeat`, `AlreadySeated`, `LicenceEnded`.
    """
    _refuse_ended(licence)
    person, email = _person_of(session, address=address, name=name, language=language)
    seat = seat_rows.reserve(session, licence=licence, person=person, holds_until=holds_until(licence), by_id=by_id)
    _send_invitation(session, tokens, seat, licence, email, by_id=by_id, message=message, sector=sector)
    return seat


def resend_invitation(session: Session, tokens: Tokens, *, scope: HouseScope, seat_id: int, by_id: int) -> Seat:
    """Mail a fresh invitation to the same address; the one before is dead, and the hold begins again.

    Raises `NotFound`, `SeatNotHeld` when it is no longer open, `LicenceEnded`, `TooManyAttempts`.
    """
    seat = _seat_in_house(session, scope, seat_id)
    if seat.state is not SeatState.INVITED:
        raise SeatNotHeld
    _refuse_ended(seat.licence)
    count_attempt(session, RESENDS, f"{seat.id}:{seat.person_id}")
    last = _last_invitation(session, seat)
    seat_rows.renew(session, seat, holds_until=holds_until(seat.licence), by_id=by_id)
    _send_invitation(
        session, tokens, seat, seat.licence, last.email, by_id=by_id, message=last.message, sector=last.sector
    )
    return seat


def accept_invitation(session: Session, token: str) -> Person:
    """Claim the seat that an invitation offers, and return whose it is now.

    Having the letter confirms the address. Of two answers at once one wins. Raises `InvitationNotValid`.
    """
    invitation, seat = _answer(session, token)
    confirm_address(session, session.get_one(EmailAddress, invitation.email_address_id))
    return _claim(session, seat, invitation)


def accept_seat(session: Session, *, scope: PersonScope, seat_id: int) -> Person:
    """Claim the seat that is held for a signed-in person, whose letter may be lost or too old.

    Raises `NotFound` when no seat is held for them, `InvitationNotValid` when the licence has ended.
    """
    seat = seat_rows.lock(session, seat_id)
    if seat is None or seat.person_id != scope.person_id or seat.state is not SeatState.INVITED:
        raise NotFound("no such seat")
    if seat.licence.has_ended:
        raise InvitationNotValid
    return _claim(session, seat, _last_invitation(session, seat))


def decline_invitation(session: Session, token: str) -> Freed:
    """Say no thanks: the seat goes back. Raises `InvitationNotValid`."""
    invitation, seat = _answer(session, token)
    seat_rows.empty(session, seat, SeatChange.DECLINED, by_id=invitation.person_id)
    return Freed(seat, invitation.person_id, SeatState.INVITED)


def use_seat(session: Session, *, seat_id: int) -> None:
    """Note that a seat is used, the first time; licensing decides by it what 'unused' means."""
    seat = seat_rows.lock(session, seat_id)
    if seat is not None and seat.state is SeatState.CLAIMED:
        seat_rows.use(session, seat)


def take_back_seat(
    session: Session, *, scope: HouseScope, seat_id: int, by_id: int, person_id: int | None = None
) -> Freed:
    """Free a seat of the house's courses: claimed, or held by an invitation. What was watched stays the person's.

    With `person_id` only from that person: a second press must not hit whoever got the seat meanwhile.
    Raises `NotFound`, `SeatNotHeld`.
    """
    seat = _seat_in_house(session, scope, seat_id)
    holder, was = seat.person_id, seat.state
    if holder is None or person_id not in (None, holder):
        raise SeatNotHeld
    seat_rows.empty(session, seat, SeatChange.RELEASED, by_id=by_id)
    return Freed(seat, holder, was)


def undo_take_back(session: Session, *, scope: HouseScope, seat_id: int, by_id: int) -> Seat:
    """Give a seat that was taken back within the last 10 minutes to whoever had claimed it, as it was.

    Raises `NotFound`, `TooLateToUndo`, `AlreadySeated` when the person has got another seat of the licence.
    """
    seat = _seat_in_house(session, scope, seat_id)
    holding = undoable(session, seat)
    if holding is None:
        raise TooLateToUndo
    seat_rows.restore(session, seat, holding, by_id=by_id)
    return seat


def undoable(session: Session, seat: Seat) -> Holding | None:
    """Return the holding that undoing would bring back, or None when there is nothing to undo any more."""
    if seat.person_id is not None:
        return None
    events = session.scalars(select(SeatEvent).where(SeatEvent.seat_id == seat.id).order_by(SeatEvent.id)).all()
    holding = replay(events).before
    if holding is None or holding.claimed_at is None or events[-1].at < clock.now() - UNDO_LIFE:
        return None
    return holding


def holds_until(licence: Licence) -> date:
    """Return the last day on which an invitation sent today would hold its seat."""
    return min(clock.today(licence.municipality.country) + HOLD, licence.ends_on)


def free_lapsed_seats(session: Session) -> int:
    """Free the seats whose invitation has held them for its days, unanswered; return how many."""
    lapsed = seat_rows.lock_several(session, seats_past_their_hold(session))
    for seat in lapsed:
        seat_rows.empty(session, seat, SeatChange.LAPSED, by_id=None)
    return len(lapsed)


def _person_of(session: Session, *, address: str, name: str, language: str) -> tuple[Person, EmailAddress]:
    try:
        with session.begin_nested():
            return find_or_add_person(session, address=address, name=name, language=language)
    except IntegrityError:  # somebody added the same address in the same moment
        return find_or_add_person(session, address=address, name=name, language=language)


def _send_invitation(
    session: Session,
    tokens: Tokens,
    seat: Seat,
    licence: Licence,
    email: EmailAddress,
    *,
    by_id: int | None,
    message: str | None,
    sector: str | None,
) -> None:
    minted = tokens.mint(emails.INVITATION_PURPOSE)
    invitation = Invitation(
        seat_id=seat.id,
        person_id=email.person_id,
        email_address_id=email.id,
        token_hash=minted.token_hash,
        message=message or None,
        sector=sector or None,
        invited_by_id=by_id,
        created_at=clock.now(),
        expires_at=clock.now() + INVITATION_LIFE,
    )
    session.add(invitation)
    session.flush()  # the letter reads its people
    letter = emails.invitation(session, invitation=invitation, licence=licence, token=minted)
    invitation.letter_id = letter.id
    session.flush()


def _last_invitation(session: Session, seat: Seat) -> Invitation:
    """Return the invitation by which a seat is held; it may be too old to be answered."""
    return session.scalars(
        select(Invitation)
        .where(Invitation.seat_id == seat.id, Invitation.person_id == seat.person_id)
        .order_by(Invitation.id.desc())
        .limit(1)
    ).one()


def _answer(session: Session, token: str) -> tuple[Invitation, Seat]:
    """Use an invitation up; its seat is locked. Raises `InvitationNotValid`."""
    seat_id = session.scalar(select(Invitation.seat_id).where(Invitation.token_hash == hash_of(token)))
    seat = None if seat_id is None else seat_rows.lock(session, seat_id)
    if seat is None or seat.licence.has_ended:
        raise InvitationNotValid
    invitation_id = session.scalar(
        update(Invitation)
        .where(Invitation.token_hash == hash_of(token), Invitation.answered_at.is_(None))
        .where(Invitation.expires_at > clock.now(), Invitation.person_id == seat.person_id)
        .values(answered_at=clock.now())
        .returning(Invitation.id)
    )
    if invitation_id is None or seat.state is not SeatState.INVITED:
        raise InvitationNotValid
    return session.get_one(Invitation, invitation_id), seat


def _claim(session: Session, seat: Seat, invitation: Invitation) -> Person:
    person = session.get_one(Person, invitation.person_id)
    seat_rows.claim(session, seat, by_id=person.id)
    membership = _join(session, person, seat.licence.municipality, invitation)
    if membership.sector is None:
        membership.sector = invitation.sector
    return person


def _join(session: Session, person: Person, municipality: Municipality, invitation: Invitation) -> Membership:
    def join() -> Membership:
        return add_member(
            session,
            person=person,
            municipality=municipality,
            role=Role.LEARNER,
            by_id=invitation.invited_by_id,
            sector=invitation.sector,
        )

    try:
        with session.begin_nested():
            return join()
    except IntegrityError:  # the person accepted two invitations in the same moment
        return join()


def _seat_in_house(session: Session, scope: HouseScope, seat_id: int) -> Seat:
    seat = seat_rows.lock_in_house(session, seat_id, scope.course_house_id)
    if seat is None:
        raise NotFound("no such seat")
    return seat


def _refuse_ended(licence: Licence) -> None:
    if licence.has_ended:
        raise LicenceEnded
