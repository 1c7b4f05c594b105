"""The people on a licence as its buyer sees them: invited, accepted, in use, completed, and the day of each.

Seats are licensing's, completing is learning's; this page joins the two and knows no more than that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.core.scope import MunicipalityScope
from elearn.learning.models import Completion
from elearn.licensing.models import Invitation, Licence, Seat
from elearn.licensing.scoping import within
from elearn.licensing.seat_lists import PAGE_SIZE, Page, stuck_letters
from elearn.mail.models import Letter
from elearn.organisations.models import Department
from elearn.organisations.queries import departments
from elearn.organisations.tree import below

BLOCK = 1000


class State(StrEnum):
    """How far somebody on a seat is."""

    ALL = "all"
    INVITED = "invited"
    ACCEPTED = "accepted"
    """Accepted, and not started."""
    IN_USE = "in-use"
    COMPLETED = "completed"
    CAME_BACK = "came-back"
    """The letter cannot reach them: the mail server refused the address, or has not taken the letter so far."""


@dataclass(frozen=True)
class Wanted:
    """Whom a list shows."""

    text: str = ""
    department_id: int | None = None
    """Those below it included."""
    sector: str | None = None
    state: State = State.ALL
    sent_before: datetime | None = None
    """Only invitations sent before an instant, and not answered."""

    @property
    def is_everybody(self) -> bool:
        """Whether nothing narrows the list."""
        return self == Wanted()


@dataclass(frozen=True)
class PersonRow:
    """Somebody on a seat."""

    seat: Seat
    person: Person
    completed_at: datetime | None
    refused: str | None
    """What the mail server said when the letter came back."""
    is_letter_stuck: bool

    @property
    def state(self) -> State:
        """How far the person is."""
        if self.completed_at:
            return State.COMPLETED
        if self.seat.first_used_at:
            return State.IN_USE
        if self.seat.claimed_at:
            return State.ACCEPTED
        return State.CAME_BACK if self.refused or self.is_letter_stuck else State.INVITED

    @property
    def sector(self) -> str | None:
        """Where the person works, a code of `sectors.SECTORS`."""
        return self.seat.sector or (self.seat.department.sector if self.seat.department else None)

    @property
    def address(self) -> str:
        """Where the person's letters go."""
        return self.person.address

    @property
    def holding(self) -> str:
        """Names the seat together with its holder: whoever else gets the seat later is not meant."""
        return f"{self.seat.id}-{self.person.id}"


def people(
    session: Session, scope: MunicipalityScope, licence: Licence, wanted: Wanted, *, held: int, number: int = 1
) -> Page[PersonRow]:
    """Return a page of the people on a licence's seats, by name; `held` is how many seats are held in all."""
    found = _found(session, scope, licence, wanted)
    total = held if wanted.is_everybody else session.scalar(select(func.count()).select_from(found.subquery())) or 0
    return Page(_rows(session, licence, _page_of(session, found, total, number)), total, number)


def first_people(
    session: Session, scope: MunicipalityScope, licence: Licence, wanted: Wanted, *, most: int
) -> list[PersonRow]:
    """Return the people on a licence's seats, by name, and no more than `most` of them."""
    found = _found(session, scope, licence, wanted).order_by(Seat.sort_name, Seat.id).limit(most)
    return _rows(session, licence, list(session.scalars(found)))


def people_on_seats(
    session: Session, scope: MunicipalityScope, licence: Licence, seat_ids: list[int]
) -> list[PersonRow]:
    """Return the people on some seats of a licence, by name; free seats and those of others are left out."""
    found = _held(scope, licence).where(Seat.id.in_(seat_ids)).order_by(Seat.sort_name, Seat.id)
    return _rows(session, licence, list(session.scalars(found)))


def everybody(session: Session, scope: MunicipalityScope, licence: Licence, wanted: Wanted) -> Iterator[PersonRow]:
    """Yield the people on a licence's seats, by name; in blocks, since they may be many thousands."""
    ids = list(session.scalars(_found(session, scope, licence, wanted).order_by(Seat.sort_name, Seat.id)))
    for start in range(0, len(ids), BLOCK):
        for row in _rows(session, licence, ids[start : start + BLOCK]):
            yield row
            session.expunge(row.seat)


def _page_of(session: Session, found: Select[int], total: int, number: int) -> list[int]:
    """Return the seats of a page, walking from whichever end of the list is nearer."""
    start = (number - 1) * PAGE_SIZE
    size = min(PAGE_SIZE, total - start)
    if size <= 0:
        return []
    if start <= total // 2:
        return list(session.scalars(found.order_by(Seat.sort_name, Seat.id).limit(size).offset(start)))
    backwards = found.order_by(Seat.sort_name.desc(), Seat.id.desc()).limit(size).offset(total - start - size)
    return list(session.scalars(backwards))[::-1]


