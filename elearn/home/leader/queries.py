"""The people on seats of a leader's departments: who is invited, has started, is through or due, and the day of each.

Seats are licensing's, completing is learning's, days are training's; this page joins them and knows no
more than that. What it costs depends on the departments, not on the municipality: it starts from their seats.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.core import clock
from elearn.core.scope import DepartmentScope
from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.models import Membership, Municipality, Role
from elearn.training.queries import next_due_days


class State(StrEnum):
    """How far somebody on a seat is."""

    ALL = "all"
    INVITED = "invited"
    ACCEPTED = "accepted"
    """Accepted, and not started."""
    IN_USE = "in-use"
    COMPLETED = "completed"


@dataclass(frozen=True)
class Wanted:
    """Whom the page shows."""

    text: str = ""
    department_id: int | None = None
    state: State = State.ALL


@dataclass(frozen=True)
class DepartmentCounts:
    """How the seats of the departments stand."""

    invited: int
    in_use: int
    """Accepted or started, and not through."""
    completed: int

    @property
    def all(self) -> int:
        """How many hold a seat."""
        return self.invited + self.in_use + self.completed


@dataclass(frozen=True)
class LedPerson:
    """Somebody on a seat of a department."""

    seat: Seat
    person: Person
    completed_at: datetime | None
    due_on: date | None
    """The earliest day that is open for the course."""
    today: date

    @property
    def state(self) -> State:
        """How far the person is."""
        if self.completed_at is not None:
            return State.COMPLETED
        if self.seat.first_used_at is not None:
            return State.IN_USE
        return State.INVITED if self.seat.claimed_at is None else State.ACCEPTED

    @property
    def is_late(self) -> bool:
        """Whether the day has passed."""
        return self.due_on is not None and self.due_on < self.today


def led_people(
    session: Session, scope: DepartmentScope, wanted: Wanted, *, total: int, number: int = 1
) -> Page[LedPerson]:
    """Return a page of the people on seats of the leader's departments, until licence and seat have ended, by name.

    `total` is how many there are in all, known from the counts; it is counted again only where the list is narrowed.
    """
    found = _found(session, scope, wanted)
    if wanted != Wanted():
        total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    shown = found.order_by(Seat.sort_name, Seat.id).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(_rows(session, scope, {seat.id: at for seat, at in session.execute(shown)}), total, number)


def department_counts(session: Session, scope: DepartmentScope) -> DepartmentCounts:
    """Return how many of the leader's people are invited, in use and completed."""
    found = _held(session, scope).with_only_columns(
        Seat.claimed_at.label("claimed_at"), _completed_at().label("completed_at")
    )
    rows = found.subquery()
    is_completed = and_(rows.c.claimed_at.is_not(None), rows.c.completed_at.is_not(None))
    invited, completed, held = session.execute(
        select(
            func.coalesce(func.sum(case((rows.c.claimed_at.is_(None), 1), else_=0)), 0),
            func.coalesce(func.sum(case((is_completed, 1), else_=0)), 0),
            func.count(),
        )
    ).one()
    return DepartmentCounts(invited, held - invited - completed, completed)


def buyers_to_ask(session: Session, scope: DepartmentScope) -> list[Person]:
    """Return who gives seats in the municipality, by name, with their addresses."""
    return list(
        session.scalars(
            select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.municipality_id == scope.municipality_id, Membership.role == Role.BUYER)
            .where(Membership.ended_at.is_(None))
            .options(selectinload(Person.addresses))
            .order_by(Person.name, Person.id)
        )
    )


def _completed_at() -> ScalarSelect[datetime]:
    """SQL: when a seat's holder completed the licence's course."""
    return (
        select(Completion.completed_at)
        .where(Completion.person_id == Seat.person_id, Completion.course_id == Licence.course_id)
        .correlate(Seat, Licence)
        .scalar_subquery()
    )


def _held(session: Session, scope: DepartmentScope) -> Select[Seat]:
    today = _today(session, scope)
    return (
        select(Seat)
        .join(Seat.licence)
        .where(Seat.department_id.in_(scope.department_ids), Seat.person_id.is_not(None))
        .where(Licence.municipality_id == scope.municipality_id)
        # Days of its own may let a seat outlive its licence. Where they end before, who has completed is still shown.
        .where(or_(Licence.ends_on >= today, Seat.valid_until >= today))
        .where(~_is_second(scope, today))
    )


def _is_second(scope: DepartmentScope, today: date) -> ColumnElement[bool]:
    """SQL: the holder watches the course by another seat today, which is shown: people are carried over in advance."""
    other, licence = aliased(Seat), aliased(Licence)
    return exists().where(
        other.person_id == Seat.person_id,
        other.id != Seat.id,
        other.claimed_at.is_not(None),
        other.department_id.in_(scope.department_ids),
        other.licence_id == licence.id,
        licence.course_id == Licence.course_id,
        licence.municipality_id == Licence.municipality_id,
        licence.starts_on <= today,
        func.coalesce(other.valid_until, licence.ends_on) >= today,
        or_(Licence.starts_on > today, Seat.claimed_at.is_(None), other.id < Seat.id),
    )


def _found(session: Session, scope: DepartmentScope, wanted: Wanted) -> Select[Seat, datetime]:
    found = _held(session, scope).where(_in_state(wanted.state))
    if wanted.department_id is not None:
        found = found.where(Seat.department_id == wanted.department_id)
    if wanted.text:
        has_address = exists().where(
            EmailAddress.person_id == Seat.person_id,
            EmailAddress.normalised.contains(normalise(wanted.text), autoescape=True),
        )
        found = found.where(or_(Seat.sort_name.contains(wanted.text.lower(), autoescape=True), has_address))
    return found.add_columns(_completed_at())


def _in_state(state: State) -> ColumnElement[bool]:
    match state:
        case State.INVITED:
            return Seat.claimed_at.is_(None)
        case State.ACCEPTED:
            return and_(Seat.claimed_at.is_not(None), Seat.first_used_at.is_(None), _completed_at().is_(None))
        case State.IN_USE:
            return and_(Seat.first_used_at.is_not(None), _completed_at().is_(None))
        case State.COMPLETED:
            return and_(Seat.claimed_at.is_not(None), _completed_at().is_not(None))
    return Seat.person_id.is_not(None)


def _rows(session: Session, scope: DepartmentScope, completed: dict[int, datetime]) -> list[LedPerson]:
    """Return the rows of some seats, given with when their holders completed the course."""
    seats = session.scalars(
        select(Seat)
        .where(Seat.id.in_(completed))
        .options(
            joinedload(Seat.person).selectinload(Person.addresses),
            joinedload(Seat.department),
            joinedload(Seat.licence),
        )
        .order_by(Seat.sort_name, Seat.id)
    ).all()
    dues = next_due_days(session, scope, [seat.person_id for seat in seats if seat.person_id is not None])
    today = _today(session, scope)
    return [
        LedPerson(
            seat,
            seat.person,
            completed[seat.id] if seat.claimed_at else None,
            dues.get((seat.person.id, seat.licence.course_id)),
            today,
        )
        for seat in seats
        if seat.person is not None
    ]


def _today(session: Session, scope: DepartmentScope) -> date:
    return clock.today(session.get_one(Municipality, scope.municipality_id).country)
