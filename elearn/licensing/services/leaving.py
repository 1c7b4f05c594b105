"""Somebody leaves the municipality: from then on no rule asks them, and no free seat is offered to them."""

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.db import insert
from elearn.core.scope import MunicipalityScope
from elearn.licensing.errors import StillSeated
from elearn.licensing.models import Licence, RenewalLeaver, RequestState, Seat, SeatRequest
from elearn.licensing.request_rows import OPEN, answer, is_any_open, reopen
from elearn.licensing.scoping import within
from elearn.licensing.waiting_lists import unseated
from elearn.organisations.models import Municipality
from elearn.organisations.services import end_learning, undo_end_of_learning


def leave_municipality(session: Session, *, scope: MunicipalityScope, person_id: int, by_id: int) -> bool:
    """Note that a learner has left, and withdraw what they asked for; False when they are no learner there.

    What they watched and completed stays theirs. Raises `StillSeated` while they hold a seat of the municipality's.
    """
    if _holds_seat(session, scope, person_id):
        raise StillSeated
    asked = select(SeatRequest).join(SeatRequest.licence).where(within(scope), SeatRequest.person_id == person_id)
    locked = asked.with_for_update(of=SeatRequest).execution_options(populate_existing=True)
    for request in session.scalars(locked.where(SeatRequest.state.in_(OPEN)).order_by(SeatRequest.id)).all():
        answer(session, request, RequestState.WITHDRAWN, by_id=by_id)
    if not end_learning(session, person_id=person_id, municipality_id=scope.municipality_id, by_id=by_id):
        return False
    _stay_behind(session, scope, person_id)
    return True


def undo_leaving(session: Session, *, municipality: Municipality, person_id: int, since: datetime, by_id: int) -> None:
    """Have somebody be a learner as before who was noted as having left since an instant, with their places in queues.

    Where they hold a seat or have asked anew meanwhile, there is nothing to wait for.
    """
    has_left = undo_end_of_learning(
        session, person_id=person_id, municipality_id=municipality.id, since=since, by_id=by_id
    )
    if not has_left:
        return
    given_up = (
        select(SeatRequest)
        .join(SeatRequest.licence)
        .where(SeatRequest.person_id == person_id, Licence.municipality_id == municipality.id)
        .where(SeatRequest.state == RequestState.WITHDRAWN, SeatRequest.answered_at >= since)
        .where(SeatRequest.answered_by_id != person_id, Licence.ends_on >= clock.today(municipality.country))
        .where(unseated())
        .order_by(SeatRequest.id)
        .with_for_update(of=SeatRequest)
        .execution_options(populate_existing=True)
    )
    for request in session.scalars(given_up).all():
        if not is_any_open(session, request.licence_id, [person_id]):
            reopen(session, request, by_id=by_id)


def _stay_behind(session: Session, scope: MunicipalityScope, person_id: int) -> None:
    """Have nobody carry somebody over from licences that have ended, unless the buyer chooses so."""
    held = select(Seat.licence_id).join(Seat.licence).where(within(scope), Seat.person_id == person_id)
    for licence_id in session.scalars(held).all():
        leaver = insert(session, RenewalLeaver).values(licence_id=licence_id, person_id=person_id)
        session.execute(leaver.on_conflict_do_nothing())


def _holds_seat(session: Session, scope: MunicipalityScope, person_id: int) -> bool:
    today = clock.today(session.get_one(Municipality, scope.municipality_id).country)
    held = exists().where(
        Seat.person_id == person_id,
        Seat.licence_id == Licence.id,
        within(scope),
        func.coalesce(Seat.valid_until, Licence.ends_on) >= today,
    )
    return bool(session.scalar(select(held)))
