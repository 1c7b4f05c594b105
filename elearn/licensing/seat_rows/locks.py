"""Seats, read to be changed: locked until the transaction ends, in one order: licence, seat, invitation."""

from collections.abc import Iterable

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from elearn.core.scope import OperatorScope
from elearn.licensing.models import Licence, Seat
from elearn.licensing.scoping import within


def lock_licence(session: Session, licence_id: int) -> None:
    """Lock a licence until the transaction ends; before any of its seats, always.

    Without its key: changing a seat twice in a transaction makes PostgreSQL look at the licence's key again, and
    whoever waits for that seat under a full lock would then wait for the one it blocks.
    """
    session.execute(select(Licence.id).where(Licence.id == licence_id).with_for_update(key_share=True))


def lock(session: Session, seat_id: int) -> Seat | None:
    """Return a seat as it is now, locked until the transaction ends, with its licence, course and municipality."""
    return session.scalar(_locked().where(Seat.id == seat_id))


def lock_within(session: Session, seat_id: int, scope: OperatorScope) -> Seat | None:
    """Return a seat that an operator manages as `lock` does, or None."""
    return session.scalar(_locked().where(Seat.id == seat_id, Seat.licence.has(within(scope))))


def lock_several(session: Session, seat_ids: Iterable[int]) -> list[Seat]:
    """Return seats as `lock` does, in the one order; those somebody else is changing are left out."""
    statement = _seats().with_for_update(of=Seat, skip_locked=True).where(Seat.id.in_(list(seat_ids)))
    return list(session.scalars(statement.order_by(Seat.id)))


def _locked() -> Select[Seat]:
    return _seats().with_for_update(of=Seat)


def _seats() -> Select[Seat]:
    return (
        select(Seat)
        .options(
            joinedload(Seat.licence).options(joinedload(Licence.course), joinedload(Licence.municipality)),
            joinedload(Seat.person),
        )
        .execution_options(populate_existing=True)
    )
