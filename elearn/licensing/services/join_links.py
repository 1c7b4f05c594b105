"""Join links: the staff of a department take seats themselves, by a code and a letter to their work address.

Having the letter shows that the address is theirs; its button takes a seat, or a place in line, or asks the buyer.
A link lets at most so many people join, whoever presses at once: whoever joins locks the link first.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from elearn.accounts import addresses
from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import NAME_CHANGED, confirm_address, find_or_add_person_surely
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.core.tokens import Tokens, hash_of
from elearn.jobs.queue import enqueue
from elearn.licensing import emails, seat_rows
from elearn.licensing.errors import (
    AlreadySeated,
    JoiningNotValid,
    JoinLinkClosed,
    JoinLinkFull,
    LicenceEnded,
    LinkDayNotValid,
    NoFreeSeat,
    NoWaitingLine,
    WrongDomain,
)
from elearn.licensing.join_codes import check_domain, is_at, new_code
from elearn.licensing.join_lists import join_link, joined_by, mailed_joining
from elearn.licensing.models import Joining, JoinLink, Licence, RequestState, Seat, SeatState
from elearn.licensing.queries import is_somebody_in_line, works_in
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import invitations, waiting_line
from elearn.licensing.waiting_lists import place_in_line, requests_of
from elearn.organisations.queries import department

LETTER_LIFE = timedelta(days=14)
LETTERS_PER_ADDRESS = Limit("joining.address", attempts=5, window_s=900)
LETTERS_PER_SENDER = Limit("joining.sender", attempts=200, window_s=900)
"""A whole staff meeting joins from one network address."""

LINK_MADE = audit.kind("licensing.join_link.made", "join_link_id", "licence_id", "most", "ends_on", "needs_approval")
LINK_CLOSED = audit.kind("licensing.join_link.closed", "join_link_id", "licence_id")
JOINED = audit.kind("licensing.join_link.joined", "join_link_id", "licence_id", "person_id", "outcome")


class Outcome(StrEnum):
    """What pressing the letter's button came to."""

    SEATED = "seated"
    KNOWN = "known"
    """The person had a seat of the licence already."""
    IN_LINE = "in_line"
    ASKED = "asked"
    """The buyer decides."""
    GONE = "gone"
    """The person has joined before and holds nothing now: the seat was taken back, or the answer was no."""


@dataclass(frozen=True)
class Joined:
    """Who pressed, and what it came to."""

    person: Person
    licence: Licence
    outcome: Outcome
    number: int | None = None
    """The place in line, counted from 1."""


def make_join_link(
    session: Session,
    *,
    scope: MunicipalityScope,
    licence: Licence,
    department_id: int | None,
    domains: list[str],
    most: int,
    ends_on: date,
    needs_approval: bool,
    by_id: int,
) -> JoinLink:
    """Make a link by which people with an address at one of the mail domains may join, `most` of them.

    Raises `NotFound` for a department that is not the municipality's, `NotADomain`, `PublicDomain`, `LicenceEnded`,
    and `LinkDayNotValid` for a last day that has passed or lies beyond the licence.
    """
    if licence.has_ended:
        raise LicenceEnded
    if department_id is not None and department(session, scope, department_id) is None:
        raise NotFound("no such department")
    if not clock.today(licence.municipality.country) <= ends_on <= licence.ends_on:
        raise LinkDayNotValid
    link = JoinLink(
        licence_id=licence.id,
        department_id=department_id,
        code=new_code(),
        domains=sorted({check_domain(domain) for domain in domains}),
        most=most,
        needs_approval=needs_approval,
        ends_on=ends_on,
        created_by_id=by_id,
        created_at=clock.now(),
    )
    session.add(link)
    session.flush()  # the audit event names its id
    audit.record(
        session,
        LINK_MADE,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        join_link_id=link.id,
        licence_id=licence.id,
        most=most,
        ends_on=ends_on.isoformat(),
        needs_approval=needs_approval,
    )
    return link


