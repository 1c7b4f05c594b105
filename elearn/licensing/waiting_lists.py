"""Who asks for a seat and who waits in line for one, as the buyer sees them and as they see themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope, PersonScope
from elearn.licensing.models import FREE, Licence, LicenceWarning, RequestState, Seat, SeatRequest
from elearn.licensing.queries import by_country
from elearn.licensing.scoping import within
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.models import Membership, Municipality, Role

REFUSAL_SHOWN = timedelta(days=30)
TOLD_OF_REQUESTS = "requests"
"""The `LicenceWarning` that says when the buyers were last told how many ask."""


@dataclass(frozen=True)
class WaitingCounts:
    """How many would like a seat of a licence."""

    asked: int = 0
    """Who waits for the buyer's answer."""
    waiting: int = 0
    """Who stands in line for a seat."""


@dataclass(frozen=True)
class OwnRequest:
    """A request as its person sees it."""

    request: SeatRequest
    number: int | None
    """The place in line, counted from 1; None while not in line."""


@dataclass(frozen=True)
class Asked:
    """What a municipality's buyers have to answer."""

    municipality: Municipality
    buyers: list[Person]
    licence_ids: list[int]
    number: int
    """How many ask, in all these licences."""


def waiting_counts(session: Session, scope: OperatorScope, licence_ids: list[int]) -> dict[int, WaitingCounts]:
    """Return how many ask and wait, for each of some licences of the operator's."""
    is_asked = case((SeatRequest.state == RequestState.ASKED, 1), else_=0)
    rows = session.execute(
        select(SeatRequest.licence_id, func.sum(is_asked), func.sum(1 - is_asked))
        .join(SeatRequest.licence)
        .where(within(scope), SeatRequest.licence_id.in_(licence_ids), _is_open(), unseated())
        .group_by(SeatRequest.licence_id)
    )
    found = {row[0]: WaitingCounts(row[1], row[2]) for row in rows}
    return {licence_id: found.get(licence_id, WaitingCounts()) for licence_id in licence_ids}


def askers(session: Session, scope: OperatorScope, licence_id: int) -> Page[SeatRequest]:
    """Return who asks for a seat of a licence, who has asked longest first; answering brings the next ones up."""
    return _page(session, scope, licence_id, RequestState.ASKED, 1)


def line(session: Session, scope: OperatorScope, licence_id: int, *, number: int = 1) -> Page[SeatRequest]:
    """Return who stands in line for a seat of a licence, in order."""
    return _page(session, scope, licence_id, RequestState.WAITING, number)


def ticked(session: Session, scope: OperatorScope, licence_id: int, request_ids: list[int]) -> list[int]:
    """Return which of some requests are a licence's own, who has asked longest first."""
    mine = select(SeatRequest.id).join(SeatRequest.licence).where(within(scope), SeatRequest.licence_id == licence_id)
    chosen = mine.where(SeatRequest.id.in_(request_ids))
    return list(session.scalars(chosen.order_by(SeatRequest.asked_at, SeatRequest.id)))


def place_in_line(session: Session, request: SeatRequest) -> int:
    """Return which number somebody in line is, counted from 1."""
    ahead = tuple_(SeatRequest.in_line_since, SeatRequest.id) < tuple_(request.in_line_since, request.id)
    counted = (
        select(func.count())
        .select_from(SeatRequest)
        .where(SeatRequest.licence_id == request.licence_id, SeatRequest.state == RequestState.WAITING)
        .where(ahead, unseated())
    )
    return (session.scalar(counted) or 0) + 1


def requests_of(session: Session, scope: PersonScope) -> list[OwnRequest]:
    """Return what a person has asked for: what is open, and what was declined within the last 30 days."""
    declined = and_(SeatRequest.state == RequestState.DECLINED, SeatRequest.answered_at > clock.now() - REFUSAL_SHOWN)
    found = session.scalars(
        select(SeatRequest)
        .join(SeatRequest.licence)
        .join(Licence.municipality)
        .where(SeatRequest.person_id == scope.person_id, or_(_is_open(), declined), unseated(), not_ended())
        .options(joinedload(SeatRequest.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)))
        .order_by(SeatRequest.id.desc())
    ).all()
    newest = {request.licence_id: request for request in reversed(found)}  # asked again after a refusal
    return [
        OwnRequest(request, place_in_line(session, request) if request.state == RequestState.WAITING else None)
        for request in newest.values()
    ]


def askable_licences(session: Session, scope: PersonScope) -> list[Licence]:
    """Return the licences a person may ask a seat of: one per course and municipality, the one that lasts longest.

    Those of the municipalities they belong to that have not ended and have a buyer who can answer, in courses in
    which they have neither a seat nor a request. One that runs goes before one that is bought in advance.
    """
    belongs = _membership(scope.person_id)
    has_buyer = _membership(None, Role.BUYER)
    seated = (
        select(Licence.course_id)
        .join(Seat, Seat.licence_id == Licence.id)
        .join(Licence.municipality)
        .where(Seat.person_id == scope.person_id, not_ended())
    )
    asked = (
        select(Licence.course_id)
        .join(SeatRequest, SeatRequest.licence_id == Licence.id)
        .join(Licence.municipality)
        .where(SeatRequest.person_id == scope.person_id, _is_open(), not_ended())
    )
    found = session.scalars(
        select(Licence)
        .join(Licence.municipality)
        .where(belongs, has_buyer, not_ended())
        .where(Licence.course_id.not_in(seated), Licence.course_id.not_in(asked))
        .options(joinedload(Licence.course), joinedload(Licence.municipality))
        .order_by(by_country(lambda today: Licence.starts_on <= today), Licence.ends_on, Licence.id)
    )
    lasting = {(licence.course_id, licence.municipality_id): licence for licence in found}
    return list(lasting.values())


