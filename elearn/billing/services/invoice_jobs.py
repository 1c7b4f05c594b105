"""What jobs do with invoices: make those that are wanted, note what stands in their way, send them on."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from elearn.billing import emails
from elearn.billing.einvoice.delivery import Parcel
from elearn.billing.einvoice.documents import Document
from elearn.billing.errors import InvoiceNotValid, OrderClosed, SellerIncomplete
from elearn.billing.models import Delivery, Invoice, InvoiceDelivery, Order
from elearn.billing.order_rows import lock_order
from elearn.billing.services.invoices import document_of, issue_invoice
from elearn.billing.words import SELLER_INCOMPLETE
from elearn.core import clock
from elearn.core.scope import HouseScope

NOBODY = 0
"""Who asks when a job does."""
LONGEST_PROBLEM = 300


@dataclass(frozen=True)
class Waiting:
    """A delivery as its job needs it, apart from any transaction."""

    delivery: InvoiceDelivery
    invoice: Invoice
    document: Document
    house_slug: str

    def parcel(self, pdf: bytes) -> Parcel:
        """Return what is sent, with its paper."""
        invoice = self.invoice
        return Parcel(
            id=self.delivery.id,
            how=Delivery(self.delivery.how),
            target=self.delivery.target,
            house_id=invoice.course_house_id,
            house_slug=self.house_slug,
            number=invoice.number,
            kind=invoice.kind,
            asked_at=self.delivery.asked_at,
            xml=invoice.xml.encode(),
            pdf=pdf,
            facts={
                "number": invoice.number,
                "order": invoice.order_id,
                "issued_on": invoice.issued_on.isoformat(),
                "due_on": invoice.due_on.isoformat() if invoice.due_on else None,
                "credits": invoice.credits.number if invoice.credits else None,
                "buyer": invoice.buyer["name"],
                "gln": invoice.buyer["gln"] or None,
                "org_number": invoice.buyer["org_number"] or None,
                "currency": invoice.currency,
                "net_minor": invoice.net_minor,
                "vat_minor": invoice.vat_minor,
                "total_minor": invoice.total_minor,
            },
        )


def wanted_invoices(session: Session, *, with_problem: bool) -> list[int]:
    """Return the orders whose invoice a job has to make; the product's own question."""
    wanted = select(Order.id).where(Order.invoice_wanted).order_by(Order.id)
    return list(session.scalars(wanted if with_problem else wanted.where(Order.invoice_problem == "")))


def issue_wanted(session: Session, *, order_id: int) -> None:
    """Make an order's invoice if it is still wanted. Raises `InvoiceNotValid`, `SellerIncomplete`."""
    order = session.get(Order, order_id)
    if order is None or not order.invoice_wanted:
        return
    try:
        issue_invoice(session, scope=_scope(order), order_id=order_id, by_id=None)
    except OrderClosed:
        order.invoice_wanted = False


def note_problem(session: Session, *, order_id: int, refused: InvoiceNotValid | SellerIncomplete) -> None:
    """Note why an order's invoice could not be made, and tell the course house, once for each cause.

    Somebody may have made it, or closed the order, since the job gave up: then nothing stands in the way any more.
    """
    order = session.get_one(Order, order_id)
    order = lock_order(session, _scope(order), order_id)
    problem = "\n".join(refused.problems) if isinstance(refused, InvoiceNotValid) else SELLER_INCOMPLETE
    if not order.invoice_wanted or order.invoice_problem == problem:
        return
    order.invoice_problem = problem
    session.flush()
    emails.invoice_problem(session, order=order)


def waiting_delivery(session: Session, delivery_id: int) -> Waiting | None:
    """Return what a delivery is to send; None when it was delivered."""
    delivery = session.get(InvoiceDelivery, delivery_id)
    if delivery is None or delivery.delivered_at is not None:
        return None
    invoice = session.get_one(Invoice, delivery.invoice_id, options=[undefer(Invoice.xml)])
    return Waiting(delivery, invoice, document_of(invoice), invoice.order.course_house.slug)


def note_delivery(session: Session, *, delivery_id: int, problem: str = "", for_good: bool = False) -> None:
    """Note that a delivery was made, or why its last try failed; the house is told of what is not tried again."""
    delivery = session.get_one(InvoiceDelivery, delivery_id)
    delivery.problem = problem[:LONGEST_PROBLEM]
    if not problem:
        delivery.delivered_at = clock.now()
    elif for_good:
        invoice = session.get_one(Invoice, delivery.invoice_id)
        emails.invoice_not_sent(session, invoice=invoice, target=delivery.target, problem=delivery.problem)


def mailed_before(session: Session, *, days: int) -> list[tuple[int, datetime]]:
    """Return the deliveries by letter of the month before some days ago: which, and when they were asked for."""
    latest = clock.now() - timedelta(days=days)
    by_letter = select(InvoiceDelivery.id, InvoiceDelivery.asked_at).where(InvoiceDelivery.how == Delivery.EMAIL)
    sent = by_letter.where(InvoiceDelivery.delivered_at.between(latest - timedelta(days=30), latest))
    return [(row.id, row.asked_at) for row in session.execute(sent)]


def _scope(order: Order) -> HouseScope:
    return HouseScope(order.course_house_id, NOBODY)
