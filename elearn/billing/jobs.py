"""Invoices made, sent on and reminded of in the background."""

import smtplib
from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.billing import emails
from elearn.billing.einvoice import delivery, invoice_pdf, rules
from elearn.billing.errors import InvoiceNotValid, SellerIncomplete
from elearn.billing.models import Delivery, Invoice
from elearn.billing.services import invoice_jobs
from elearn.billing.services.order_answers import close_forgotten_orders, close_unpaid_orders
from elearn.billing.services.reminders import remind_overdue
from elearn.core.installation import Installation
from elearn.core.outgoing import AddressNotAllowed, NotTaken
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every
from elearn.mail import transport
from elearn.mail.rendering import render
from elearn.mail.transport import AddressRefused


@handles("billing.issue_invoice")
def issue_invoice(installation: Installation, *, order_id: int) -> None:
    """Make an order's invoice; what stands in its way is noted, and tried again the next day."""
    rules.prepare()  # takes a second, which no transaction should wait for
    try:
        with installation.database.transaction() as session:
            invoice_jobs.issue_wanted(session, order_id=order_id)
    except (InvoiceNotValid, SellerIncomplete) as refused:
        with installation.database.transaction() as session:
            invoice_jobs.note_problem(session, order_id=order_id, refused=refused)


@every("billing.pick_up_invoices", timedelta(hours=1))
def pick_up_invoices(_installation: Installation, session: Session) -> None:
    """Have the invoices made whose jobs were lost."""
    for order_id in invoice_jobs.wanted_invoices(session, with_problem=False):
        enqueue(session, "billing.issue_invoice", order_id=order_id)


@every("billing.try_invoices_again", timedelta(days=1))
def try_invoices_again(_installation: Installation, session: Session) -> None:
    """Try the invoices again that something stood in the way of."""
    for order_id in invoice_jobs.wanted_invoices(session, with_problem=True):
        enqueue(session, "billing.issue_invoice", order_id=order_id)


@handles("billing.deliver")
def deliver(installation: Installation, *, delivery_id: int) -> None:
    """Send an invoice on; the queue tries again when the other side did not take it.

    A crash between sending and noting it sends it twice, under one id. What will never be taken is noted and left.
    """
    with installation.database.reader() as session:
        waiting = invoice_jobs.waiting_delivery(session, delivery_id)
    if waiting is None:
        return
    parcel = waiting.parcel(invoice_pdf.render(waiting.document))
    try:
        _send(installation, parcel, waiting.invoice)
    except (AddressRefused, AddressNotAllowed) as refused:
        _note(installation, delivery_id, str(refused), for_good=True)
    except (OSError, smtplib.SMTPException, NotTaken) as failed:
        _note(installation, delivery_id, str(failed) or type(failed).__name__)
        raise
    else:
        _note(installation, delivery_id)


@every("billing.forget_sent_invoices", timedelta(days=1))
def forget_sent_invoices(installation: Installation, session: Session) -> None:
    """Delete the files of letters with invoices, as `mail` does with its own; the invoices stay."""
    settings = installation.settings
    for delivery_id, asked_at in invoice_jobs.mailed_before(session, days=settings.keep_letters_days):
        transport.forget(settings, delivery.letter_name(delivery_id, asked_at))


@every("billing.remind_overdue", timedelta(hours=6))
def remind_of_overdue(_installation: Installation, session: Session) -> None:
    """Remind buyers of what is overdue."""
    remind_overdue(session)


@every("billing.close_forgotten_orders", timedelta(days=1))
def forget_orders(_installation: Installation, session: Session) -> None:
    """Delete orders whose letter nobody answered, and cancel those by card that nobody has paid."""
    close_forgotten_orders(session)
    close_unpaid_orders(session)


def _send(installation: Installation, parcel: delivery.Parcel, invoice: Invoice) -> None:
    settings = installation.settings
    match parcel.how:
        case Delivery.EMAIL:
            letter = emails.e_invoice(invoice, to=parcel.target, asked_at=parcel.asked_at)
            delivery.by_mail(settings, parcel, render(installation, letter))
        case Delivery.FOLDER:
            delivery.into_folder(settings, parcel)
        case Delivery.WEBHOOK:
            delivery.to_webhook(settings, installation.tokens, parcel)


def _note(installation: Installation, delivery_id: int, problem: str = "", *, for_good: bool = False) -> None:
    with installation.database.transaction() as session:
        invoice_jobs.note_delivery(session, delivery_id=delivery_id, problem=problem, for_good=for_good)
