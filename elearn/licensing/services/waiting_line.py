"""Asking for a seat, and waiting in line while none is free.

Who asks waits for the buyer; who is approved, or joins by a link when no seat is left, stands in line. A seat that
becomes free goes to whoever has stood longest, by an invitation.
"""

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person_surely
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, OperatorScope, PersonScope
from elearn.core.tokens import Tokens
from elearn.licensing import seat_rows
from elearn.licensing.errors import AlreadySeated, LicenceEnded, NoFreeSeat
from elearn.licensing.models import Licence, RequestState, Seat, SeatRequest
from elearn.licensing.scoping import within
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import seats as seat_services

OPEN = (RequestState.ASKED, RequestState.WAITING)

ASKED = audit.kind("licensing.request.asked", "licence_id", "person_id")
ANSWERED = audit.kind("licensing.request.answered", "licence_id", "person_id", "state")


def ask_for_seat(session: Session, scope: PersonScope, *, licence: Licence, placing: Placing) -> SeatRequest:
    """Ask a licence's buyer for a seat; asking again changes nothing.

    The caller has checked that the person may know of the licence. Raises `AlreadySeated`, `LicenceEnded`.
    """
    return _request(session, scope.person_id, licence, placing, RequestState.ASKED)


def join_line(session: Session, *, person: Person, licence: Licence, placing: Placing) -> SeatRequest:
    """Stand in line for the next free seat; again changes nothing. Raises `AlreadySeated`, `LicenceEnded`."""
    return _request(session, person.id, licence, placing, RequestState.WAITING)


def put_in_line(
    session: Session,
    *,
    licence: Licence,
    address: str,
    name: str,
    language: str,
    department_id: int | None,
    sector: str | None,
    by_id: int,
) -> int:
    """Let somebody wait for the next free seat on a buyer's word, and return their number in line.

    Raises `NotAnAddress`, `AlreadySeated`, `LicenceEnded`.
    """
    person, _email = find_or_add_person_surely(session, address=address, name=name, language=language)
    placing = Placing(department_id, sector or None)
    request = _request(session, person.id, licence, placing, RequestState.WAITING)
    request.in_line_since = request.in_line_since or clock.now()
    if request.state == RequestState.ASKED or request.answered_by_id is None:
        _answer(session, request, RequestState.WAITING, by_id=by_id)
    ahead = (
        _line(licence.id)
        .order_by(None)
        .where(
            or_(
                SeatRequest.in_line_since < request.in_line_since,
                and_(SeatRequest.in_line_since == request.in_line_since, SeatRequest.id <= request.id),
            )
        )
    )
    return session.scalar(select(func.count()).select_from(ahead.subquery())) or 1


def answer_request(
    session: Session, tokens: Tokens, *, scope: OperatorScope, request_id: int, approve: bool, by_id: int
) -> SeatRequest:
    """Approve a request, so that the person gets a seat or stands in line; or decline it.

    Answering again changes nothing. Raises `NotFound`.
    """
    request = session.scalar(
        select(SeatRequest)
        .join(SeatRequest.licence)
        .where(SeatRequest.id == request_id, within(scope))
        .with_for_update(of=SeatRequest)
    )
    if request is None:
        raise NotFound("no such request")
    if request.state != RequestState.ASKED:
        return request
    _answer(session, request, RequestState.WAITING if approve else RequestState.DECLINED, by_id=by_id)
    if approve:
        request.in_line_since = clock.now()
        session.flush()
        serve_line(session, tokens, licence_id=request.licence_id)
    return request


def leave_line(session: Session, *, scope: PersonScope | MunicipalityScope, request_id: int) -> None:
    """Withdraw a request: one's own, or as a buyer anybody's. Again changes nothing. Raises `NotFound`."""
    mine = (
        SeatRequest.person_id == scope.person_id
        if isinstance(scope, PersonScope)
        else SeatRequest.licence.has(within(scope))
    )
    request = session.scalar(select(SeatRequest).where(SeatRequest.id == request_id, mine).with_for_update())
    if request is None:
        raise NotFound("no such request")
    if request.state in OPEN:
        _answer(session, request, RequestState.WITHDRAWN, by_id=scope.person_id)


def serve_line(session: Session, tokens: Tokens, *, licence_id: int) -> int:
    """Invite those who stand first in line to the seats that are free; return how many.

    A seat that was taken back within the last minutes can still be given back to its holder, so it is left alone.
    """
    seat_rows.lock_licence(session, licence_id)
    licence = session.get_one(Licence, licence_id)
    if licence.has_ended or not licence.has_waiting_line:
        return 0
    served = 0
    for request in session.scalars(_line(licence_id).with_for_update()):
        try:
            seat_services.give_seat(
                session,
                tokens,
                licence=licence,
                person=request.person,
                placing=Placing(request.department_id, request.sector),
                by_id=request.answered_by_id,
                leave_undoable=True,
            )
        except NoFreeSeat:
            break
        except AlreadySeated:
            pass
        _answer(session, request, RequestState.GIVEN, by_id=request.answered_by_id)
        served += 1
    return served


def _request(session: Session, person_id: int, licence: Licence, placing: Placing, state: RequestState) -> SeatRequest:
    if licence.has_ended:
        raise LicenceEnded
    if session.scalar(select(Seat.id).where(Seat.licence_id == licence.id, Seat.person_id == person_id)) is not None:
        raise AlreadySeated
    open_one = select(SeatRequest).where(
        SeatRequest.licence_id == licence.id, SeatRequest.person_id == person_id, SeatRequest.state.in_(OPEN)
    )
    known = session.scalar(open_one)
    if known is not None:
        return known
    now = clock.now()
    request = SeatRequest(
        licence_id=licence.id,
        person_id=person_id,
        department_id=placing.department_id,
        sector=placing.sector,
        state=state,
        asked_at=now,
        in_line_since=now if state is RequestState.WAITING else None,
    )
    try:
        with session.begin_nested():
            session.add(request)
    except IntegrityError:  # a double click: the other press made it
        return session.scalars(open_one).one()
    audit.record(
        session,
        ASKED,
        actor_id=person_id,
        municipality_id=licence.municipality_id,
        licence_id=licence.id,
        person_id=person_id,
    )
    return request


def _line(licence_id: int) -> Select[SeatRequest]:
    return (
        select(SeatRequest)
        .where(SeatRequest.licence_id == licence_id, SeatRequest.state == RequestState.WAITING)
        .order_by(SeatRequest.in_line_since, SeatRequest.id)
    )


def _answer(session: Session, request: SeatRequest, state: RequestState, *, by_id: int | None) -> None:
    request.state, request.answered_at, request.answered_by_id = state, clock.now(), by_id
    session.flush()
    audit.record(
        session,
        ANSWERED,
        actor_id=by_id,
        municipality_id=request.licence.municipality_id,
        licence_id=request.licence_id,
        person_id=request.person_id,
        state=str(state),
    )