def close_join_link(session: Session, *, scope: MunicipalityScope, join_link_id: int, by_id: int) -> JoinLink:
    """Let nobody join by a link any more; who has joined keeps the seat. Again changes nothing. Raises `NotFound`."""
    link = join_link(session, scope, join_link_id)
    closed = session.scalar(
        update(JoinLink)
        .where(JoinLink.id == link.id, JoinLink.closed_at.is_(None))
        .values(closed_at=clock.now())
        .returning(JoinLink.id)
    )
    if closed is not None:
        audit.record(
            session,
            LINK_CLOSED,
            actor_id=by_id,
            municipality_id=link.licence.municipality_id,
            join_link_id=link.id,
            licence_id=link.licence_id,
        )
    session.refresh(link, ["closed_at"])
    return link


def ask_to_join(session: Session, *, link: JoinLink, address: str, name: str, language: str, sender: str) -> None:
    """Have the letter mailed whose button joins. Known or not, the same rows are written: a job looks who it is.

    Raises `JoinLinkClosed`, `JoinLinkFull`, `NotAnAddress`, `WrongDomain`, `TooManyAttempts`.
    """
    refuse_useless(session, link)
    address = addresses.check(address)
    if not is_at(address, link.domains):
        raise WrongDomain
    count_attempt(session, LETTERS_PER_SENDER, sender)
    count_attempt(session, LETTERS_PER_ADDRESS, addresses.normalise(address))
    enqueue(session, "licensing.send_joining", join_link_id=link.id, address=address, called=name, language=language)


def refuse_useless(session: Session, link: JoinLink) -> None:
    """Refuse a link by which nobody can join now. Raises `JoinLinkClosed`, `JoinLinkFull`."""
    if not link.is_open:
        raise JoinLinkClosed
    if joined_by(session, link.id) >= link.most:
        raise JoinLinkFull


def send_joining(
    session: Session, tokens: Tokens, *, join_link_id: int, address: str, called: str, language: str
) -> None:
    """Mail a fresh link to whoever has this address; the one before is dead. Nothing once the join link is closed."""
    link = session.get_one(JoinLink, join_link_id)
    if not link.is_open:
        return
    person, email = find_or_add_person_surely(session, address=address, name=called, language=language)
    session.execute(
        update(Joining)
        .where(Joining.join_link_id == link.id, Joining.person_id == person.id, Joining.joined_at.is_(None))
        .where(Joining.expires_at > clock.now())
        .values(expires_at=clock.now())
    )
    minted = tokens.mint(emails.JOINING_PURPOSE)
    joining = Joining(
        join_link_id=link.id,
        person_id=person.id,
        email_address_id=email.id,
        token_hash=minted.token_hash,
        created_at=clock.now(),
        expires_at=clock.now() + LETTER_LIFE,
    )
    session.add(joining)
    session.flush()  # the letter reads its people
    emails.joining(session, joining=joining, token=minted)


def join(session: Session, *, token: str, name: str | None = None) -> Joined:
    """Press the letter's button: take a free seat, else stand in line; or ask the buyer, where the link says so.

    It confirms the address; `name` is how somebody new wants to be called. Who has joined by this link before, and
    had the seat taken back, asks. Of two presses at once one wins. Raises `JoiningNotValid`, `JoinLinkClosed`,
    `JoinLinkFull`, and `NoWaitingLine` when no seat is free and nobody can wait: then the letter works again later.
    """
    link = _locked_link(session, token)
    joining = _use_up(session, token)
    person = session.get_one(Person, joining.person_id)
    _confirm(session, joining, person, name)
    if _has_seat_now(session, link.licence, person):
        joining.joined_at, joining.expires_at = None, clock.now()  # the letter is dead, but nobody has joined by it
        return _joined(session, link, person, Outcome.KNOWN)
    if not link.is_open:
        raise JoinLinkClosed
    if joined_by(session, link.id, but=person.id) >= link.most:
        raise JoinLinkFull
    try:
        return _take_or_wait(session, link, person, has_joined_before=_has_joined_before(session, joining))
    except AlreadySeated:  # invited in the same moment
        _has_seat_now(session, link.licence, person)
        return _joined(session, link, person, Outcome.KNOWN)


def look_again(session: Session, token: str) -> Joined | None:
    """Return what somebody has whose letter is used up: the button was pressed twice, or the letter opened again.

    Changes nothing and signs nobody in. None when nobody has joined by the letter and its reader has no seat either:
    it was replaced, is too old, or was never ours.
    """
    joining = mailed_joining(session, token)
    if joining is None:
        return None
    person, licence = joining.person, joining.join_link.licence
    if _seat_of(session, licence, person) is not None:
        return Joined(person, licence, Outcome.KNOWN)
    if joining.joined_at is None:
        return None
    own = [each for each in requests_of(session, PersonScope(person.id)) if each.request.licence_id == licence.id]
    if not own or own[0].request.state == RequestState.DECLINED:
        return Joined(person, licence, Outcome.GONE)
    return Joined(person, licence, Outcome.IN_LINE if own[0].number else Outcome.ASKED, own[0].number)


