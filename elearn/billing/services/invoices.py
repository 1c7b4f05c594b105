"""Invoices and credit notes: numbered, written, judged by the official rules, and only then final."""

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.billing import numbering, pricing
from elearn.billing.einvoice import peppol, rules
from elearn.billing.einvoice.documents import Document, Party, References, buyer_party, seller_party, stored
from elearn.billing.errors import (
    AlreadyInvoiced,
    InvoiceNotValid,
    NotInvoiced,
    OrderClosed,
    OrderNotWaiting,
    SellerIncomplete,
)
from elearn.billing.models import Invoice, InvoiceKind, Order, PaymentKind, Seller
from elearn.billing.order_rows import close_order, end_checkout, invoice_of, lock_order, record_event
from elearn.billing.services.order_seats import take_back_seats
from elearn.billing.services.payments import paid_by, received, settle
from elearn.billing.services.refunds import want_refund
from elearn.billing.services.sending import send_on
from elearn.catalogue.content import Content
from elearn.core import audit, clock
from elearn.core.scope import HouseScope
from elearn.licensing.models import Licence
from elearn.licensing.seat_rows import lock_licence

ISSUED = audit.kind("billing.invoice.issued", "order_id", "invoice_id", "number", "total_minor")
CREDITED = audit.kind("billing.invoice.credited", "order_id", "invoice_id", "number", "total_minor", "seats", "reason")


def issue_invoice(session: Session, *, scope: HouseScope, order_id: int, by_id: int | None) -> Invoice:
    """Make an accepted order's invoice, once, and send it on as the seller wishes.

    Nothing is kept, and no number is used, when the official rules refuse it. Raises `NotFound`, `OrderNotWaiting`
    before it is accepted, `OrderClosed`, `SellerIncomplete`, `InvoiceNotValid`.
    """
    order = lock_order(session, scope, order_id)
    known = invoice_of(session, order)
    if known is not None:
        return known
    if not order.is_open:
        raise OrderClosed
    if order.accepted_at is None:
        raise OrderNotWaiting
    seller = _seller(session, order.course_house_id)
    issued_on = clock.today(seller.country)
    paid = paid_by(session, order)
    invoice = _write(
        session,
        order,
        seller,
        Document(
            kind=InvoiceKind.INVOICE,
            number="",
            issued_on=issued_on,
            due_on=_due_on(order, seller, issued_on, is_paid=paid is not None),
            language=order.language,
            seller=seller_party(seller),
            buyer=buyer_party(order),
            references=_references(order, seller, paid=paid, came_in=received(session, order)),
            priced=order.priced,
        ),
        seats=order.seats,
        by_id=by_id,
    )
    order.invoice_wanted, order.invoice_problem = False, ""
    record_event(
        session,
        ISSUED,
        order,
        by_id,
        invoice_id=invoice.id,
        number=invoice.number,
        total_minor=invoice.total_minor,
    )
    send_on(session, invoice, seller)
    return invoice


def credit_invoice(
    session: Session, *, scope: HouseScope, order_id: int, seats: int, reason: str, form_key: str, by_id: int
) -> Invoice:
    """Credit some or all seats of an order's invoice, once per form, and take as many unused seats back.

    The credit of all that is left closes the order, which frees its code and place. Raises `NotFound`, `NotInvoiced`,
    `SeatsInUse`, `AlreadyInvoiced` when more seats than are left would be credited, `InvoiceNotValid`.
    """
    order = lock_order(session, scope, order_id)
    known = session.scalar(select(Invoice).where(Invoice.form_key == form_key, Invoice.order_id == order.id))
    if known is not None:
        return known
    invoice = invoice_of(session, order)
    if invoice is None:
        raise NotInvoiced
    before = credited_seats(session, invoice)
    if not 1 <= seats <= invoice.seats - before:
        raise AlreadyInvoiced
    if order.seats_given_at is not None:
        take_back_seats(session, order, seats, by_id=by_id)
    elif order.adds_to_id is not None:
        lock_licence(session, order.adds_to_id)  # its seats may follow below: licences are locked before the seller
    if before + seats == invoice.seats:
        close_order(session, order, reason=reason, by_id=by_id)  # its code's row is locked before the seller's
    seller = _seller(session, order.course_house_id)
    note = _write(
        session,
        order,
        seller,
        Document(
            kind=InvoiceKind.CREDIT_NOTE,
            number="",
            issued_on=clock.today(seller.country),
            due_on=None,
            language=invoice.language,
            seller=Party(**invoice.seller),
            buyer=Party(**invoice.buyer),
            references=References(**invoice.references),
            priced=pricing.credit(invoice.priced, seats_before=before, seats=seats),
            credits=(invoice.number, invoice.issued_on),
            reason=reason,
        ),
        seats=seats,
        by_id=by_id,
        credited=invoice,
        form_key=form_key,
    )
    record_event(
        session,
        CREDITED,
        order,
        by_id,
        invoice_id=note.id,
        number=note.number,
        total_minor=note.total_minor,
        seats=seats,
        reason=reason,
    )
    if order.is_open:
        settle(session, order, by_id=by_id)  # what came in before may be all that is owed now
        end_checkout(session, order)  # it asks for more than is left; another is begun for that
    want_refund(session, order=order, note=note, by_id=by_id)
    send_on(session, note, seller)
    return note


