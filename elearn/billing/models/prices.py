"""Prices and VAT, both dated: what was once said stands for whoever was told it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.billing import pricing
from elearn.billing.models.amounts import Minor
from elearn.catalogue.models import Course
from elearn.core.db import Base


class Price(Base):
    """What a course costs in a currency from a day on; the next version replaces it, quotes keep theirs."""

    __tablename__ = "prices"
    __table_args__ = (
        Index(None, "course_id", "currency", "valid_from", "id"),
        CheckConstraint("seat_year_minor >= 0", name="seat_year_minor"),
        CheckConstraint("minimum_seats >= 1", name="minimum_seats"),
        CheckConstraint("on_request_above IS NULL OR on_request_above >= minimum_seats", name="on_request_above"),
        CheckConstraint("currency IN ('DKK', 'NOK')", name="currency"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    currency: Mapped[str]
    seat_year_minor: Mapped[Minor]
    """Øre for one seat and one year, without VAT."""
    brackets: Mapped[list[Any]]
    """[[from how many seats, øre a seat and year], …], by rising number."""
    minimum_seats: Mapped[int] = mapped_column(server_default="1")
    on_request_above: Mapped[int | None]
    """The most seats that are sold without asking."""
    terms_months: Mapped[list[Any]]
    """How many months may be bought, the usual one first."""
    valid_from: Mapped[date]
    set_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))

    course: Mapped[Course] = relationship()

    @property
    def offer(self) -> pricing.Offer:
        """Return it as the pricing rules take it."""
        return pricing.Offer(
            currency=self.currency,
            seat_year_minor=self.seat_year_minor,
            brackets=tuple(pricing.Bracket(*bracket) for bracket in self.brackets),
            minimum_seats=self.minimum_seats,
            on_request_above=self.on_request_above,
            terms_months=tuple(self.terms_months),
        )


class VatRule(Base):
    """What VAT a house charges buyers of a country from a day on; without one the price is on request."""

    __tablename__ = "vat_rules"
    __table_args__ = (
        Index(None, "course_house_id", "buyer_country", "valid_from", "id"),
        CheckConstraint("rate_bp BETWEEN 0 AND 10000", name="rate_bp"),
        CheckConstraint("category = 'S' OR rate_bp = 0", name="only_standard_has_a_rate"),
        CheckConstraint("category = 'S' OR reason <> ''", name="reason"),
        CheckConstraint("buyer_country IN ('DK', 'NO')", name="buyer_country"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    """The one course it is for; None for all of the house's that have no rule of their own."""
    buyer_country: Mapped[str]
    category: Mapped[str]
    """A word of `pricing.VatCategory` (UNCL5305)."""
    rate_bp: Mapped[int]
    """Hundredths of a per cent: 2500 is 25 %."""
    reason: Mapped[str]
    """Why there is no VAT, as the invoice says it; '' for the standard rate."""
    valid_from: Mapped[date]
    signed_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """Who answers for it; None for the seller's own country, which comes with the product's data."""
    signed_off_at: Mapped[datetime]

    @property
    def vat(self) -> pricing.Vat:
        """Return it as the pricing rules take it."""
        return pricing.Vat(pricing.VatCategory(self.category), self.rate_bp, self.reason)
