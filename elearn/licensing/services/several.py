"""Several seats of a licence at once, as a buyer ticks them: taking back, undoing, reminding.

Who is meant is given as seat -> holder, so that nobody who got a seat in the meantime is hit.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.errors import NotFound, TooManyAttempts
from elearn.core.limits import Limit, count_attempt
from elearn.core.scope import OperatorScope
from elearn.core.tokens import Tokens
from elearn.licensing import seat_rows
from elearn.licensing.errors import AlreadySeated, HandoversUsedUp, LicenceEnded, SeatNotHeld
from elearn.licensing.models import Licence, Seat, SeatChange, SeatState
from elearn.licensing.scoping import within
from elearn.licensing.services import seats as single
from elearn.licensing.services.reminders import remind

REMINDERS = Limit("licensing.remind", attempts=1, window_s=24 * 3600)
REMINDED = audit.kind("licensing.invitation.reminded", "licence_id", "seat_id", "person_id")


def take_back_several(
    session: Session, *, scope: OperatorScope, licence_id: int, holders: Mapping[int, int], by_id: int
) -> list[Seat]:
    """Free several seats, all of them or none. What their holders watched stays theirs.

    Raises `NotFound`, `SeatNotHeld` when one is no longer that person's, `HandoversUsedUp` when more of them have
    been used than may still change hands.
    """
    licence = _locked_licence(session, scope, licence_id)
    seats = _seats_of(session, licence, holders)
    if {seat.id: seat.person_id for seat in seats} != dict(holders):
        raise SeatNotHeld
    used = sum(seat.first_used_at is not None for seat in seats)
    if used and used > single.handovers_left(session, licence):
        raise HandoversUsedUp
    for seat in seats:
        seat_rows.empty(session, seat, SeatChange.RELEASED, by_id=by_id)
    single.serve_line_later(session, licence, delay=single.UNDO_LIFE)
    return seats


def undo_several(
    session: Session, *, scope: OperatorScope, licence_id: int, seat_ids: Iterable[int], by_id: int
) -> list[Seat]:
    """Give seats that were taken back within the last minutes to whoever had claimed them; return those.

    What cannot be undone any more is left as it is. Raises `NotFound`.
    """
    licence = _locked_licence(session, scope, licence_id)
    seats = [seat for seat in seat_rows.lock_several(session, seat_ids) if seat.licence_id == licence.id]
    restored = []
    for seat_id, holding in single.undoable_among(session, seats).items():
        seat = next(seat for seat in seats if seat.id == seat_id)
        try:
            single.restore(session, seat, holding, by_id=by_id)
        except (AlreadySeated, SeatNotHeld):
            continue
        restored.append(seat)
    return restored


def remind_several(
    session: Session,
    tokens: Tokens,
    *,
    scope: OperatorScope,
    licence_id: int,
    holders: Mapping[int, int],
    by_id: int,
) -> list[Seat]:
    """Mail a reminder to those whose invitation is open, at most one a day each; return their seats.

    Who wants no more reminders gets none. The link before is dead, the hold stays as it is. Raises `NotFound`,
    `LicenceEnded`.
    """
    licence = session.scalar(select(Licence).where(Licence.id == licence_id, within(scope)))
    if licence is None:
        raise NotFound("no such licence")
    if licence.has_ended:
        raise LicenceEnded
    reminded = []
    for seat in _seats_of(session, licence, holders):
        if seat.state is not SeatState.INVITED or holders[seat.id] != seat.person_id:
            continue
        if seat.wants_no_reminders:
            continue
        try:
            count_attempt(session, REMINDERS, f"{seat.id}:{seat.person_id}")
        except TooManyAttempts:
            continue
        remind(session, tokens, seat)
        audit.record(
            session,
            REMINDED,
            actor_id=by_id,
            municipality_id=licence.municipality_id,
            course_house_id=licence.course.course_house_id,
            licence_id=licence.id,
            seat_id=seat.id,
            person_id=seat.person_id,
        )
        reminded.append(seat)
    return reminded


def _locked_licence(session: Session, scope: OperatorScope, licence_id: int) -> Licence:
    licence = session.scalar(select(Licence).where(Licence.id == licence_id, within(scope)))
    if licence is None:
        raise NotFound("no such licence")
    seat_rows.lock_licence(session, licence.id)
    return licence


def _seats_of(session: Session, licence: Licence, holders: Mapping[int, int]) -> list[Seat]:
    return [seat for seat in seat_rows.lock_several(session, holders) if seat.licence_id == licence.id]
