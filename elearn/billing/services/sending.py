"""Sending invoices on: by e-mail, to a folder or to a webhook. What is to be sent is a row first."""

from sqlalchemy.orm import Session

from elearn.billing.errors import NothingToSend
from elearn.billing.models import Delivery, Invoice, InvoiceDelivery, Seller
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.jobs.queue import enqueue

SENT_AGAIN = audit.kind("billing.invoice.sent_again", "order_id", "invoice_id", "number")


def send_again(session: Session, *, scope: HouseScope, invoice_id: int, by_id: int) -> Invoice:
    """Send a document on once more, the way its seller has chosen now. Raises `NotFound`, `NothingToSend`."""
    invoice = session.get(Invoice, invoice_id)
    if invoice is None or invoice.course_house_id != scope.course_house_id:
        raise NotFound("no such invoice")
    seller = session.get_one(Seller, scope.course_house_id)
    if seller.delivery == Delivery.DOWNLOAD:
        raise NothingToSend
    send_on(session, invoice, seller)
    audit.record(
        session,
        SENT_AGAIN,
        actor_id=by_id,
        municipality_id=invoice.order.municipality_id,
        course_house_id=scope.course_house_id,
        order_id=invoice.order_id,
        invoice_id=invoice.id,
        number=invoice.number,
    )
    return invoice


def send_on(session: Session, invoice: Invoice, seller: Seller) -> None:
    """Have a new document leave the house the way its seller has chosen; downloads wait to be fetched."""
    if seller.delivery == Delivery.DOWNLOAD:
        return
    delivery = InvoiceDelivery(
        invoice_id=invoice.id, how=seller.delivery, target=seller.delivery_target, asked_at=clock.now(), problem=""
    )
    session.add(delivery)
    session.flush()  # the job names its id
    enqueue(session, "billing.deliver", delivery_id=delivery.id)
