"""Payments: noted by hand or told by Stripe, each once; an order is paid when what came in reaches its sum."""

import logging
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.billing.models import Invoice, InvoiceKind, Order, PayBy, Payment, PaymentKind
from elearn.billing.order_rows import end_checkout, invoice_of, lock_order, record_event
from elearn.billing.services.order_answers import want_invoice
from elearn.billing.services.order_seats import give_seats
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.errors import DomainError
from elearn.core.scope import HouseScope

NOTED = audit.kind("billing.payment.noted", "order_id", "kind", "amount_minor", "currency")

_log = logging.getLogger(__name__)


def note_payment(
    session: Session,
    *,
    scope: HouseScope,
    order_id: int,
    kind: PaymentKind,
    amount_minor: int,
    paid_on: date,
    reference: str,
    by_id: int | None,
) -> Order:
    """Note money that came in (above zero) or went back (below), once per reference.

    When the order is paid its seats are given, if they wait for it. Raises `NotFound`.
    """
    order = lock_order(session, scope, order_id)
    noted = session.scalar(
        insert(session, Payment)
        .values(
            order_id=order.id,
            kind=kind,
            amount_minor=amount_minor,
            currency=order.currency,
            paid_on=paid_on,
            reference=reference,
            noted_by_id=by_id,
            noted_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(Payment.id)
    )
    if noted is None:
        return order
    record_event(session, NOTED, order, by_id, kind=str(kind), amount_minor=amount_minor, currency=order.currency)
    settle(session, order, by_id=by_id)
    return order


def received(session: Session, order: Order) -> int:
    """Return what has come in for an order, less what went back, in øre."""
    total = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(Payment.order_id == order.id)
    return int(session.scalars(total).one())


def owed(session: Session, order: Order) -> int:
    """Return what an order's invoice and credit notes come to, in øre; before the invoice, the order's own sum."""
    invoice = invoice_of(session, order)
    if invoice is None:
        return order.total_minor if order.is_open else 0
    return invoice.total_minor - _credited(session, order)


def paid_by(session: Session, order: Order) -> PaymentKind | None:
    """Return how all that an order owes was paid: by card when cards paid all of it. None while something is missing.

    What went back again pays for nothing, whatever `paid_at` remembers.
    """
    due = owed(session, order)
    if order.paid_at is None or received(session, order) < due:
        return None
    by_card = select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(
        Payment.order_id == order.id, Payment.kind.in_((PaymentKind.CARD, PaymentKind.REFUND))
    )
    return PaymentKind.CARD if session.scalars(by_card).one() >= due else PaymentKind.TRANSFER


def settle(session: Session, order: Order, *, by_id: int | None) -> None:
    """Mark a locked order paid when all that was not credited has come in; seats and, for a card, an invoice follow.

    When so much went back before the invoice that something is missing, the order is unpaid as before, and the invoice
    will ask for it. Afterwards nobody is asked again: whoever gave it back writes a credit note.
    """
    came_in, credited = received(session, order), _credited(session, order) if order.is_open else 0
    is_short = came_in < order.total_minor - credited
    if order.paid_at is not None:
        if is_short and order.is_open and invoice_of(session, order) is None:
            order.paid_at = None
        return
    if came_in > 0:
        end_checkout(session, order)  # it came some other way than by the card, which asks for more than is left
    if is_short:
        return
    order.paid_at = clock.now()
    session.flush()
    if order.accepted_at is None or not order.is_open:
        return
    try:
        with session.begin_nested():
            give_seats(session, order, by_id=by_id)
    except DomainError as refused:  # the licence they were to join has ended or is full: the money is booked anyway
        _log.warning("order %s is paid and gets no seats: %r", order.id, refused)
        return
    if order.pay_by == PayBy.CARD and invoice_of(session, order) is None:
        want_invoice(session, order)


def _credited(session: Session, order: Order) -> int:
    """Return what an order's credit notes come to, in øre."""
    notes = select(func.coalesce(func.sum(Invoice.total_minor), 0)).where(
        Invoice.order_id == order.id, Invoice.kind == InvoiceKind.CREDIT_NOTE
    )
    return int(session.scalars(notes).one())
