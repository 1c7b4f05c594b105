"""The uses of discount codes. Nobody else writes `discount_codes.used` or an order's place; a test looks for it.

A use is taken by one guarded UPDATE, and given back when its order is refused or cancelled, which happens once. The
campaign's place is the order's own column under a unique index. Locks in order: order, licence, code.
"""

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.billing.errors import CodeUsedUp, PlaceTaken
from elearn.billing.models import CampaignPlace, DiscountCode, Order


def take(session: Session, *, order: Order, code: DiscountCode, place: CampaignPlace | None) -> None:
    """Let an order hold a use of a code, and its campaign's place. Raises `CodeUsedUp`, `PlaceTaken`."""
    taken = session.scalar(
        update(DiscountCode)
        .where(DiscountCode.id == code.id, or_(DiscountCode.max_uses.is_(None), _is_left()))
        .values(used=DiscountCode.used + 1)
        .returning(DiscountCode.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        raise CodeUsedUp
    if place is None:
        return
    try:
        with session.begin_nested():
            order.campaign_place_id = place.id
            session.flush()
    except IntegrityError:
        raise PlaceTaken(place.name) from None


def give_back(session: Session, *, order: Order) -> None:
    """Give back the use of an order that has just been closed; its place is free by that already."""
    if order.discount_code_id is not None and order.confirmed_at is not None:
        session.execute(
            update(DiscountCode)
            .where(DiscountCode.id == order.discount_code_id)
            .values(used=DiscountCode.used - 1)
            .execution_options(synchronize_session=False)
        )


def is_taken(session: Session, place_id: int) -> bool:
    """Say whether a municipality has a campaign's place already."""
    held = select(Order.id).where(
        Order.campaign_place_id == place_id, Order.cancelled_at.is_(None), Order.refused_at.is_(None)
    )
    return session.scalar(held.limit(1)) is not None


def _is_left() -> ColumnElement[bool]:
    return DiscountCode.used < DiscountCode.max_uses
