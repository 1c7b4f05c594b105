"""The requests for seats: what an answer writes. Rows are locked in one order: licence, request, seat."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.licensing.models import RequestState, SeatRequest

OPEN = (RequestState.ASKED, RequestState.WAITING)

ANSWERED = audit.kind("licensing.request.answered", "licence_id", "person_id", "state")


def answer(session: Session, request: SeatRequest, state: RequestState, *, by_id: int | None) -> None:
    """Say what has become of a locked request."""
    request.state, request.answered_at, request.answered_by_id = state, clock.now(), by_id
    _record(session, request, by_id=by_id)


def reopen(session: Session, request: SeatRequest, *, by_id: int) -> None:
    """Let a locked request that was given up stand where it stood; who undoes that has let it wait."""
    request.state = RequestState.WAITING if request.in_line_since else RequestState.ASKED
    request.answered_at, request.answered_by_id = None, by_id if request.in_line_since else None
    _record(session, request, by_id=by_id)


def is_any_open(session: Session, licence_id: int, person_ids: Collection[int]) -> bool:
    """Say whether any of some people asks for a seat of a licence, or waits for one."""
    return session.scalar(select(SeatRequest.id).where(*_open(licence_id, person_ids)).limit(1)) is not None


def close(session: Session, licence_id: int, person_ids: Collection[int], *, by_id: int | None) -> None:
    """Note that whoever of some people asked or waited has got a seat."""
    requests = select(SeatRequest).where(*_open(licence_id, person_ids)).order_by(SeatRequest.id)
    locked = requests.with_for_update(of=SeatRequest).execution_options(populate_existing=True)
    for request in session.scalars(locked).all():
        answer(session, request, RequestState.GIVEN, by_id=by_id)


def _record(session: Session, request: SeatRequest, *, by_id: int | None) -> None:
    session.flush()
    audit.record(
        session,
        ANSWERED,
        actor_id=by_id,
        municipality_id=request.licence.municipality_id,
        licence_id=request.licence_id,
        person_id=request.person_id,
        state=str(request.state),
    )


def _open(licence_id: int, person_ids: Collection[int]) -> list[ColumnElement[bool]]:
    return [
        SeatRequest.licence_id == licence_id,
        SeatRequest.person_id.in_(person_ids),
        SeatRequest.state.in_(OPEN),
    ]
