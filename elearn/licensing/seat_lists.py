"""Licences and seats as operators see them, and the people on them: who is invited, has accepted, has started, the day.

Never what somebody watched, nor when: that is not licensing's to know.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope
from elearn.jobs.models import Job
from elearn.licensing.models import FREE, Invitation, Licence, Seat, SeatChange, SeatEvent
from elearn.licensing.queries import by_country
from elearn.licensing.scoping import within
from elearn.mail.models import Letter
from elearn.organisations.models import Membership, Municipality, Role

PAGE_SIZE = 50
ENDS_SOON = timedelta(days=60)
LAPSES_SOON = timedelta(days=7)

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a longer list."""

    rows: list[T]
    total: int | None
    """None in a list too long to be counted for every page."""
    number: int
    """Counted from 1."""
    has_more: bool = False
    """Whether more rows follow, where the total is not known."""

    @property
    def first(self) -> int:
        """The position of the first row, counted from 1; 0 in an empty list."""
        return (self.number - 1) * PAGE_SIZE + 1 if self.rows else 0

    @property
    def last(self) -> int:
        """The position of the last row."""
        return self.first + len(self.rows) - 1 if self.rows else 0

    @property
    def has_next(self) -> bool:
        """Whether more rows follow."""
        return self.has_more if self.total is None else self.last < self.total


class Filter(StrEnum):
    """Which seats of a licence a list shows."""

    ALL = "all"
    INVITED = "invited"
    ACCEPTED = "accepted"
    STARTED = "started"
    CAME_BACK = "came-back"
    """Invited, but the mail server refused the address for good."""


@dataclass(frozen=True)
class SeatCounts:
    """How a licence's seats stand; derived, never stored."""

    claimed: int = 0
    invited: int = 0
    free: int = 0

    @property
    def all(self) -> int:
        """How many seats there are."""
        return self.claimed + self.invited + self.free


@dataclass(frozen=True)
class LicenceRow:
    """A licence in a list."""

    licence: Licence
    counts: SeatCounts


@dataclass(frozen=True)
class HeldSeat:
    """A seat somebody holds, as operators may see it: who and since when, never what was watched."""

    seat: Seat
    person: Person
    is_letter_stuck: bool
    """The invitation could not be sent so far."""
    letter_refused: str | None = None
    """What the mail server said when it refused the address for good; None when the letter did not come back."""

    @property
    def sector(self) -> str | None:
        """Where the person works, a code of `sectors.SECTORS`."""
        return self.seat.sector or (self.seat.department.sector if self.seat.department else None)

    @property
    def address(self) -> str:
        """Where the person's letters go."""
        return self.person.address


@dataclass(frozen=True)
class HistoryLine:
    """One line of a seat's or a licence's history, with names as they are now."""

    at: datetime
    what: SeatChange
    seat_id: int
    person: str | None
    """None when the person has been deleted."""
    by: str | None
    """None for the product itself."""


def licences(
    session: Session, scope: OperatorScope, *, text: str = "", course_id: int | None = None, number: int = 1
) -> Page[LicenceRow]:
    """Return a house's licences, those that end last first, by municipality, number or course."""
    found = _licences(scope)
    if course_id is not None:
        found = found.where(Licence.course_id == course_id)
    if text:
        found = found.where(
            or_(_has(Municipality.official_name, text), _has(Municipality.code, text), _has(Course.slug, text))
        )
    total = _count(session, found)
    ordered = found.order_by(Licence.ends_on.desc(), Municipality.name, Licence.id)
    shown = list(session.scalars(_page(ordered, number)))
    counts = counts_of(session, [licence.id for licence in shown])
    return Page([LicenceRow(licence, counts[licence.id]) for licence in shown], total, number)


def licence(session: Session, scope: OperatorScope, licence_id: int) -> LicenceRow:
    """Return one licence of a house. Raises `NotFound`."""
    found = session.scalar(_licences(scope).where(Licence.id == licence_id))
    if found is None:
        raise NotFound("no such licence")
    return LicenceRow(found, counts_of(session, [found.id])[found.id])


def licences_ending_soon(session: Session, scope: OperatorScope) -> list[Licence]:
    """Return the licences that run now and end within 60 days, the next one first."""
    ending = by_country(lambda today: and_(Licence.ends_on >= today, Licence.ends_on <= today + ENDS_SOON))
    return list(session.scalars(_licences(scope).where(ending, _has_begun()).order_by(Licence.ends_on, Licence.id)))


