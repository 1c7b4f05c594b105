"""Invoices and credit notes. A row is never changed: the database refuses it. What happens later stands beside it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.billing import pricing
from elearn.billing.models.amounts import Minor
from elearn.billing.models.orders import Order
from elearn.core.db import Base


class InvoiceKind(StrEnum):
    """What a document is; both take their numbers from the one series."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class Invoice(Base):
    """An invoice or credit note as it was issued. Amounts are positive in both; the kind says the direction."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("course_house_id", "serial"),
        UniqueConstraint("course_house_id", "number"),
        Index(
            "uq_invoices_one_per_order",
            "order_id",
            unique=True,
            sqlite_where=text("kind = 'invoice'"),
            postgresql_where=text("kind = 'invoice'"),
        ),
        CheckConstraint("net_minor >= 0 AND vat_minor >= 0 AND total_minor = net_minor + vat_minor", name="adds_up"),
        CheckConstraint("(kind = 'credit_note') = (credits_id IS NOT NULL)", name="credit_notes_credit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"))
    serial: Mapped[int]
    """Its place in the seller's series, which has no gaps."""
    number: Mapped[str]
    """The serial with its prefix, as the paper says it."""
    kind: Mapped[str]
    """A word of `InvoiceKind`."""
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    credits_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    form_key: Mapped[str | None] = mapped_column(unique=True)
    """For credit notes, the form's own key: sending it twice credits once."""
    issued_on: Mapped[date]
    """In the seller's country."""
    due_on: Mapped[date | None]
    """None for credit notes, and for an invoice of nothing."""
    language: Mapped[str]
    currency: Mapped[str]
    seller: Mapped[dict[str, Any]]
    """Who sold, as the paper says it: a `documents.Party`."""
    buyer: Mapped[dict[str, Any]]
    """Who bought: a `documents.Party`."""
    references: Mapped[dict[str, Any]]
    """The buyer's reference, order number, bank account and period: `documents.References`."""
    lines: Mapped[list[Any]]
    """As `pricing.Line.as_json` writes them."""
    seats: Mapped[int]
    """How many seats it is for: bought, or given back."""
    net_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    reason: Mapped[str]
    """Why it was credited; '' for an invoice."""
    xml: Mapped[str] = mapped_column(deferred=True)
    """The e-invoice (Peppol BIS Billing 3), valid under `rules` when it was issued."""
    rules: Mapped[str]
    """Which release of the official rules judged it."""
    issued_by_id: Mapped[int | None]
    """No foreign key: the row outlives the person, and is not changed."""
    issued_at: Mapped[datetime]

    order: Mapped[Order] = relationship()
    credits: Mapped["Invoice | None"] = relationship(remote_side="Invoice.id")

    @property
    def priced(self) -> pricing.Quote:
        """Return its lines and sums."""
        return pricing.Quote.from_json(self.currency, self.lines, vat_minor=self.vat_minor)


class InvoiceDelivery(Base):
    """That a document was sent on, or is to be."""

    __tablename__ = "invoice_deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), index=True)
    how: Mapped[str]
    """A word of `Delivery`."""
    target: Mapped[str]
    asked_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    problem: Mapped[str]
    """Why the last try failed, for the owner; '' when none has."""


class InvoiceReminder(Base):
    """That a buyer was reminded of an overdue invoice."""

    __tablename__ = "invoice_reminders"

    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id"), primary_key=True)
    stage: Mapped[int] = mapped_column(primary_key=True)
    """1 for the first reminder, and so on."""
    at: Mapped[datetime]
