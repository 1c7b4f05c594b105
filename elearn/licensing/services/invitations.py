"""Giving seats: by an invitation, which holds one until it is answered, or at once by a join link."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import confirm_address, find_or_add_person_surely, mend_address
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import OperatorScope, PersonScope
from elearn.core.tokens import Tokens, hash_of
from elearn.licensing import emails, seat_rows
from elearn.licensing.errors import AddressTaken, AlreadySeated, InvitationNotValid, LicenceEnded, SeatNotHeld
from elearn.licensing.models import Invitation, Joining, Licence, Seat, SeatChange, SeatRequest, SeatState
from elearn.licensing.queries import seats_past_their_hold
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services.seats import UNDO_LIFE, Freed, make_learner, seat_within, serve_line_later
from elearn.organisations.models import Membership

INVITATION_LIFE = timedelta(days=14)
HOLD = timedelta(days=42)
RESENDS = Limit("licensing.resend", attempts=3, window_s=3600)


@dataclass(frozen=True)
class Offer:
    """What a letter says that offers a seat, and to which address."""

    email: EmailAddress
    message: str | None
    invited_by_id: int | None


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
    department_id: int | None = None,
    holds: date | None = None,
) -> Seat:
    """Hold a free seat for somebody until a day, 42 days from now by default, and mail the invitation.

    A known person's own name and language stay. Raises `NotAnAddress`, `NoFreeSeat`, `AlreadySeated`, `LicenceEnded`.
    """
    _refuse_ended(licence)
    person, email = find_or_add_person_surely(session, address=address, name=name, language=language)
    placing = Placing(department_id, sector or None)
    return _hold(session, tokens, licence, person, email, placing, by_id=by_id, message=message, holds=holds)


def give_seat(
    session: Session,
    tokens: Tokens,
    *,
    licence: Licence,
    person: Person,
    placing: Placing,
    by_id: int | None,
    leave_undoable: bool = False,
) -> Seat:
    """Hold a free seat for a known person and mail the invitation to their own address.

    With `leave_undoable` a seat taken back within the last minutes is not given. Raises `NoFreeSeat`,
    `AlreadySeated`, `LicenceEnded`.
    """
    _refuse_ended(licence)
    email = person.email
    return _hold(session, tokens, licence, person, email, placing, by_id=by_id, leave_undoable=leave_undoable)


def join_at_once(session: Session, *, licence: Licence, person: Person, placing: Placing) -> Seat:
    """Claim a free seat for whoever has just shown that an address is theirs, by a join link.

    Raises `NoFreeSeat`, `AlreadySeated`, `LicenceEnded`.
    """
    _refuse_ended(licence)
    seat = seat_rows.reserve(
        session, licence=licence, person=person, holds_until=licence.ends_on, by_id=person.id, placing=placing
    )
    _claim(session, seat, person, invited_by_id=None)
    return seat


def resend_invitation(
    session: Session, tokens: Tokens, *, scope: OperatorScope, seat_id: int, by_id: int, holds: date | None = None
) -> Seat:
    """Mail a fresh invitation to the same address; the one before is dead, and the hold begins again.

    Raises `NotFound`, `SeatNotHeld` when it is no longer open, `LicenceEnded`, `TooManyAttempts`.
    """
    seat = seat_within(session, scope, seat_id)
    if seat.state is not SeatState.INVITED:
        raise SeatNotHeld
    _refuse_ended(seat.licence)
    count_attempt(session, RESENDS, f"{seat.id}:{seat.person_id}")
    last = last_offer(session, seat)
    seat_rows.renew(session, seat, holds_until=hold_day(seat.licence, holds), by_id=by_id)
    send_invitation(session, tokens, seat, seat.licence, last.email, by_id=by_id, message=last.message)
    return seat


def correct_address(
    session: Session, tokens: Tokens, *, scope: OperatorScope, seat_id: int, address: str, by_id: int
) -> Seat:
    """Send an open invitation to another address without losing the seat; the letter before is dead.

    An address that nobody has ever confirmed, of somebody known by this seat alone, is mended; any other stays its
    person's, and the seat passes to whoever has the new one. Raises `NotFound`, `SeatNotHeld`, `NotAnAddress`,
    `AddressTaken`, `LicenceEnded`, `TooManyAttempts`.
    """
    seat = seat_within(session, scope, seat_id)
    if seat.state is not SeatState.INVITED or seat.person is None:
        raise SeatNotHeld
    _refuse_ended(seat.licence)
    count_attempt(session, RESENDS, f"{seat.id}:{seat.person_id}")
    last = last_offer(session, seat)
    email = mend_address(
        session, last.email, address=address, may_stay_theirs=not _is_known_elsewhere(session, seat), by_id=by_id
    )
    if email.person_id == seat.person_id:
        seat_rows.renew(session, seat, holds_until=holds_until(seat.licence), by_id=by_id)
        send_invitation(session, tokens, seat, seat.licence, email, by_id=by_id, message=last.message)
        return seat
    placing, person = Placing(seat.department_id, seat.sector), session.get_one(Person, email.person_id)
    try:
        with session.begin_nested():
            seat_rows.empty(session, seat, SeatChange.RELEASED, by_id=by_id)
            seat_rows.reserve(
                session,
                licence=seat.licence,
                person=person,
                holds_until=holds_until(seat.licence),
                by_id=by_id,
                placing=placing,
                seat_id=seat.id,
            )
    except AlreadySeated:
        session.refresh(seat)  # the savepoint has put the row back; what was read inside it is not true any more
        raise AddressTaken from None
    session.refresh(seat)
    send_invitation(session, tokens, seat, seat.licence, email, by_id=by_id, message=last.message)
    return seat


def accept_invitation(session: Session, token: str) -> Person:
    """Claim the seat that an invitation offers, and return whose it is now.

    Having the letter confirms the address. Of two answers at once one wins. Raises `InvitationNotValid`.
    """
    invitation, seat = _answer(session, token)
    confirm_address(session, session.get_one(EmailAddress, invitation.email_address_id))
    person = session.get_one(Person, invitation.person_id)
    _claim(session, seat, person, invited_by_id=invitation.invited_by_id)
    return person


def accept_seat(session: Session, *, scope: PersonScope, seat_id: int) -> Person:
    """Claim the seat that is held for a signed-in person, whose letter may be lost or too old.

    Raises `NotFound` when no seat is held for them, `InvitationNotValid` when the licence has ended.
    """
    seat = seat_rows.lock(session, seat_id)
    if seat is None or seat.person_id != scope.person_id or seat.state is not SeatState.INVITED:
        raise NotFound("no such seat")
    if seat.licence.has_ended:
        raise InvitationNotValid
    person = session.get_one(Person, scope.person_id)
    _claim(session, seat, person, invited_by_id=last_offer(session, seat).invited_by_id)
    return person


def decline_invitation(session: Session, token: str) -> Freed:
    """Say no thanks: the seat goes back. Raises `InvitationNotValid`."""
    invitation, seat = _answer(session, token)
    seat_rows.empty(session, seat, SeatChange.DECLINED, by_id=invitation.person_id)
    serve_line_later(session, seat.licence)
    return Freed(seat, invitation.person_id, SeatState.INVITED)


def free_lapsed_seats(session: Session) -> int:
    """Free the seats whose invitation has held them for its days, unanswered; return how many."""
    lapsed = seat_rows.lock_several(session, seats_past_their_hold(session))
    for seat in lapsed:
        seat_rows.empty(session, seat, SeatChange.LAPSED, by_id=None)
        serve_line_later(session, seat.licence)
    return len(lapsed)


def hold_day(licence: Licence, wanted: date | None) -> date:
    """Return the day an invitation holds its seat to: as wanted, but from today on and within the licence."""
    if wanted is None:
        return holds_until(licence)
    return min(max(wanted, clock.today(licence.municipality.country)), licence.ends_on)


def holds_until(licence: Licence) -> date:
    """Return the last day on which an invitation sent today would hold its seat."""
    return min(clock.today(licence.municipality.country) + HOLD, licence.ends_on)


def send_invitation(
    session: Session,
    tokens: Tokens,
    seat: Seat,
    licence: Licence,
    email: EmailAddress,
    *,
    by_id: int | None,
    message: str | None,
    reminds: bool = False,
) -> Invitation:
    """Write the letter that offers a held seat, under a fresh token; an invitation before must be closed already."""
    minted = tokens.mint(emails.INVITATION_PURPOSE)
    invitation = Invitation(
        seat_id=seat.id,
        person_id=email.person_id,
        email_address_id=email.id,
        token_hash=minted.token_hash,
        message=message or None,
        invited_by_id=by_id,
        created_at=clock.now(),
        expires_at=clock.now() + INVITATION_LIFE,
    )
    session.add(invitation)
    session.flush()  # the letter reads its people
    letter = emails.invitation(session, invitation=invitation, licence=licence, token=minted, reminds=reminds)
    invitation.letter_id = letter.id
    session.flush()
    return invitation


def last_offer(session: Session, seat: Seat) -> Offer:
    """Return what the last letter said by which a seat is held; it may be too old to be answered.

    Seats of a list are held before their letters are written: until then there is the address alone.
    """
    last = session.scalar(
        select(Invitation)
        .where(Invitation.seat_id == seat.id, Invitation.person_id == seat.person_id)
        .order_by(Invitation.id.desc())
        .limit(1)
    )
    if last is not None:
        return Offer(last.email, last.message, last.invited_by_id)
    assert seat.person is not None
    return Offer(seat.person.email, None, None)


def _hold(
    session: Session,
    tokens: Tokens,
    licence: Licence,
    person: Person,
    email: EmailAddress,
    placing: Placing,
    *,
    by_id: int | None,
    message: str | None = None,
    holds: date | None = None,
    leave_undoable: bool = False,
) -> Seat:
    seat = seat_rows.reserve(
        session,
        licence=licence,
        person=person,
        holds_until=hold_day(licence, holds),
        by_id=by_id,
        placing=placing,
        not_since=clock.now() - UNDO_LIFE if leave_undoable else None,
    )
    send_invitation(session, tokens, seat, licence, email, by_id=by_id, message=message)
    return seat


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


def _claim(session: Session, seat: Seat, person: Person, *, invited_by_id: int | None) -> None:
    seat_rows.claim(session, seat, by_id=person.id)
    make_learner(session, person, seat, by_id=invited_by_id)


def _refuse_ended(licence: Licence) -> None:
    if licence.has_ended:
        raise LicenceEnded


def _is_known_elsewhere(session: Session, seat: Seat) -> bool:
    """Say whether a seat's holder is more than that: has a role in another place, another seat, or asked for one.

    Whoever corrects the address decides who the person is, and may decide that for their own municipality alone.
    """
    theirs, here = seat.person_id, seat.licence
    known = (
        select(Membership.id)
        .where(Membership.person_id == theirs)
        .where(Membership.municipality_id.is_distinct_from(here.municipality_id)),
        select(Seat.id).where(Seat.person_id == theirs, Seat.id != seat.id),
        select(SeatRequest.id).where(SeatRequest.person_id == theirs, SeatRequest.licence_id != here.id),
        select(Joining.id).where(Joining.person_id == theirs),
    )
    return any(session.scalar(each.limit(1)) is not None for each in known)
