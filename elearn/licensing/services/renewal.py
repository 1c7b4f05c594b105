"""Renewing a licence without losing anyone: who is kept, and carrying them over into the next one."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from elearn.core import audit
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope
from elearn.licensing import seat_rows
from elearn.licensing.errors import LicenceEnded
from elearn.licensing.models import Licence, RenewalLeaver, Seat
from elearn.licensing.scoping import within
from elearn.licensing.seat_rows import Placing

CARRIED_OVER = audit.kind("licensing.licence.carried_over", "licence_id", "from_licence_id", "people")


def choose_leavers(session: Session, *, scope: OperatorScope, licence_id: int, person_ids: Iterable[int]) -> None:
    """Note who is not to be carried over from a licence; everybody else is. Raises `NotFound`."""
    _licence(session, scope, licence_id)
    holders = set(session.scalars(select(Seat.person_id).where(Seat.licence_id == licence_id)))
    session.execute(delete(RenewalLeaver).where(RenewalLeaver.licence_id == licence_id))
    session.add_all(
        RenewalLeaver(licence_id=licence_id, person_id=person_id) for person_id in set(person_ids) & holders
    )
    session.flush()


def carry_over(session: Session, *, scope: OperatorScope, from_licence_id: int, to_licence_id: int, by_id: int) -> int:
    """Give everybody who stays a claimed seat in another licence of the course, all of them or nobody; return how many.

    They need no new invitation: what they watched is theirs, and goes on. Again carries over only who has come since.
    Raises `NotFound`, `LicenceEnded`, `NotEnoughSeats`.
    """
    old, new = _licence(session, scope, from_licence_id), _licence(session, scope, to_licence_id)
    if new.id == old.id or (new.course_id, new.municipality_id) != (old.course_id, old.municipality_id):
        raise NotFound("no licence to carry over into")
    if new.has_ended:
        raise LicenceEnded
    seat_rows.lock_licence(session, new.id)
    staying = _staying(session, old.id, new.id)
    if not staying:
        return 0
    people = [(seat.person, Placing(seat.department_id, seat.sector)) for seat in staying if seat.person is not None]
    given = seat_rows.reserve_many(session, licence=new, people=people, holds_until=new.ends_on, by_id=by_id)
    for seat in seat_rows.lock_several(session, given.values()):
        seat_rows.claim(session, seat, by_id=by_id)
    audit.record(
        session,
        CARRIED_OVER,
        actor_id=by_id,
        municipality_id=new.municipality_id,
        course_house_id=new.course.course_house_id,
        licence_id=new.id,
        from_licence_id=old.id,
        people=len(given),
    )
    return len(given)


def _staying(session: Session, old_id: int, new_id: int) -> list[Seat]:
    """Return the claimed seats whose holders are to be carried over and have no seat in the new licence yet."""
    leaving = select(RenewalLeaver.person_id).where(RenewalLeaver.licence_id == old_id)
    there = select(Seat.person_id).where(Seat.licence_id == new_id, Seat.person_id.is_not(None))
    return list(
        session.scalars(
            select(Seat)
            .where(Seat.licence_id == old_id, Seat.claimed_at.is_not(None))
            .where(Seat.person_id.not_in(leaving), Seat.person_id.not_in(there))
            .options(joinedload(Seat.person))
            .order_by(Seat.id)
        )
    )


def _licence(session: Session, scope: OperatorScope, licence_id: int) -> Licence:
    licence = session.scalar(select(Licence).where(Licence.id == licence_id, within(scope)))
    if licence is None:
        raise NotFound("no such licence")
    return licence