def askable_licence(session: Session, scope: PersonScope, licence_id: int) -> Licence:
    """Return a licence that a person may ask a seat of. Raises `NotFound`."""
    found = next((each for each in askable_licences(session, scope) if each.id == licence_id), None)
    if found is None:
        raise NotFound("no such licence")
    return found


def lines_to_serve(session: Session) -> list[int]:
    """Return the licences with a free seat and somebody in line for it; for the product's own rounds."""
    waits = exists().where(SeatRequest.licence_id == Licence.id, SeatRequest.state == RequestState.WAITING)
    is_free = exists().where(Seat.licence_id == Licence.id, FREE)
    return list(
        session.scalars(
            select(Licence.id)
            .join(Licence.municipality)
            .where(Licence.has_waiting_line, waits, is_free, not_ended())
            .order_by(Licence.id)
        )
    )


def requests_to_tell(session: Session, *, told_before: datetime) -> list[Asked]:
    """Return the municipalities in which somebody has asked since the buyers were told, unless that was lately."""
    asking = (
        select(Licence.municipality_id, Licence.id, func.count(), func.max(SeatRequest.asked_at))
        .join(SeatRequest, SeatRequest.licence_id == Licence.id)
        .join(Licence.municipality)
        .where(SeatRequest.state == RequestState.ASKED, unseated(), not_ended())
        .group_by(Licence.municipality_id, Licence.id)
        .order_by(Licence.municipality_id, Licence.id)
    )
    telling = (
        select(Licence.municipality_id, func.max(LicenceWarning.at))
        .join(LicenceWarning, LicenceWarning.licence_id == Licence.id)
        .where(LicenceWarning.what == TOLD_OF_REQUESTS)
        .group_by(Licence.municipality_id)
    )
    told = {row[0]: row[1] for row in session.execute(telling)}
    by_municipality: dict[int, list[tuple[int, int, datetime]]] = {}
    for municipality_id, licence_id, number, newest in session.execute(asking):
        by_municipality.setdefault(municipality_id, []).append((licence_id, number, newest))
    return [
        Asked(
            session.get_one(Municipality, municipality_id),
            _buyers(session, municipality_id),
            [row[0] for row in rows],
            sum(row[1] for row in rows),
        )
        for municipality_id, rows in by_municipality.items()
        if (last := told.get(municipality_id)) is None or (last <= told_before and max(row[2] for row in rows) > last)
    ]


def unseated() -> ColumnElement[bool]:
    """Whoever has got a seat of the licence another way meanwhile asks and waits no more."""
    return ~exists().where(Seat.licence_id == SeatRequest.licence_id, Seat.person_id == SeatRequest.person_id)


def not_ended() -> ColumnElement[bool]:
    """The licence's last day has not passed, where the municipality is; the statement joins it."""
    return by_country(lambda today: Licence.ends_on >= today)


def _is_open() -> ColumnElement[bool]:
    return SeatRequest.state.in_([RequestState.ASKED, RequestState.WAITING])


def _buyers(session: Session, municipality_id: int) -> list[Person]:
    found = select(Person).join(Membership, Membership.person_id == Person.id).where(Membership.ended_at.is_(None))
    mine = found.where(Membership.municipality_id == municipality_id, Membership.role == Role.BUYER)
    return list(session.scalars(mine.options(selectinload(Person.addresses)).order_by(Person.id)))


def _membership(person_id: int | None, role: Role | None = None) -> ColumnElement[bool]:
    found = exists().where(
        Membership.municipality_id == Licence.municipality_id,
        Membership.ended_at.is_(None),
    )
    if person_id is not None:
        found = found.where(Membership.person_id == person_id)
    return found if role is None else found.where(Membership.role == role)


def _page(
    session: Session, scope: OperatorScope, licence_id: int, state: RequestState, number: int
) -> Page[SeatRequest]:
    found = _requests(scope).where(SeatRequest.licence_id == licence_id, SeatRequest.state == state, unseated())
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    by = SeatRequest.asked_at if state is RequestState.ASKED else SeatRequest.in_line_since
    shown = found.order_by(by, SeatRequest.id).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return Page(list(session.scalars(shown)), total, number)


def _requests(scope: OperatorScope) -> Select[SeatRequest]:
    return (
        select(SeatRequest)
        .join(SeatRequest.licence)
        .where(within(scope))
        .options(
            joinedload(SeatRequest.person).selectinload(Person.addresses),
            joinedload(SeatRequest.department),
            selectinload(SeatRequest.licence),
        )
    )
