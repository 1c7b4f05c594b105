"""Asking for a seat, and waiting in line while none is free.

Who asks waits for the buyer; who is approved, or joins by a link when no seat is left, stands in line. A seat that
becomes free goes to whoever has stood longest, by an invitation. Rows are locked in one order: licence, then request.
"""

from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person_surely
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope, PersonScope
from elearn.core.tokens import Tokens
from elearn.jobs.queue import enqueue
from elearn.licensing import emails, seat_rows
from elearn.licensing.errors import AlreadySeated, LicenceEnded, NoFreeSeat, NoWaitingLine
from elearn.licensing.models import Licence, LicenceWarning, RequestState, Seat, SeatRequest
from elearn.licensing.request_rows import OPEN, answer
from elearn.licensing.scoping import within
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services.invitations import give_seat
from elearn.licensing.waiting_lists import (
    TOLD_OF_REQUESTS,
    Asked,
    lines_to_serve,
    place_in_line,
    requests_to_tell,
)

TELL_AT_MOST_EVERY = timedelta(days=1)

ASKED = audit.kind("licensing.request.asked", "licence_id", "person_id")


def ask_for_seat(session: Session, scope: PersonScope, *, licence: Licence, placing: Placing) -> SeatRequest:
    """Ask a licence's buyer for a seat; asking again changes nothing.

    The caller has checked that the person may know of the licence. Raises `AlreadySeated`, `LicenceEnded`.
    """
    return _request(session, scope.person_id, licence, placing, RequestState.ASKED, by_id=scope.person_id)


def join_line(session: Session, *, person: Person, licence: Licence, placing: Placing) -> SeatRequest:
    """Stand in line for the next free seat, and get a letter that says so; again changes nothing.

    Who had only asked before stands in line from now on. Raises `AlreadySeated`, `LicenceEnded`, and `NoWaitingLine`
    when the licence has none.
    """
    if not licence.has_waiting_line:
        raise NoWaitingLine
    request = _request(session, person.id, licence, placing, RequestState.WAITING, by_id=person.id)
    if request.state == RequestState.ASKED:
        request.state, request.in_line_since = RequestState.WAITING, clock.now()
        session.flush()
    emails.in_line(session, request=request, number=place_in_line(session, request))
    serve_line_soon(session, licence.id)
    return request


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

    No letter goes out before a seat is free. Raises `NotAnAddress`, `AlreadySeated`, `LicenceEnded`.
    """
    person, _email = find_or_add_person_surely(session, address=address, name=name, language=language)
    placing = Placing(department_id, sector or None)
    request = _request(session, person.id, licence, placing, RequestState.WAITING, by_id=by_id)
    request.in_line_since = request.in_line_since or clock.now()
    if request.state == RequestState.ASKED or request.answered_by_id is None:
        answer(session, request, RequestState.WAITING, by_id=by_id)
    serve_line_soon(session, licence.id)
    return place_in_line(session, request)


def answer_request(
    session: Session,
    tokens: Tokens,
    *,
    scope: OperatorScope,
    request_id: int,
    approve: bool,
    by_id: int,
    reason: str | None = None,
) -> SeatRequest:
    """Approve a request, so that the person gets a seat or stands in line; or decline it, also one in line.

    Whoever is declined gets a letter, with the buyer's reason if there is one. Answering again changes nothing.
    Raises `NotFound`, `LicenceEnded` when there is nothing left to approve, and `NoFreeSeat` when a seat is neither
    free nor waited for: then nothing has changed.
    """
    licence_id = session.scalar(
        select(SeatRequest.licence_id).join(SeatRequest.licence).where(SeatRequest.id == request_id, within(scope))
    )
    if licence_id is None:
        raise NotFound("no such request")
    seat_rows.lock_licence(session, licence_id)
    request = session.scalars(_locked().where(SeatRequest.id == request_id)).one()
    if not approve:
        if request.state in OPEN:
            answer(session, request, RequestState.DECLINED, by_id=by_id)
            emails.request_declined(session, request=request, by=session.get_one(Person, by_id), reason=reason)
    elif request.licence.has_ended:
        raise LicenceEnded
    elif request.state == RequestState.ASKED:
        _approve(session, tokens, request, by_id=by_id)
    return request


def leave_line(session: Session, *, scope: PersonScope, request_id: int) -> None:
    """Withdraw one's own request. Again changes nothing. Raises `NotFound`."""
    request = session.scalar(_locked().where(SeatRequest.id == request_id, SeatRequest.person_id == scope.person_id))
    if request is None:
        raise NotFound("no such request")
    if request.state in OPEN:
        answer(session, request, RequestState.WITHDRAWN, by_id=scope.person_id)


