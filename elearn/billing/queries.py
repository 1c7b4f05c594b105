"""Orders, invoices and what is owed, as the course house that sold sees them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.billing.models import (
    Invoice,
    InvoiceDelivery,
    InvoiceKind,
    InvoiceReminder,
    Order,
    Payment,
    TrustedDomain,
)
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.models import Municipality


class OrderFilter(StrEnum):
    """Which orders a list shows."""

    ALL = "all"
    TO_CONFIRM = "to-confirm"
    TO_INVOICE = "to-invoice"
    """Accepted, and without an invoice."""
    UNPAID = "unpaid"
    """Accepted, and not all of it has come in."""
    UNCONFIRMED = "unconfirmed"
    """The sender has not pressed the letter's button."""
    CLOSED = "closed"
    """Refused or cancelled."""


class InvoiceFilter(StrEnum):
    """Which papers a list shows."""

    ALL = "all"
    UNPAID = "unpaid"
    OVERDUE = "overdue"
    CREDIT_NOTES = "credit-notes"


@dataclass(frozen=True)
class Money:
    """What an order comes to, in øre."""

    invoiced: int
    credited: int
    received: int
    """Less what went back."""

    @property
    def open(self) -> int:
        """What is still to come in; below zero, what is to go back."""
        return self.invoiced - self.credited - self.received


@dataclass(frozen=True)
class InvoiceRow:
    """An invoice or credit note in a list."""

    invoice: Invoice
    money: Money
    """What its order comes to."""

    def is_overdue(self, today: date) -> bool:
        """Whether its day has passed and something is still to come in."""
        return self.invoice.due_on is not None and self.invoice.due_on < today and self.money.open > 0


@dataclass(frozen=True)
class Happening:
    """Something that happened to an order."""

    at: datetime
    kind: str
    by: str | None
    """None when the product did it, or its person has been deleted."""
    data: dict[str, Any]


def orders(
    session: Session, scope: HouseScope, *, text: str = "", show: OrderFilter = OrderFilter.ALL, number: int = 1
) -> Page[Order]:
    """Return the house's orders, the latest first."""
    found = select(Order).where(_ours(scope), *_shown(show))
    if text:
        found = found.join(Municipality, Municipality.id == Order.municipality_id).where(_says(text))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.options(joinedload(Order.municipality), joinedload(Order.course))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page(list(rows), total, number)


def order(session: Session, scope: HouseScope, order_id: int) -> Order:
    """Return an order of the house. Raises `NotFound`."""
    found = session.scalar(select(Order).where(Order.id == order_id, _ours(scope)))
    if found is None:
        raise NotFound("no such order")
    return found


def orders_to_confirm(session: Session, scope: HouseScope) -> list[Order]:
    """Return the orders that wait for the house's answer, the oldest first."""
    waiting = select(Order).where(_ours(scope), *_shown(OrderFilter.TO_CONFIRM))
    return list(session.scalars(waiting.options(joinedload(Order.municipality)).order_by(Order.confirmed_at, Order.id)))


def orders_with_a_problem(session: Session, scope: HouseScope) -> list[Order]:
    """Return the open orders whose invoice could not be made by itself."""
    stuck = select(Order).where(_ours(scope), Order.invoice_problem != "", Order.cancelled_at.is_(None))
    return list(session.scalars(stuck.options(joinedload(Order.municipality)).order_by(Order.id)))


def happenings(session: Session, scope: HouseScope, order_id: int) -> list[Happening]:
    """Return what happened to an order, in its order, as long as the trail is kept."""
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.kind, Person.name, AuditEvent.data)
        .outerjoin(Person, Person.id == AuditEvent.actor_id)
        .where(AuditEvent.course_house_id == scope.course_house_id, AuditEvent.kind.startswith("billing."))
        .where(AuditEvent.data["order_id"].as_integer() == order_id)
        .order_by(AuditEvent.id)
    )
    return [Happening(row.at, row.kind, row.name, row.data) for row in rows]


def papers(session: Session, scope: HouseScope, order_id: int) -> list[Invoice]:
    """Return an order's invoice and credit notes, in their order."""
    found = select(Invoice).where(_sold(scope), Invoice.order_id == order_id)
    return list(session.scalars(found.order_by(Invoice.serial)))


def payments(session: Session, scope: HouseScope, order_id: int) -> list[Payment]:
    """Return what came in for an order, and what went back."""
    found = select(Payment).join(Payment.order).where(_ours(scope), Payment.order_id == order_id)
    return list(session.scalars(found.order_by(Payment.paid_on, Payment.id)))


def deliveries(session: Session, scope: HouseScope, order_id: int) -> dict[int, list[InvoiceDelivery]]:
    """Return how an order's papers were sent on, by paper, the latest first."""
    found: dict[int, list[InvoiceDelivery]] = defaultdict(list)
    rows = session.scalars(
        select(InvoiceDelivery)
        .join(Invoice, Invoice.id == InvoiceDelivery.invoice_id)
        .where(_sold(scope), Invoice.order_id == order_id)
        .order_by(InvoiceDelivery.id.desc())
    )
    for row in rows:
        found[row.invoice_id].append(row)
    return found


def reminders(session: Session, scope: HouseScope, order_id: int) -> list[InvoiceReminder]:
    """Return when an order's invoice was reminded of."""
    found = select(InvoiceReminder).join(Invoice, Invoice.id == InvoiceReminder.invoice_id)
    return list(session.scalars(found.where(_sold(scope), Invoice.order_id == order_id).order_by(InvoiceReminder.at)))


