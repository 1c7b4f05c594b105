"""Renewing a licence without losing anyone: who is kept, and carrying them over into the next one."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.core import audit
from elearn.core.errors import NotFound
from elearn.core.scope import OperatorScope
from elearn.licensing import renewals, seat_rows
from elearn.licensing.errors import LicenceEnded
from elearn.licensing.models import Licence, RenewalLeaver, Seat
from elearn.licensing.scoping import within
from elearn.licensing.seat_rows import Placing
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import add_member

CARRIED_OVER = audit.kind("licensing.licence.carried_over", "licence_id", "from_licence_id", "people")
LEAVERS_CHOSEN = audit.kind("licensing.licence.leavers_chosen", "licence_id", "leaving")


def choose_leavers(
    session: Session,
    *,
    scope: OperatorScope,
    licence_id: int,
    person_ids: Iterable[int],
    among: Iterable[int],
    by_id: int,
) -> None:
    """Note who, `among` some people, is not to be carried over from a licence; everybody else stays as chosen before.

    Only who holds a seat counts. Raises `NotFound`.
    """
    licence = _licence(session, scope, licence_id)
    seat_rows.lock_licence(session, licence.id)  # two presses at once would both write down the same person
    shown, leaving = set(among), set(person_ids)
    holders = set(
        session.scalars(select(Seat.person_id).where(Seat.licence_id == licence_id, Seat.person_id.in_(shown)))
    )
    session.execute(
        delete(RenewalLeaver).where(RenewalLeaver.licence_id == licence_id, RenewalLeaver.person_id.in_(shown))
    )
    session.add_all(
        RenewalLeaver(licence_id=licence_id, person_id=person_id) for person_id in sorted(leaving & shown & holders)
    )
    session.flush()
    audit.record(
        session,
        LEAVERS_CHOSEN,
        actor_id=by_id,
        municipality_id=licence.municipality_id,
        course_house_id=licence.course.course_house_id,
        licence_id=licence_id,
        leaving=len(leaving & shown & holders),
    )


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
    try:
        with session.begin_nested():
            given = _give_seats(session, old, new, by_id=by_id)
    except IntegrityError:  # one of them was invited in the same moment, and has that seat now
        given = _give_seats(session, old, new, by_id=by_id)
    if not given:
        return 0
    audit.record(
        session,
        CARRIED_OVER,
        actor_id=by_id,
        municipality_id=new.municipality_id,
        course_house_id=new.course.course_house_id,
        licence_id=new.id,
        from_licence_id=old.id,
        people=given,
    )
    return given


def _give_seats(session: Session, old: Licence, new: Licence, *, by_id: int) -> int:
    """Give everybody who stays and has no seat of the new licence one; return how many."""
    staying = session.scalars(renewals.staying(old.id, new.id).options(joinedload(Seat.person)).order_by(Seat.id)).all()
    people = [(seat.person, Placing(seat.department_id, seat.sector)) for seat in staying if seat.person is not None]
    if not people:
        return 0
    seat_rows.reserve_many(
        session,
        licence=new,
        people=[(person.id, person.name, placing) for person, placing in people],
        holds_until=None,
        by_id=by_id,
    )
    _join(session, new, people, by_id=by_id)
    return len(people)


def _join(session: Session, licence: Licence, people: list[tuple[Person, Placing]], *, by_id: int) -> None:
    """Make learners of those few who are none any more."""
    members = set(
        session.scalars(
            select(Membership.person_id).where(
                Membership.municipality_id == licence.municipality_id,
                Membership.role == Role.LEARNER,
                Membership.ended_at.is_(None),
            )
        )
    )
    for person, placing in people:
        if person.id not in members:
            add_member(
                session,
                person=person,
                municipality=licence.municipality,
                role=Role.LEARNER,
                by_id=by_id,
                sector=placing.sector,
                department_id=placing.department_id,
            )


def _licence(session: Session, scope: OperatorScope, licence_id: int) -> Licence:
    licence = session.scalar(select(Licence).where(Licence.id == licence_id, within(scope)))
    if licence is None:
        raise NotFound("no such licence")
    return licence
