"""Sending invoices on: by e-mail, to a folder or to a webhook. What is to be sent is a row first."""

from sqlalchemy.orm import Session

from elearn.billing.models import Delivery, Invoice, InvoiceDelivery, Seller
from elearn.core import clock
from elearn.jobs.queue import enqueue


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
