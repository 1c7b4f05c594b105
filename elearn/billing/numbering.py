"""Numbers of invoices and credit notes: one series for each seller, without gaps, also when many are issued at once."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.billing.errors import NumbersGivenOut, SellerIncomplete
from elearn.billing.models import Seller
from elearn.core import audit

LEFT_OUT = audit.kind("billing.series.left_out", "first", "last")


def take(session: Session, *, house_id: int) -> tuple[int, str]:
    """Return the next serial and its written number.

    The seller's row stays locked until the transaction ends; when that rolls back, the number was never taken. The
    lock comes last: after the order and its licence. Raises `SellerIncomplete`.
    """
    taken = session.execute(
        update(Seller)
        .where(Seller.course_house_id == house_id)
        .values(next_serial=Seller.next_serial + 1)
        .returning(Seller.next_serial - 1, Seller.serial_prefix)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        raise SellerIncomplete
    return taken[0], written(taken[1], taken[0])


def leave_out(session: Session, *, house_id: int, following: int, last: int) -> None:
    """Go on after `last`: the numbers from `following` were given out before an older backup was put back.

    Their papers are in the world already; the trail says why the series has a gap here. Raises `NumbersGivenOut` when
    `following` is not the next number.
    """
    moved = session.scalar(
        update(Seller)
        .where(Seller.course_house_id == house_id, Seller.next_serial == following, Seller.next_serial <= last)
        .values(next_serial=last + 1)
        .returning(Seller.next_serial)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise NumbersGivenOut
    audit.record(session, LEFT_OUT, actor_id=None, course_house_id=house_id, first=following, last=last)


def following(session: Session) -> list[tuple[str, str]]:
    """Return the short name of each house that sells, and the number that its next paper gets."""
    sellers = session.scalars(select(Seller).order_by(Seller.course_house_id))
    return [(each.course_house.slug, written(each.serial_prefix, each.next_serial)) for each in sellers]


def written(prefix: str, serial: int) -> str:
    """Return a serial as papers say it."""
    return f"{prefix}{serial}"
