"""Somebody leaves the municipality: from then on no rule asks them, and no free seat is offered to them."""

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.licensing.errors import StillSeated
from elearn.licensing.models import Licence, Seat, SeatRequest
from elearn.licensing.request_rows import OPEN
from elearn.licensing.scoping import within
from elearn.licensing.services.waiting_line import leave_line
from elearn.organisations.models import Municipality
from elearn.organisations.services import end_learning


def leave_municipality(session: Session, *, scope: MunicipalityScope, person_id: int, by_id: int) -> bool:
    """Note that a learner has left, and withdraw what they asked for; False when they are no learner there.

    What they watched and completed stays theirs. Raises `StillSeated` while they hold a seat of the municipality's.
    """
    if _holds_seat(session, scope, person_id):
        raise StillSeated
    asked = select(SeatRequest.id).join(SeatRequest.licence).where(within(scope))
    for request_id in session.scalars(
        asked.where(SeatRequest.person_id == person_id, SeatRequest.state.in_(OPEN))
    ).all():
        leave_line(session, scope=PersonScope(person_id), request_id=request_id)
    return end_learning(session, person_id=person_id, municipality_id=scope.municipality_id, by_id=by_id)


def _holds_seat(session: Session, scope: MunicipalityScope, person_id: int) -> bool:
    today = clock.today(session.get_one(Municipality, scope.municipality_id).country)
    held = exists().where(
        Seat.person_id == person_id,
        Seat.licence_id == Licence.id,
        within(scope),
        func.coalesce(Seat.valid_until, Licence.ends_on) >= today,
    )
    return bool(session.scalar(select(held)))
