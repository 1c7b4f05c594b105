"""A course house's customers, and what hangs on a municipality's departments."""

from dataclasses import dataclass

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope, MunicipalityScope
from elearn.licensing.models import JoinLink, Licence, RequestState, Seat, SeatRequest
from elearn.licensing.queries import by_country
from elearn.licensing.scoping import within
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.models import Membership, Municipality, Role


@dataclass(frozen=True)
class CustomerRow:
    """A customer in the owner's list."""

    municipality: Municipality
    licences: int
    """The house's licences that it holds or held."""
    buyers: int


@dataclass(frozen=True)
class Hanging:
    """What hangs on one department itself."""

    seats: int
    requests: int
    """People who wait for an answer, or for a seat."""
    join_links: int
    """Links that are still open, as `JoinLink.is_open` says."""


def customers(session: Session, scope: HouseScope, *, text: str = "", number: int = 1) -> Page[CustomerRow]:
    """Return who holds or held a licence of the house, and the customers it added itself, by name."""
    found = _customers(scope)
    if text:
        found = found.where(Municipality.official_name.icontains(text.strip(), autoescape=True))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    ordered = found.order_by(Municipality.name, Municipality.id)
    shown = session.scalars(ordered.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
    ids = [municipality.id for municipality in shown]
    licences = _counted(
        session,
        select(Licence.municipality_id, func.count())
        .where(Licence.municipality_id.in_(ids), within(scope))
        .group_by(Licence.municipality_id),
    )
    buyers = _counted(
        session,
        select(Membership.municipality_id, func.count())
        .where(Membership.municipality_id.in_(ids), Membership.role == Role.BUYER, Membership.ended_at.is_(None))
        .group_by(Membership.municipality_id),
    )
    rows = [CustomerRow(each, licences.get(each.id, 0), buyers.get(each.id, 0)) for each in shown]
    return Page(rows, total, number)


def customer(session: Session, scope: HouseScope, municipality_id: int) -> Municipality:
    """Return a customer of the house. Raises `NotFound`."""
    found = session.scalar(_customers(scope).where(Municipality.id == municipality_id))
    if found is None:
        raise NotFound("no such customer")
    return found


def may_choose_buyers(session: Session, scope: HouseScope, municipality_id: int) -> bool:
    """Say whether a house may say who buys for its customer.

    A buyer sees and manages the seats of every house. Where another house has given some and somebody buys, the buyers
    choose each other: else any house could open another's seats by making its own people buyers.
    """
    others = select(Licence.id).where(Licence.municipality_id == municipality_id, ~within(scope))
    buys = select(Membership.id).where(
        Membership.municipality_id == municipality_id, Membership.role == Role.BUYER, Membership.ended_at.is_(None)
    )
    return session.scalar(others.limit(1)) is None or session.scalar(buys.limit(1)) is None


def licences_of(session: Session, scope: HouseScope, municipality_id: int) -> list[Licence]:
    """Return a customer's licences of the house's courses, those that end last first."""
    return list(
        session.scalars(
            select(Licence)
            .where(Licence.municipality_id == municipality_id, within(scope))
            .order_by(Licence.ends_on.desc(), Licence.id)
        )
    )


def seats_by_department(session: Session, scope: MunicipalityScope) -> dict[int, int]:
    """Return how many seats, invited and claimed, people of each department itself hold in the municipality."""
    return _counted(
        session,
        select(Seat.department_id, func.count())
        .join(Seat.licence)
        .where(Licence.municipality_id == scope.municipality_id, Seat.department_id.is_not(None))
        .group_by(Seat.department_id),
    )


def hanging_on(session: Session, scope: MunicipalityScope, department_id: int) -> Hanging:
    """Return what would lose its department if it were removed."""
    ours = Licence.municipality_id == scope.municipality_id
    seats = select(func.count()).select_from(Seat).join(Seat.licence).where(ours, Seat.department_id == department_id)
    requests = (
        select(func.count())
        .select_from(SeatRequest)
        .join(SeatRequest.licence)
        .where(ours, SeatRequest.department_id == department_id)
        .where(SeatRequest.state.in_((RequestState.ASKED, RequestState.WAITING)))
    )
    links = (
        select(func.count())
        .select_from(JoinLink)
        .join(JoinLink.licence)
        .join(Licence.municipality)
        .where(ours, JoinLink.department_id == department_id, JoinLink.closed_at.is_(None))
        .where(by_country(lambda today: and_(JoinLink.ends_on >= today, Licence.ends_on >= today)))
    )
    return Hanging(*(session.scalar(count) or 0 for count in (seats, requests, links)))


def _customers(scope: HouseScope) -> Select[Municipality]:
    licensed = select(Licence.municipality_id).where(within(scope))
    return select(Municipality).where(
        or_(Municipality.course_house_id == scope.course_house_id, Municipality.id.in_(licensed))
    )


def _counted(session: Session, found: Select[int | None, int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(found) if row[0] is not None}
