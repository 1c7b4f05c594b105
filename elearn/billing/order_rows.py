"""Order rows: reading one to change it, closing it, and what the trail says of it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.billing import code_uses
from elearn.billing.models import Checkout, Invoice, InvoiceKind, Order
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope, MunicipalityScope
from elearn.jobs.queue import enqueue

CANCELLED = audit.kind("billing.order.cancelled", "order_id", "reason")


def lock_order(session: Session, scope: HouseScope | MunicipalityScope, order_id: int) -> Order:
    """Return an order within a scope, locked until the transaction ends. Raises `NotFound`."""
    within = (
        Order.course_house_id == scope.course_house_id
        if isinstance(scope, HouseScope)
        else Order.municipality_id == scope.municipality_id
    )
    order = session.scalar(
        select(Order).where(Order.id == order_id, within).with_for_update().execution_options(populate_existing=True)
    )
    if order is None:
        raise NotFound("no such order")
    return order


def invoice_of(session: Session, order: Order) -> Invoice | None:
    """Return an order's invoice."""
    return session.scalar(select(Invoice).where(Invoice.order_id == order.id, Invoice.kind == InvoiceKind.INVOICE))


def seats_left(session: Session, order: Order) -> int:
    """Return how many of an order's seats were not credited."""
    credited = select(func.coalesce(func.sum(Invoice.seats), 0)).where(
        Invoice.order_id == order.id, Invoice.kind == InvoiceKind.CREDIT_NOTE
    )
    return order.seats - session.scalars(credited).one()


def close_order(session: Session, order: Order, *, reason: str, by_id: int | None) -> bool:
    """Cancel a locked order that holds no seats any more; return whether it was still open.

    Its code's use is given back by whoever closes it, so exactly once. A card payment still open at Stripe is ended.
    """
    if not order.is_open:
        return False
    order.cancelled_at, order.closed_by_id, order.closed_reason = clock.now(), by_id, reason
    order.invoice_wanted, order.invoice_problem = False, ""
    session.flush()
    code_uses.give_back(session, order=order)
    record_event(session, CANCELLED, order, by_id, reason=reason)
    end_checkout(session, order)
    return True


def end_checkout(session: Session, order: Order) -> None:
    """Have a job end an order's card payment that is still open: nobody is to pay it any more."""
    checkout = open_checkout(session, order)
    if checkout is not None:
        enqueue(session, "billing.end_checkout", checkout_id=checkout.id)


def open_checkout(session: Session, order: Order) -> Checkout | None:
    """Return the card payment of an order that may still be paid; there is one at the most."""
    return session.scalar(
        select(Checkout).where(
            Checkout.order_id == order.id,
            Checkout.paid_at.is_(None),
            Checkout.expired_at.is_(None),
            Checkout.failed_at.is_(None),
        )
    )


def record_event(session: Session, what: audit.Kind, order: Order, by_id: int | None, **data: object) -> None:
    """Write an event of an order to the trail."""
    session.flush()  # the event names the order's id
    audit.record(
        session,
        what,
        actor_id=by_id,
        municipality_id=order.municipality_id,
        course_house_id=order.course_house_id,
        order_id=order.id,
        **data,
    )
