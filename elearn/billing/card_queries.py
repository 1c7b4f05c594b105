"""Reading card payments: a buyer's own, and what an owner has to know of the house's."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.billing import buyer_queries
from elearn.billing.models import Checkout, Dispute, Invoice, InvoiceKind, Order, Outcome, Payment, Refund, StripeEvent
from elearn.billing.services.refunds import to_give_back
from elearn.core.scope import HouseScope, PersonScope

AT_MOST = 200
"""So many of each list are shown, the newest first."""
QUIET = (Outcome.HANDLED, Outcome.IGNORED)


@dataclass(frozen=True)
class ToReturn:
    """An order for which more money came in than is owed, and no refund is under way for all of it."""

    order: Order
    amount_minor: int


def latest_checkout(session: Session, scope: PersonScope, order_id: int) -> Checkout | None:
    """Return the card payment of a person's order that was begun last. Raises `NotFound` when it is not theirs."""
    order = buyer_queries.order(session, scope, order_id)
    return session.scalar(select(Checkout).where(Checkout.order_id == order.id).order_by(Checkout.id.desc()).limit(1))


def refunds(session: Session, scope: HouseScope, *, order_id: int | None = None) -> list[Refund]:
    """Return a house's refunds to cards, or one order's, the newest first; one without a credit note lacks it."""
    found = select(Refund).join(Refund.order).where(_of(scope))
    if order_id is not None:
        found = found.where(Refund.order_id == order_id)
    return list(
        session.scalars(
            found.options(joinedload(Refund.order).joinedload(Order.municipality))
            .order_by(Refund.id.desc())
            .limit(AT_MOST)
        )
    )


def disputes(session: Session, scope: HouseScope, *, order_id: int | None = None) -> list[Dispute]:
    """Return the objections of card holders, or those about one order, the open ones first."""
    found = select(Dispute).join(Dispute.order).where(_of(scope))
    if order_id is not None:
        found = found.where(Dispute.order_id == order_id)
    return list(
        session.scalars(
            found.options(joinedload(Dispute.order).joinedload(Order.municipality))
            .order_by(Dispute.closed_at.is_not(None), Dispute.id.desc())
            .limit(AT_MOST)
        )
    )


def set_aside(session: Session, scope: HouseScope) -> list[StripeEvent]:
    """Return events that did not fit: about the house's orders, and about none that is known.

    The latter may be any house's, so they are told by their number and day alone.
    """
    of_house = select(Order.id).where(_of(scope))
    about_nobody = StripeEvent.order_id.is_(None) & (StripeEvent.outcome == Outcome.UNKNOWN_CHECKOUT)
    return list(
        session.scalars(
            select(StripeEvent)
            .where(StripeEvent.outcome.not_in(QUIET), or_(StripeEvent.order_id.in_(of_house), about_nobody))
            .order_by(StripeEvent.created_at.desc(), StripeEvent.id)
            .limit(AT_MOST)
        )
    )


def to_return(session: Session, scope: HouseScope) -> list[ToReturn]:
    """Return the orders whose money is to go back: closed before it came, paid twice, or credited and not refunded."""
    came_in = func.sum(Payment.amount_minor)
    credited = (
        select(func.coalesce(func.sum(Invoice.total_minor), 0))
        .where(Invoice.order_id == Order.id, Invoice.kind == InvoiceKind.CREDIT_NOTE)
        .correlate(Order)
        .scalar_subquery()
    )
    paid = session.scalars(
        select(Order)
        .join(Payment, Payment.order_id == Order.id)
        .where(_of(scope))
        .group_by(Order.id)
        .having(came_in > 0)
        .having(
            or_(came_in > Order.total_minor - credited, Order.cancelled_at.is_not(None), Order.refused_at.is_not(None))
        )
        .order_by(Order.id)
    ).all()
    found = [(order, to_give_back(session, order)) for order in paid]
    return [ToReturn(order, amount) for order, amount in found if amount > 0]


def paid_without_seats(session: Session, scope: HouseScope) -> list[Order]:
    """Return open orders that are paid and whose seats could not be given: the licence they add to has ended."""
    return list(
        session.scalars(
            select(Order).where(
                _of(scope),
                Order.paid_at.is_not(None),
                Order.accepted_at.is_not(None),
                Order.seats_given_at.is_(None),
                Order.cancelled_at.is_(None),
                Order.refused_at.is_(None),
            )
        )
    )


def _of(scope: HouseScope) -> ColumnElement[bool]:
    return Order.course_house_id == scope.course_house_id
