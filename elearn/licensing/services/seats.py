"""Seats and invitations: what changes them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import case, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import confirm_address, find_or_add_person_surely, mend_address
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import MunicipalityScope, OperatorScope, PersonScope
from elearn.core.tokens import Tokens, hash_of
from elearn.jobs.queue import enqueue
from elearn.licensing import emails, history, seat_rows
from elearn.licensing.errors import (
    AddressTaken,
    AlreadySeated,
    HandoversUsedUp,
    InvitationNotValid,
    LicenceEnded,
    SeatNotHeld,
    TooLateToUndo,
)
from elearn.licensing.history import Holding
from elearn.licensing.models import (
    Invitation,
    Joining,
    Licence,
    Seat,
    SeatChange,
    SeatEvent,
    SeatRequest,
    SeatState,
)
from elearn.licensing.queries import is_somebody_in_line, seats_past_their_hold
from elearn.licensing.scoping import within
from elearn.licensing.seat_rows import Placing
from elearn.organisations.models import Membership, Role
from elearn.organisations.queries import department
from elearn.organisations.services import add_member

INVITATION_LIFE = timedelta(days=14)
HOLD = timedelta(days=42)
UNDO_LIFE = timedelta(minutes=10)
RESENDS = Limit("licensing.resend", attempts=3, window_s=3600)


@dataclass(frozen=True)
class Freed:
    """A seat that was taken back or given up."""

    seat: Seat
    person_id: int
    was: SeatState
    """What it was before: invited or claimed."""


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
    seat = _seat_within(session, scope, seat_id)
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
    seat = _seat_within(session, scope, seat_id)
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


def use_seat(session: Session, *, seat_id: int) -> None:
    """Note that a seat is used, the first time; licensing decides by it what 'unused' means."""
    seat = seat_rows.lock(session, seat_id)
    if seat is not None and seat.state is SeatState.CLAIMED:
        seat_rows.use(session, seat)


def take_back_seat(
    session: Session, *, scope: OperatorScope, seat_id: int, by_id: int | None, person_id: int | None = None
) -> Freed:
    """Free a seat: claimed, or held by an invitation. What was watched stays the person's.

    A seat that was used may be taken back as often as the licence's terms allow. With `person_id` only from that
    person: a second press must not hit whoever got the seat meanwhile. Raises `NotFound`, `SeatNotHeld`,
    `HandoversUsedUp`.
    """
    licence_id = session.scalar(select(Seat.licence_id).where(Seat.id == seat_id, Seat.licence.has(within(scope))))
    if licence_id is None:
        raise NotFound("no such seat")
    seat_rows.lock_licence(session, licence_id)  # of two that take the last allowed one back, the second sees it
    seat = _seat_within(session, scope, seat_id)
    holder, was = seat.person_id, seat.state
    if holder is None or person_id not in (None, holder):
        raise SeatNotHeld
    if seat.first_used_at is not None and handovers_left(session, seat.licence) <= 0:
        raise HandoversUsedUp
    seat_rows.empty(session, seat, SeatChange.RELEASED, by_id=by_id)
    serve_line_later(session, seat.licence, delay=UNDO_LIFE)
    return Freed(seat, holder, was)


def handovers_left(session: Session, licence: Licence) -> int:
    """Return how many used seats of a licence may still change hands."""
    return licence.handovers_allowed - handovers_used(session, licence)


def handovers_used(session: Session, licence: Licence) -> int:
    """Return how many used seats of a licence have been taken back, those undone aside; from the history."""
    counted = case((SeatEvent.what == SeatChange.RESTORED, -1), else_=1)
    return (
        session.scalar(
            select(func.sum(counted))
            .join(Seat, Seat.id == SeatEvent.seat_id)
            .where(Seat.licence_id == licence.id, SeatEvent.after_use)
        )
        or 0
    )


def undo_take_back(session: Session, *, scope: OperatorScope, seat_id: int, by_id: int) -> Seat:
    """Give a seat that was taken back within the last 10 minutes to whoever had claimed it, as it was.

    Raises `NotFound`, `TooLateToUndo`, `AlreadySeated` when the person has got another seat of the licence.
    """
    seat = _seat_within(session, scope, seat_id)
    holding = undoable(session, seat)
    if holding is None:
        raise TooLateToUndo
    seat_rows.restore(session, seat, holding, by_id=by_id)
    return seat


def undoable(session: Session, seat: Seat) -> Holding | None:
    """Return the holding that undoing would bring back, or None when there is nothing to undo any more."""
    return undoable_among(session, [seat]).get(seat.id)


def undoable_among(session: Session, seats: Iterable[Seat]) -> dict[int, Holding]:
    """Return by seat the holdings that undoing would bring back; one query for all of them."""
    events: dict[int, list[SeatEvent]] = {seat.id: [] for seat in seats if seat.person_id is None}
    for event in session.scalars(select(SeatEvent).where(SeatEvent.seat_id.in_(events)).order_by(SeatEvent.id)):
        events[event.seat_id].append(event)
    since = clock.now() - UNDO_LIFE
    found = {seat_id: history.undoable(mine, since=since) for seat_id, mine in events.items()}
    return {seat_id: holding for seat_id, holding in found.items() if holding is not None}


def free_for_good(session: Session, seat_ids: Iterable[int], *, by_id: int | None) -> int:
    """Free seats whose holders leave: with their account, or with their municipality; return how many.

    It is nobody's choice to hand a seat over, so it is not counted as one, and it cannot be undone.
    """
    freed = 0
    for seat_id in sorted(seat_ids):
        seat = seat_rows.lock(session, seat_id)
        if seat is not None and seat.person_id is not None:
            seat_rows.empty(session, seat, SeatChange.LEFT, by_id=by_id)
            serve_line_later(session, seat.licence)
            freed += 1
    return freed


def place_seats(
    session: Session, *, scope: MunicipalityScope, seat_ids: Iterable[int], department_id: int | None, by_id: int
) -> int:
    """Move the holders of seats to a department of the municipality; return how many.

    Raises `NotFound` for a department that is not the municipality's; seats that are not are left out.
    """
    if department_id is not None and department(session, scope, department_id) is None:
        raise NotFound("no such department")
    mine = session.scalars(
        select(Seat.id).where(Seat.id.in_(list(seat_ids)), Seat.licence.has(within(scope)), Seat.person_id.is_not(None))
    )
    seats = seat_rows.lock_several(session, mine.all())
    seat_rows.place(session, seats, department_id, by_id=by_id)
    for seat in seats:
        if seat.claimed_at is not None and seat.person is not None:
            _join(session, seat.person, seat, by_id=by_id)
    return len(seats)


def hold_day(licence: Licence, wanted: date | None) -> date:
    """Return the day an invitation holds its seat to: as wanted, but from today on and within the licence."""
    if wanted is None:
        return holds_until(licence)
    return min(max(wanted, clock.today(licence.municipality.country)), licence.ends_on)


def holds_until(licence: Licence) -> date:
    """Return the last day on which an invitation sent today would hold its seat."""
    return min(clock.today(licence.municipality.country) + HOLD, licence.ends_on)


def free_lapsed_seats(session: Session) -> int:
    """Free the seats whose invitation has held them for its days, unanswered; return how many."""
    lapsed = seat_rows.lock_several(session, seats_past_their_hold(session))
    for seat in lapsed:
        seat_rows.empty(session, seat, SeatChange.LAPSED, by_id=None)
        serve_line_later(session, seat.licence)
    return len(lapsed)


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


def serve_line_later(session: Session, licence: Licence, *, delay: timedelta = timedelta(0)) -> None:
    """Have whoever stands first in line invited to the seat that has become free, after the commit."""
    if licence.has_waiting_line and is_somebody_in_line(session, licence.id):
        enqueue(session, "licensing.serve_line", delay_s=int(delay.total_seconds()), licence_id=licence.id)


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
    _join(session, person, seat, by_id=invited_by_id)


def _join(session: Session, person: Person, seat: Seat, *, by_id: int | None) -> Membership:
    """Make the holder of a seat a learner of the municipality, where the seat says that they work."""

    def join() -> Membership:
        return add_member(
            session,
            person=person,
            municipality=seat.licence.municipality,
            role=Role.LEARNER,
            by_id=by_id,
            sector=seat.sector,
            department_id=seat.department_id,
        )

    try:
        with session.begin_nested():
            return join()
    except IntegrityError:  # the person accepted two invitations in the same moment
        return join()


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


def _seat_within(session: Session, scope: OperatorScope, seat_id: int) -> Seat:
    seat = seat_rows.lock_within(session, seat_id, scope)
    if seat is None:
        raise NotFound("no such seat")
    return seat


def _refuse_ended(licence: Licence) -> None:
    if licence.has_ended:
        raise LicenceEnded