def serve_line(session: Session, tokens: Tokens, *, licence_id: int) -> int:
    """Invite those who stand first in line to the seats that are free; return how many.

    A seat that was taken back within the last minutes can still be given back to its holder, so it is left alone.
    """
    seat_rows.lock_licence(session, licence_id)
    licence = session.get_one(Licence, licence_id, populate_existing=True)
    if licence.has_ended or not licence.has_waiting_line:
        return 0
    served = 0
    for request in session.scalars(_line(licence_id)):
        try:
            _give(session, tokens, request, by_id=request.answered_by_id, leave_undoable=True)
        except NoFreeSeat:
            break
        served += 1
    return served


def serve_line_soon(session: Session, licence_id: int) -> None:
    """Have the line served after the commit: whoever frees a seat meanwhile may not have seen who stands in it."""
    enqueue(session, "licensing.serve_line", licence_id=licence_id)


def serve_lines(session: Session) -> int:
    """Have every line served whose licence has a free seat, whatever was lost; return how many."""
    waiting = lines_to_serve(session)
    for licence_id in waiting:
        serve_line_soon(session, licence_id)
    return len(waiting)


def tell_of_requests(session: Session) -> int:
    """Write to the buyers of every municipality in which somebody has asked, at most once a day; return to how many.

    Where there is no buyer nobody has been told: whoever becomes one hears.
    """
    now, told = clock.now(), 0
    for asked in requests_to_tell(session, told_before=now - TELL_AT_MOST_EVERY):
        for buyer in asked.buyers:
            emails.requests_waiting(session, buyer=buyer, asked=asked)
        told += len(asked.buyers)
        if asked.buyers:
            _note_told(session, asked)
    return told


def _note_told(session: Session, asked: Asked) -> None:
    for licence_id in asked.licence_ids:
        note = insert(session, LicenceWarning).values(licence_id=licence_id, what=TOLD_OF_REQUESTS, at=clock.now())
        again = note.on_conflict_do_update(index_elements=["licence_id", "what"], set_={"at": clock.now()})
        session.execute(again)


def _approve(session: Session, tokens: Tokens, request: SeatRequest, *, by_id: int) -> None:
    if not request.licence.has_waiting_line:
        _give(session, tokens, request, by_id=by_id)
        return
    request.in_line_since = clock.now()
    answer(session, request, RequestState.WAITING, by_id=by_id)
    serve_line(session, tokens, licence_id=request.licence_id)
    if request.state == RequestState.WAITING:
        emails.in_line(session, request=request, number=place_in_line(session, request))


def _give(
    session: Session, tokens: Tokens, request: SeatRequest, *, by_id: int | None, leave_undoable: bool = False
) -> None:
    """Invite whoever asked or waits; who has a seat already is content. Raises `NoFreeSeat`."""
    try:
        give_seat(
            session,
            tokens,
            licence=request.licence,
            person=request.person,
            placing=Placing(request.department_id, request.sector),
            by_id=by_id,
            leave_undoable=leave_undoable,
        )
    except AlreadySeated:
        answer(session, request, RequestState.GIVEN, by_id=by_id)


def _request(
    session: Session, person_id: int, licence: Licence, placing: Placing, state: RequestState, *, by_id: int
) -> SeatRequest:
    if licence.has_ended:
        raise LicenceEnded
    if session.scalar(select(Seat.id).where(Seat.licence_id == licence.id, Seat.person_id == person_id)) is not None:
        raise AlreadySeated
    known = session.scalar(_open_request(licence.id, person_id))
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
        return session.scalars(_open_request(licence.id, person_id)).one()
    audit.record(
        session,
        ASKED,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        licence_id=licence.id,
        person_id=person_id,
    )
    return request


def _open_request(licence_id: int, person_id: int) -> Select[SeatRequest]:
    return select(SeatRequest).where(
        SeatRequest.licence_id == licence_id, SeatRequest.person_id == person_id, SeatRequest.state.in_(OPEN)
    )


def _line(licence_id: int) -> Select[SeatRequest]:
    return (
        _locked()
        .where(SeatRequest.licence_id == licence_id, SeatRequest.state == RequestState.WAITING)
        .order_by(SeatRequest.in_line_since, SeatRequest.id)
    )


def _locked() -> Select[SeatRequest]:
    return select(SeatRequest).with_for_update(of=SeatRequest).execution_options(populate_existing=True)