def _take_or_wait(session: Session, link: JoinLink, person: Person, *, has_joined_before: bool) -> Joined:
    licence = link.licence
    works = works_in(session, PersonScope(person.id), licence.municipality_id)
    placing = Placing(link.department_id) if link.department_id is not None else works
    if link.needs_approval or has_joined_before:
        request = waiting_line.ask_for_seat(session, PersonScope(person.id), licence=licence, placing=placing)
        if request.state == RequestState.WAITING:  # in line already: there is nothing to ask the buyer
            return _joined(session, link, person, Outcome.IN_LINE, place_in_line(session, request))
        return _joined(session, link, person, Outcome.ASKED)
    if not (licence.has_waiting_line and is_somebody_in_line(session, licence.id)):
        try:
            invitations.join_at_once(session, licence=licence, person=person, placing=placing)
        except NoFreeSeat:
            if not licence.has_waiting_line:
                raise NoWaitingLine from None
        else:
            return _joined(session, link, person, Outcome.SEATED)
    request = waiting_line.join_line(session, person=person, licence=licence, placing=placing)
    return _joined(session, link, person, Outcome.IN_LINE, place_in_line(session, request))


def _locked_link(session: Session, token: str) -> JoinLink:
    link_id = session.scalar(select(Joining.join_link_id).where(Joining.token_hash == hash_of(token)))
    if link_id is None:
        raise JoiningNotValid
    return session.scalars(
        select(JoinLink)
        .where(JoinLink.id == link_id)
        .options(joinedload(JoinLink.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)))
        .with_for_update(of=JoinLink)
        .execution_options(populate_existing=True)
    ).one()


def _use_up(session: Session, token: str) -> Joining:
    joining_id = session.scalar(
        update(Joining)
        .where(Joining.token_hash == hash_of(token), Joining.joined_at.is_(None), Joining.expires_at > clock.now())
        .values(joined_at=clock.now())
        .returning(Joining.id)
    )
    if joining_id is None:
        raise JoiningNotValid
    return session.get_one(Joining, joining_id, populate_existing=True)


def _confirm(session: Session, joining: Joining, person: Person, name: str | None) -> None:
    """Note that the address is the person's; whoever is new here also says their own name."""
    email = session.get_one(EmailAddress, joining.email_address_id)
    if email.confirmed_at is None and name and name != person.name:
        person.name = name
        seat_rows.rename_holder(session, person_id=person.id, name=name)
        audit.record(session, NAME_CHANGED, actor_id=person.id, person_id=person.id)
    confirm_address(session, email)


def _has_seat_now(session: Session, licence: Licence, person: Person) -> bool:
    """Say whether the person has a seat of the licence; one that an invitation holds is accepted, unless too late."""
    seat = _seat_of(session, licence, person)
    if seat is None or (seat.state is SeatState.INVITED and licence.has_ended):
        return False
    if seat.state is SeatState.INVITED:
        invitations.accept_seat(session, scope=PersonScope(person.id), seat_id=seat.id)
    return True


def _seat_of(session: Session, licence: Licence, person: Person) -> Seat | None:
    return session.scalar(select(Seat).where(Seat.licence_id == licence.id, Seat.person_id == person.id))


def _has_joined_before(session: Session, joining: Joining) -> bool:
    before = select(Joining.id).where(
        Joining.join_link_id == joining.join_link_id,
        Joining.person_id == joining.person_id,
        Joining.joined_at.is_not(None),
        Joining.id != joining.id,
    )
    return session.scalar(before.limit(1)) is not None


def _joined(session: Session, link: JoinLink, person: Person, outcome: Outcome, number: int | None = None) -> Joined:
    audit.record(
        session,
        JOINED,
        actor_id=person.id,
        municipality_id=link.licence.municipality_id,
        join_link_id=link.id,
        licence_id=link.licence_id,
        person_id=person.id,
        outcome=str(outcome),
    )
    return Joined(person, link.licence, outcome, number)