def money(session: Session, scope: HouseScope, order_ids: set[int]) -> dict[int, Money]:
    """Return what orders come to, by order."""
    papers_of: dict[tuple[int, str], int] = {
        (row.order_id, row.kind): row.total
        for row in session.execute(
            select(Invoice.order_id, Invoice.kind, func.sum(Invoice.total_minor).label("total"))
            .where(_sold(scope), Invoice.order_id.in_(order_ids))
            .group_by(Invoice.order_id, Invoice.kind)
        )
    }
    received: dict[int, int] = {
        row.order_id: row.total
        for row in session.execute(
            select(Payment.order_id, func.sum(Payment.amount_minor).label("total"))
            .join(Payment.order)
            .where(_ours(scope), Payment.order_id.in_(order_ids))
            .group_by(Payment.order_id)
        )
    }
    return {
        order_id: Money(
            invoiced=int(papers_of.get((order_id, InvoiceKind.INVOICE), 0)),
            credited=int(papers_of.get((order_id, InvoiceKind.CREDIT_NOTE), 0)),
            received=int(received.get(order_id, 0)),
        )
        for order_id in order_ids
    }


def invoices(
    session: Session,
    scope: HouseScope,
    *,
    today: date,
    text: str = "",
    show: InvoiceFilter = InvoiceFilter.ALL,
    number: int = 1,
) -> Page[InvoiceRow]:
    """Return the house's invoices and credit notes, the latest first."""
    found = select(Invoice).join(Invoice.order).where(_sold(scope), *_papers_shown(show, today))
    if text:
        by_number = Invoice.number.icontains(text, autoescape=True)
        found = found.join(Municipality, Municipality.id == Order.municipality_id)
        found = found.where(or_(by_number, _says(text)))
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.options(joinedload(Invoice.order).joinedload(Order.municipality))
        .order_by(Invoice.serial.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    ).all()
    sums = money(session, scope, {row.order_id for row in rows})
    return Page([InvoiceRow(row, sums[row.order_id]) for row in rows], total, number)


def invoice(session: Session, scope: HouseScope, invoice_id: int) -> Invoice:
    """Return an invoice or credit note of the house. Raises `NotFound`."""
    found = session.scalar(select(Invoice).where(Invoice.id == invoice_id, _sold(scope)))
    if found is None:
        raise NotFound("no such invoice")
    return found


def trusted_domains(session: Session, scope: HouseScope, municipality_id: int) -> list[TrustedDomain]:
    """Return the mail domains whose orders the house takes at once for a municipality."""
    found = select(TrustedDomain).where(
        TrustedDomain.course_house_id == scope.course_house_id, TrustedDomain.municipality_id == municipality_id
    )
    return list(session.scalars(found.order_by(TrustedDomain.domain)))


def _ours(scope: HouseScope) -> ColumnElement[bool]:
    return Order.course_house_id == scope.course_house_id


def _sold(scope: HouseScope) -> ColumnElement[bool]:
    return Invoice.course_house_id == scope.course_house_id


def _shown(show: OrderFilter) -> list[ColumnElement[bool]]:
    is_open = and_(Order.refused_at.is_(None), Order.cancelled_at.is_(None))
    is_accepted = and_(is_open, Order.accepted_at.is_not(None))
    has_invoice = select(Invoice.id).where(Invoice.order_id == Order.id, Invoice.kind == InvoiceKind.INVOICE).exists()
    match show:
        case OrderFilter.ALL:
            return []
        case OrderFilter.TO_CONFIRM:
            return [is_open, Order.confirmed_at.is_not(None), Order.accepted_at.is_(None)]
        case OrderFilter.TO_INVOICE:
            return [is_accepted, ~has_invoice]
        case OrderFilter.UNPAID:
            return [is_accepted, Order.paid_at.is_(None), Order.total_minor > 0]
        case OrderFilter.UNCONFIRMED:
            return [is_open, Order.confirmed_at.is_(None)]
        case OrderFilter.CLOSED:
            return [~is_open]


def _papers_shown(show: InvoiceFilter, today: date) -> list[ColumnElement[bool]]:
    is_invoice = Invoice.kind == InvoiceKind.INVOICE
    is_unpaid = Invoice.total_minor > _credited() + _received()
    match show:
        case InvoiceFilter.ALL:
            return []
        case InvoiceFilter.UNPAID:
            return [is_invoice, is_unpaid]
        case InvoiceFilter.OVERDUE:
            return [is_invoice, is_unpaid, Invoice.due_on < today]
        case InvoiceFilter.CREDIT_NOTES:
            return [~is_invoice]


def _credited() -> ScalarSelect[int]:
    note = Invoice.__table__.alias()
    return _sum(select(func.coalesce(func.sum(note.c.total_minor), 0)).where(note.c.credits_id == Invoice.id))


def _received() -> ScalarSelect[int]:
    return _sum(select(func.coalesce(func.sum(Payment.amount_minor), 0)).where(Payment.order_id == Invoice.order_id))


def _sum(found: Select[Any]) -> ScalarSelect[int]:
    return found.correlate(Invoice).scalar_subquery()


def _says(text: str) -> ColumnElement[bool]:
    """Return the condition that an order, joined with its municipality, is the one that somebody looks for."""
    said = [
        column.icontains(text, autoescape=True)
        for column in (
            Municipality.official_name,
            Order.name,
            Order.email,
            Order.buyer_reference,
            Order.order_number,
        )
    ]
    number = text.removeprefix("#")
    if number.isdecimal() and len(number) < 10:  # what a column of ids can hold
        said.append(Order.id == int(number))
    return or_(*said)
