"""What becomes of an order: accepted, refused or cancelled."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.billing import code_uses, emails
from elearn.billing.errors import AlreadyInvoiced, OrderClosed, OrderNotWaiting
from elearn.billing.models import Order, OrderState, PayBy, Payment, SeatsFollow, Seller, TrustedDomain
from elearn.billing.order_rows import close_order, invoice_of, lock_order, open_checkout, record_event
from elearn.billing.services.order_seats import give_seats, take_back_seats
from elearn.billing.services.trusted_domains import add_domain, domain_of
from elearn.core import audit, clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import speaking
from elearn.core.scope import HouseScope, MunicipalityScope
from elearn.jobs.queue import enqueue
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import add_member

UNCONFIRMED_LIFE = timedelta(days=14)
UNPAID_LIFE = timedelta(days=14)
"""How long an accepted order by card keeps its code and place while nobody pays."""

ACCEPTED = audit.kind("billing.order.accepted", "order_id")
REFUSED = audit.kind("billing.order.refused", "order_id", "reason")


def accept_order(session: Session, *, scope: HouseScope, order_id: int, trust_domain: bool, by_id: int) -> Order:
    """Accept an order that waits; its sender becomes the municipality's first buyer.

    With `trust_domain` orders from the sender's mail domain are taken at once from now on. A second press changes
    nothing. Raises `NotFound`, `OrderNotWaiting`, and `PublicDomain` when anybody can have an address there.
    """
    order = lock_order(session, scope, order_id)
    if order.accepted_at is not None:
        return order
    if order.state is not OrderState.TO_CONFIRM:
        raise OrderNotWaiting
    if trust_domain:
        add_domain(
            session,
            scope=scope,
            municipality_id=order.municipality_id,
            domain=domain_of(order.email),
            by_id=by_id,
        )
    accept(session, order, by_id=by_id)
    return order


def refuse_order(session: Session, *, scope: HouseScope, order_id: int, reason: str, by_id: int) -> Order:
    """Refuse an order that waits, and tell its sender why. Raises `NotFound`, `OrderNotWaiting`."""
    order = lock_order(session, scope, order_id)
    if order.refused_at is not None:
        return order
    if order.state is not OrderState.TO_CONFIRM:
        raise OrderNotWaiting
    order.refused_at, order.closed_by_id, order.closed_reason = clock.now(), by_id, reason
    session.flush()
    code_uses.give_back(session, order=order)
    record_event(session, REFUSED, order, by_id, reason=reason)
    emails.order_refused(session, order=order)
    return order


def cancel_order(
    session: Session, *, scope: HouseScope | MunicipalityScope, order_id: int, reason: str, by_id: int
) -> Order:
    """Cancel an order before its invoice; its unused seats, code and place are given back.

    A second press changes nothing. Raises `NotFound`, `AlreadyInvoiced` (also once it is paid), `OrderClosed`,
    `SeatsInUse` when some of its seats are in use.
    """
    order = lock_order(session, scope, order_id)
    if order.cancelled_at is not None:
        return order
    if order.refused_at is not None:
        raise OrderClosed
    if order.paid_at is not None or invoice_of(session, order) is not None:
        raise AlreadyInvoiced
    if order.seats_given_at is not None:
        take_back_seats(session, order, order.seats, by_id=by_id)
    close_order(session, order, reason=reason, by_id=by_id)
    emails.order_cancelled(session, order=order)
    return order


def close_forgotten_orders(session: Session) -> int:
    """Delete orders whose letter nobody answered; return how many."""
    old = session.scalars(
        select(Order)
        .where(Order.confirmed_at.is_(None), Order.placed_at < clock.now() - UNCONFIRMED_LIFE)
        .order_by(Order.id)
        .with_for_update(skip_locked=True)
    ).all()
    for order in old:
        session.delete(order)
    return len(old)


def close_unpaid_orders(session: Session) -> int:
    """Cancel orders by card that nobody has paid in time, and tell their senders; return how many.

    One whose payment is open waits for what becomes of that; one with an invoice is closed by a credit note alone; one
    into which money came, though it went back, by whoever knows why.
    """
    unpaid = session.scalars(
        select(Order)
        .where(Order.pay_by == PayBy.CARD, Order.accepted_at < clock.now() - UNPAID_LIFE)
        .where(Order.paid_at.is_(None), Order.seats_given_at.is_(None), Order.id.not_in(select(Payment.order_id)))
        .where(Order.cancelled_at.is_(None), Order.refused_at.is_(None))
        .order_by(Order.id)
        .with_for_update(skip_locked=True)
    ).all()
    closed = 0
    for order in unpaid:
        if open_checkout(session, order) is None and invoice_of(session, order) is None:
            with speaking(order.language):
                reason = _("The payment by card was not completed in time.")
            closed += close_order(session, order, reason=reason, by_id=None)
            emails.order_cancelled(session, order=order)
    return closed


def may_order(session: Session, order: Order, person: Person) -> bool:
    """Say whether a person buys for the municipality already, or their address is of a domain the house trusts."""
    buys = select(Membership.id).where(
        Membership.person_id == person.id,
        Membership.municipality_id == order.municipality_id,
        Membership.role == Role.BUYER,
        Membership.ended_at.is_(None),
    )
    if session.scalar(buys) is not None:
        return True
    trusted = session.get(TrustedDomain, (order.course_house_id, order.municipality_id, domain_of(order.email)))
    return trusted is not None


def accept(session: Session, order: Order, *, by_id: int | None) -> None:
    """Accept a confirmed order; its seats follow at once, or when it is paid."""
    order.accepted_at, order.accepted_by_id = clock.now(), by_id
    session.flush()
    record_event(session, ACCEPTED, order, by_id)
    _make_first_buyer(session, order, by_id=by_id)
    seller = session.get_one(Seller, order.course_house_id)
    waits_for_money = order.pay_by == PayBy.CARD or seller.seats_follow == SeatsFollow.PAYMENT
    if not waits_for_money or order.total_minor == 0 or order.paid_at is not None:
        give_seats(session, order, by_id=by_id)
    else:
        emails.order_accepted(session, order=order)
    if order.pay_by == PayBy.INVOICE and seller.invoices_at_once:
        want_invoice(session, order)


def want_invoice(session: Session, order: Order) -> None:
    """Have a job make an order's invoice."""
    order.invoice_wanted = True
    session.flush()
    enqueue(session, "billing.issue_invoice", order_id=order.id)


def _make_first_buyer(session: Session, order: Order, *, by_id: int | None) -> None:
    """Make the sender the municipality's buyer when it has none; who buys there already stays in charge."""
    has_buyer = select(Membership.id).where(
        Membership.municipality_id == order.municipality_id,
        Membership.role == Role.BUYER,
        Membership.ended_at.is_(None),
    )
    if order.person is not None and session.scalar(has_buyer.limit(1)) is None:
        add_member(session, person=order.person, municipality=order.municipality, role=Role.BUYER, by_id=by_id)