def credited_seats(session: Session, invoice: Invoice) -> int:
    """Return how many of an invoice's seats have been credited."""
    credited = select(func.coalesce(func.sum(Invoice.seats), 0)).where(Invoice.credits_id == invoice.id)
    return session.scalars(credited).one()


def document_of(invoice: Invoice) -> Document:
    """Return what a stored invoice says; its PDF is made of this, whenever it is asked for."""
    return Document(
        kind=InvoiceKind(invoice.kind),
        number=invoice.number,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        language=invoice.language,
        seller=Party(**invoice.seller),
        buyer=Party(**invoice.buyer),
        references=References(**invoice.references),
        priced=invoice.priced,
        credits=(invoice.credits.number, invoice.credits.issued_on) if invoice.credits else None,
        reason=invoice.reason,
    )


def _write(
    session: Session,
    order: Order,
    seller: Seller,
    draft: Document,
    *,
    seats: int,
    by_id: int | None,
    credited: Invoice | None = None,
    form_key: str | None = None,
) -> Invoice:
    """Number a document, let the official rules judge it, and keep it. Raises `InvoiceNotValid`."""
    serial, number = numbering.take(session, house_id=seller.course_house_id)
    document = replace(draft, number=number)
    xml = peppol.write(document)
    verdict = rules.judge(xml)
    if verdict.problems:
        raise InvoiceNotValid(verdict.problems)
    invoice = Invoice(
        course_house_id=order.course_house_id,
        serial=serial,
        number=number,
        kind=document.kind,
        order=order,
        credits=credited,
        form_key=form_key,
        issued_on=document.issued_on,
        due_on=document.due_on,
        language=document.language,
        currency=document.priced.currency,
        seller=stored(document.seller),
        buyer=stored(document.buyer),
        references=stored(document.references),
        lines=[line.as_json() for line in document.priced.lines],
        seats=seats,
        net_minor=document.priced.net_minor,
        vat_minor=document.priced.vat_minor,
        total_minor=document.priced.total_minor,
        reason=document.reason,
        xml=xml,
        rules=verdict.release,
        issued_by_id=by_id,
        issued_at=clock.now(),
    )
    session.add(invoice)
    session.flush()
    return invoice


def _due_on(order: Order, seller: Seller, issued_on: date, *, is_paid: bool) -> date | None:
    """Return the day an invoice is due; none for one of nothing, which nobody has to pay."""
    if order.total_minor == 0:
        return None
    return issued_on if is_paid else issued_on + timedelta(days=seller.payment_days)


def _seller(session: Session, house_id: int) -> Seller:
    seller = session.get(Seller, house_id)
    if seller is None:
        raise SellerIncomplete
    return seller


def _references(order: Order, seller: Seller, *, paid: PaymentKind | None, came_in: int) -> References:
    version = order.course.current_version
    licence: Licence | None = order.licence
    first = order.first_day
    return References(
        buyer_reference=order.buyer_reference,
        order_number=order.order_number,
        bank_registration=seller.bank_registration,
        bank_account=seller.bank_account,
        bic=seller.bic,
        paid_by=paid or "",
        partly_paid_minor=max(came_in, 0) if paid is None else 0,
        course=str(Content(version.content).title(order.language)) if version else order.course.slug,
        starts_on=first.isoformat() if first else "",
        ends_on=licence.ends_on.isoformat() if licence else "",
    )