def _found(session: Session, scope: MunicipalityScope, licence: Licence, wanted: Wanted) -> Select[int]:
    found = _held(scope, licence).where(_in_state(licence, wanted.state))
    if wanted.text:
        addresses = select(EmailAddress.person_id).where(
            EmailAddress.normalised.contains(normalise(wanted.text), autoescape=True)
        )
        by_name = Seat.sort_name.contains(wanted.text.lower(), autoescape=True)
        found = found.where(or_(by_name, Seat.person_id.in_(addresses)))
    if wanted.department_id is not None or wanted.sector:
        tree = departments(session, scope)
        if wanted.department_id is not None:
            found = found.where(
                Seat.department_id.in_(below({d.id: d.parent_id for d in tree}, [wanted.department_id]))
            )
        if wanted.sector:
            found = found.where(_in_sector(tree, wanted.sector))
    if wanted.sent_before is not None:
        found = found.where(Seat.holds_until.is_not(None), Seat.invited_at < wanted.sent_before)
    return found


def _held(scope: MunicipalityScope, licence: Licence) -> Select[int]:
    return (
        select(Seat.id)
        .join(Seat.licence)
        .where(within(scope), Seat.licence_id == licence.id, Seat.person_id.is_not(None))
    )


def _in_state(licence: Licence, state: State) -> ColumnElement[bool]:
    has_completed = exists().where(Completion.person_id == Seat.person_id, Completion.course_id == licence.course_id)
    match state:
        case State.INVITED:
            return Seat.holds_until.is_not(None)
        case State.ACCEPTED:
            return and_(Seat.claimed_at.is_not(None), Seat.first_used_at.is_(None), ~has_completed)
        case State.IN_USE:
            return and_(Seat.first_used_at.is_not(None), ~has_completed)
        case State.COMPLETED:
            return and_(Seat.claimed_at.is_not(None), has_completed)
        case State.CAME_BACK:
            return and_(Seat.holds_until.is_not(None), Seat.id.in_(unreachable()))
    return Seat.person_id.is_not(None)


def unreachable() -> Select[int]:
    """Return the ids of seats whose open invitation came back or could not be sent so far."""
    refused = select(Letter.id).where(Letter.refused.is_not(None))
    lost = union_all(refused, stuck_letters())  # one list, from which the index of invitations leads on
    return select(Invitation.seat_id).where(Invitation.answered_at.is_(None), Invitation.letter_id.in_(lost))


def _in_sector(tree: list[Department], sector: str) -> ColumnElement[bool]:
    """What the seat says holds; where it says nothing, its department does."""
    of_sector = [department.id for department in tree if department.sector == sector]
    return or_(Seat.sector == sector, and_(Seat.sector.is_(None), Seat.department_id.in_(of_sector)))


def _rows(session: Session, licence: Licence, seat_ids: list[int]) -> list[PersonRow]:
    seats = session.scalars(
        select(Seat)
        .where(Seat.id.in_(seat_ids))
        .options(joinedload(Seat.person).selectinload(Person.addresses), joinedload(Seat.department))
        .order_by(Seat.sort_name, Seat.id)
    ).all()
    completed = _completed(session, licence, [seat.person_id for seat in seats if seat.claimed_at])
    letters = _letters(session, [seat.id for seat in seats if not seat.claimed_at])
    return [
        PersonRow(seat, seat.person, completed.get(seat.person.id), *letters.get(seat.id, (None, False)))
        for seat in seats
        if seat.person is not None
    ]


def _completed(session: Session, licence: Licence, person_ids: list[int | None]) -> dict[int, datetime]:
    rows = session.execute(
        select(Completion.person_id, Completion.completed_at).where(
            Completion.person_id.in_(person_ids), Completion.course_id == licence.course_id
        )
    )
    return {row.person_id: row.completed_at for row in rows}


def _letters(session: Session, seat_ids: list[int]) -> dict[int, tuple[str | None, bool]]:
    """Return by seat what the mail server said of the open invitation's letter, and whether it is stuck."""
    rows = session.execute(
        select(Invitation.seat_id, Letter.refused, Letter.id.in_(stuck_letters()).label("is_stuck"))
        .join(Letter, Letter.id == Invitation.letter_id)
        .where(Invitation.seat_id.in_(seat_ids), Invitation.answered_at.is_(None))
    )
    return {row.seat_id: (row.refused, bool(row.is_stuck)) for row in rows}
