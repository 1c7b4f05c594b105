"""Numbers of invoices and credit notes: one series for each seller, without gaps, also when many are issued at once."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from elearn.billing.errors import SellerIncomplete
from elearn.billing.models import Seller


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


def written(prefix: str, serial: int) -> str:
    """Return a serial as papers say it."""
    return f"{prefix}{serial}"
