"""Reminding buyers of invoices that are overdue (docs/rules/invoices.md)."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.billing import emails
from elearn.billing.models import Invoice, InvoiceKind, InvoiceReminder, Order
from elearn.billing.services.payments import owed, received
from elearn.core import audit, clock

STAGES = (7, 21)
"""How many days after the due date a reminder is sent; after the last the course house calls."""
APART = timedelta(days=7)
"""Never two within a week, also when none could be sent for a while."""

REMINDED = audit.kind("billing.invoice.reminded", "invoice_id", "number", "stage")


def remind_overdue(session: Session) -> int:
    """Remind the buyers of overdue invoices, once per stage; return how many were reminded.

    What was paid or credited meanwhile is left alone. The course house's own day counts.
    """
    return sum(_remind(session, invoice) for invoice in _overdue(session))


def left_to_pay(session: Session, invoice: Invoice) -> int:
    """Return what is still to be paid for an invoice, in øre."""
    return max(owed(session, invoice.order) - received(session, invoice.order), 0)


def _overdue(session: Session) -> list[Invoice]:
    """Return invoices whose first stage has come, and whose reminders are not all sent.

    Those of orders that are paid or closed are left out here already: most are, in the end.
    """
    latest = max(clock.today(country) for country in clock.ZONES) - timedelta(days=STAGES[0])
    last = select(InvoiceReminder.invoice_id).where(InvoiceReminder.stage == len(STAGES))
    return list(
        session.scalars(
            select(Invoice)
            .join(Invoice.order)
            .where(Invoice.kind == InvoiceKind.INVOICE, Invoice.due_on <= latest, Invoice.id.not_in(last))
            .where(Order.paid_at.is_(None), Order.cancelled_at.is_(None))
            .order_by(Invoice.id)
        )
    )


def _remind(session: Session, invoice: Invoice) -> bool:
    sent = session.scalars(
        select(InvoiceReminder).where(InvoiceReminder.invoice_id == invoice.id).order_by(InvoiceReminder.stage)
    ).all()
    today: date = clock.today(invoice.order.course_house.country)
    if invoice.due_on is None or today < invoice.due_on + timedelta(days=STAGES[len(sent)]):
        return False
    if sent and clock.now() < sent[-1].at + APART:
        return False
    left = left_to_pay(session, invoice)
    if left == 0:
        return False
    stage = len(sent) + 1
    session.add(InvoiceReminder(invoice_id=invoice.id, stage=stage, at=clock.now()))
    emails.invoice_overdue(session, invoice=invoice, left_minor=left, is_last=stage == len(STAGES))
    audit.record(
        session,
        REMINDED,
        actor_id=None,
        municipality_id=invoice.order.municipality_id,
        course_house_id=invoice.course_house_id,
        invoice_id=invoice.id,
        number=invoice.number,
        stage=stage,
    )
    return True