def licences_without_buyer(session: Session, scope: OperatorScope) -> list[Licence]:
    """Return the licences that have not ended and whose municipality has nobody who manages them."""
    buyer = (
        select(Membership.id)
        .where(Membership.municipality_id == Licence.municipality_id, Membership.role == Role.BUYER)
        .where(Membership.ended_at.is_(None))
    )
    lasting = by_country(lambda today: Licence.ends_on >= today)
    return list(session.scalars(_licences(scope).where(lasting, ~buyer.exists()).order_by(Licence.ends_on, Licence.id)))


def held_seats(
    session: Session,
    scope: OperatorScope,
    *,
    licence_id: int | None = None,
    text: str = "",
    show: Filter = Filter.ALL,
    number: int = 1,
) -> Page[HeldSeat]:
    """Return who holds seats of a house's courses, by name; of one licence, or of all."""
    found = _held(scope).where(_shown(show))
    if licence_id is not None:
        found = found.where(Seat.licence_id == licence_id)
    if text:
        addresses = select(EmailAddress.person_id).where(_has(EmailAddress.normalised, normalise(text)))
        found = found.where(or_(_has(Person.name, text), Person.id.in_(addresses)))
    total = _count(session, found)
    shown = session.scalars(_page(found.order_by(Seat.sort_name, Seat.id), number)).all()
    return Page(_described(session, list(shown)), total, number)


def held_seat(session: Session, scope: OperatorScope, seat_id: int) -> HeldSeat | None:
    """Return a seat of a house and who holds it; None when it is free. Raises `NotFound` for another house's."""
    found = seat(session, scope, seat_id)
    return None if found.person_id is None else _described(session, [found])[0]


def seat_by_address(session: Session, scope: OperatorScope, licence_id: int, address: str) -> HeldSeat | None:
    """Return the seat of a licence that whoever has an address holds, by any of their addresses; else None."""
    person = select(EmailAddress.person_id).where(EmailAddress.normalised == normalise(address))
    found = session.scalar(_held(scope).where(Seat.licence_id == licence_id, Seat.person_id.in_(person)))
    return _described(session, [found])[0] if found else None


def seat(session: Session, scope: OperatorScope, seat_id: int) -> Seat:
    """Return a seat of a house, free or held. Raises `NotFound`."""
    found = session.scalar(
        _seats(scope).where(Seat.id == seat_id).options(joinedload(Seat.person).selectinload(Person.addresses))
    )
    if found is None:
        raise NotFound("no such seat")
    return found


def invitations_lapsing_soon(session: Session, scope: OperatorScope) -> list[HeldSeat]:
    """Return invitations that hold their seat for at most another week, the next to lapse first."""
    lapsing = by_country(lambda today: and_(Seat.holds_until >= today, Seat.holds_until <= today + LAPSES_SOON))
    found = _held(scope).where(Seat.claimed_at.is_(None), lapsing).order_by(Seat.holds_until, Seat.id)
    return _described(session, list(session.scalars(found)))


def stuck_invitations(session: Session, scope: OperatorScope) -> list[HeldSeat]:
    """Return open invitations whose letter the mail server has not taken so far."""
    stuck = select(Invitation.seat_id).where(
        Invitation.answered_at.is_(None), Invitation.letter_id.in_(stuck_letters())
    )
    found = _held(scope).where(Seat.claimed_at.is_(None), Seat.id.in_(stuck)).order_by(Seat.id)
    return _described(session, list(session.scalars(found)))


def returned_invitations(session: Session, scope: OperatorScope, *, licence_id: int | None = None) -> list[HeldSeat]:
    """Return open invitations whose letter came back, of one licence or of all: the address has to be corrected."""
    found = _held(scope).where(came_back())
    if licence_id is not None:
        found = found.where(Seat.licence_id == licence_id)
    return _described(session, list(session.scalars(found.order_by(Seat.id))))


def came_back() -> ColumnElement[bool]:
    """Return the condition on `Seat`: invited, and the mail server has refused the letter's address for good."""
    returned = (
        select(Invitation.seat_id)
        .join(Letter, Letter.id == Invitation.letter_id)
        .where(Invitation.answered_at.is_(None), Letter.refused.is_not(None))
    )
    return and_(Seat.claimed_at.is_(None), Seat.id.in_(returned))


def history(session: Session, scope: OperatorScope, licence_id: int, *, number: int = 1) -> Page[HistoryLine]:
    """Return what happened to a licence's seats, newest first."""
    found = _history(scope).where(Seat.licence_id == licence_id)
    lines = _lines(session, _page(found, number).limit(PAGE_SIZE + 1))
    return Page(lines[:PAGE_SIZE], None, number, len(lines) > PAGE_SIZE)


