"""Payments, and what Stripe told. Facts are joined, never overwritten, so any order of news ends in the same state."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.billing.models.amounts import Minor
from elearn.billing.models.orders import Order
from elearn.core.db import Base


class PaymentKind(StrEnum):
    """How money came or went."""

    TRANSFER = "transfer"
    CARD = "card"
    REFUND = "refund"
    """Back to the card."""
    REPAID = "repaid"
    """Back by bank transfer."""


class Payment(Base):
    """Money that came in (above zero) or went back (below); append-only."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount_minor"),
        CheckConstraint("(kind IN ('refund', 'repaid')) = (amount_minor < 0)", name="direction"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    kind: Mapped[str]
    """A word of `PaymentKind`."""
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    paid_on: Mapped[date]
    """The day it was booked, in the seller's country."""
    reference: Mapped[str] = mapped_column(unique=True)
    """What it is known by: Stripe's id, or the key of the form it was noted with. The same one counts once."""
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """None when Stripe told."""
    noted_at: Mapped[datetime]

    order: Mapped[Order] = relationship()


class Checkout(Base):
    """A card payment begun at Stripe. The row and its key are there before Stripe is asked."""

    __tablename__ = "checkouts"
    __table_args__ = (
        Index(
            "uq_checkouts_open",
            "order_id",
            unique=True,
            sqlite_where=text("paid_at IS NULL AND expired_at IS NULL AND failed_at IS NULL"),
            postgresql_where=text("paid_at IS NULL AND expired_at IS NULL AND failed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    """Stripe's; None until it has answered. A timeout is unknown: the same key asks again."""
    url: Mapped[str | None]
    livemode: Mapped[bool | None]
    payment_intent_id: Mapped[str | None] = mapped_column(unique=True)
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    expired_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    """When a payment that takes days (bank, some wallets) was known to have failed."""

    order: Mapped[Order] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid, as far as is known."""
        return self.paid_at is None and self.expired_at is None and self.failed_at is None


class Refund(Base):
    """Money to go back to a card for a credit note. The row and its key are there before Stripe is asked."""

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount_minor"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    credit_note_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), unique=True)
    """None when it was begun at Stripe's own pages: the owner is told that a credit note lacks."""
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkouts.id"), index=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    stripe_id: Mapped[str | None] = mapped_column(unique=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    asked_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    problem: Mapped[str]

    order: Mapped[Order] = relationship()
    checkout: Mapped[Checkout] = relationship()


class Dispute(Base):
    """A card holder's objection, as Stripe tells of it."""

    __tablename__ = "disputes"

    id: Mapped[int] = mapped_column(primary_key=True)
    stripe_id: Mapped[str] = mapped_column(unique=True)
    payment_intent_id: Mapped[str] = mapped_column(index=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[str]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    won: Mapped[bool | None]

    order: Mapped[Order | None] = relationship()


class Outcome(StrEnum):
    """What an event came to. Those that are neither handled nor ignored are set aside for the owner."""

    HANDLED = "handled"
    IGNORED = "ignored"
    """Of a kind we need not know, or about a payment that is not ours."""
    UNKNOWN_CHECKOUT = "unknown-checkout"
    """It says it pays for an order, and no payment was begun that it could belong to."""
    OTHER_AMOUNT = "other-amount"
    """Amount or currency is not what the order comes to."""
    OTHER_HOUSE = "other-house"
    """It names another course house than the order's."""
    OTHER_REFUND = "other-refund"
    """A refund that says it is ours, of another amount or payment than was asked for."""
    OTHER_DISPUTE = "other-dispute"
    """An objection that took money back in another currency than the order's."""


class StripeEvent(Base):
    """An event as Stripe sent it, kept before it is handled: the same id counts once."""

    __tablename__ = "stripe_events"

    id: Mapped[str] = mapped_column(primary_key=True)
    """Stripe's."""
    kind: Mapped[str]
    livemode: Mapped[bool]
    payload: Mapped[str] = mapped_column(Text, deferred=True)
    """The verified body, as it came."""
    created_at: Mapped[datetime]
    """When Stripe made it; says nothing about the order of things."""
    received_at: Mapped[datetime]
    outcome: Mapped[str]
    """A word of `Outcome`, or 'waits ' and the payment it waits for (docs/rules/payments.md)."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    """The order it is about, where that is known."""

    order: Mapped[Order | None] = relationship()