def seat_history(session: Session, scope: OperatorScope, seat_id: int, person_id: int) -> list[HistoryLine]:
    """Return what happened to a seat while it was a person's, newest first."""
    return _lines(session, _history(scope).where(Seat.id == seat_id, SeatEvent.person_id == person_id))


def _history(scope: OperatorScope) -> Select[SeatEvent]:
    return (
        select(SeatEvent)
        .join(Seat, Seat.id == SeatEvent.seat_id)
        .join(Seat.licence)
        .join(Licence.course)
        .where(within(scope))
        .order_by(SeatEvent.id.desc())
    )


def _lines(session: Session, found: Select[SeatEvent]) -> list[HistoryLine]:
    events = session.scalars(found).all()
    ids = {event.person_id for event in events} | {event.by_id for event in events if event.by_id}
    people = select(Person.id, Person.name).where(Person.id.in_(ids))
    names = {row.id: row.name for row in session.execute(people)}
    return [
        HistoryLine(
            event.at,
            SeatChange(event.what),
            event.seat_id,
            names.get(event.person_id),
            names.get(event.by_id) if event.by_id else None,
        )
        for event in events
    ]


def _licences(scope: OperatorScope) -> Select[Licence]:
    return (
        select(Licence)
        .join(Licence.course)
        .join(Licence.municipality)
        .where(within(scope))
        .options(joinedload(Licence.course), joinedload(Licence.municipality))
    )


def _held(scope: OperatorScope) -> Select[Seat]:
    return _seats(scope).join(Seat.person).options(joinedload(Seat.person).selectinload(Person.addresses))


def _seats(scope: OperatorScope) -> Select[Seat]:
    return (
        select(Seat)
        .join(Seat.licence)
        .join(Licence.course)
        .join(Licence.municipality)
        .where(within(scope))
        .options(
            joinedload(Seat.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)),
            joinedload(Seat.department),
        )
    )


def _shown(show: Filter) -> ColumnElement[bool]:
    match show:
        case Filter.INVITED:
            return Seat.claimed_at.is_(None)
        case Filter.ACCEPTED:
            return and_(Seat.claimed_at.is_not(None), Seat.first_used_at.is_(None))
        case Filter.STARTED:
            return Seat.first_used_at.is_not(None)
        case Filter.CAME_BACK:
            return came_back()
    return Seat.person_id.is_not(None)


def _described(session: Session, seats: list[Seat]) -> list[HeldSeat]:
    opened = (Invitation.seat_id.in_([seat.id for seat in seats]), Invitation.answered_at.is_(None))
    stuck = set(
        session.scalars(select(Invitation.seat_id).where(*opened).where(Invitation.letter_id.in_(stuck_letters())))
    )
    returned = select(Invitation.seat_id, Letter.refused).join(Letter, Letter.id == Invitation.letter_id)
    refused = {
        row.seat_id: row.refused for row in session.execute(returned.where(*opened, Letter.refused.is_not(None)))
    }
    return [
        HeldSeat(seat, seat.person, seat.id in stuck, refused.get(seat.id)) for seat in seats if seat.person is not None
    ]


def stuck_letters() -> Select[int]:
    """Return the ids of letters that the mail server refused at least twice and that still wait."""
    waiting = (Job.name == "mail.send_letter", Job.done_at.is_(None), Job.runs > 1, Job.last_error.is_not(None))
    return select(Job.arguments["letter_id"].as_integer()).where(*waiting)


def counts_of(session: Session, licence_ids: list[int]) -> dict[int, SeatCounts]:
    """Return how the seats of licences stand; whoever asks has looked the licences up within their scope.

    The invited and the free are counted by their partial indexes, the others are the rest of the licence's seats:
    walking through those in use would cost most, in a licence of many thousands.
    """
    rows = session.execute(
        select(
            Licence.id,
            Licence.size,
            _number(Seat.holds_until.is_not(None)).label("invited"),
            _number(FREE).label("free"),
        ).where(Licence.id.in_(licence_ids))
    )
    return {row.id: SeatCounts(row.size - row.invited - row.free, row.invited, row.free) for row in rows}


def _number(which: ColumnElement[bool]) -> ScalarSelect[int]:
    counted = select(func.count()).select_from(Seat).where(Seat.licence_id == Licence.id, which)
    return counted.correlate(Licence).scalar_subquery()


def _count(session: Session, found: Select[T]) -> int:
    return session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0


def _page(found: Select[T], number: int) -> Select[T]:
    return found.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)


def _has(column: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.icontains(text.strip(), autoescape=True)
    return found


def _has_begun() -> ColumnElement[bool]:
    return by_country(lambda today: Licence.starts_on <= today)
