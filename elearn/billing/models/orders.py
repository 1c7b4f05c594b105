"""Quotes and orders. An order's state follows from what has happened to it; nobody sets a status."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import Person
from elearn.billing import pricing
from elearn.billing.models.amounts import Minor
from elearn.billing.models.campaigns import CampaignPlace, DiscountCode
from elearn.billing.models.prices import Price
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.db import Base
from elearn.licensing.models import Licence
from elearn.organisations.models import CourseHouse, Municipality

FORGOTTEN = "…"
"""What stands for the name and address of somebody who is no longer here."""


class PayBy(StrEnum):
    """How an order is paid."""

    INVOICE = "invoice"
    CARD = "card"


class OrderState(StrEnum):
    """Where an order is; derived, never stored."""

    UNCONFIRMED = "unconfirmed"
    """The sender's address waits for its letter's button."""
    TO_CONFIRM = "to_confirm"
    """The course house has to accept or refuse it."""
    TO_PAY = "to_pay"
    """Accepted; its seats wait for the payment."""
    READY = "ready"
    """Its seats are there."""
    REFUSED = "refused"
    CANCELLED = "cancelled"


class Quote(Base):
    """A price told in writing, until a day; what is stored here is what counts, whatever prices do."""

    __tablename__ = "quotes"
    __table_args__ = (
        UniqueConstraint("course_house_id", "form_key"),
        CheckConstraint("net_minor >= 0 AND vat_minor >= 0 AND total_minor = net_minor + vat_minor", name="adds_up"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    """Opens its page; unguessable."""
    form_key: Mapped[str]
    """The form's own key: sending it twice makes one quote."""
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id"), index=True)
    price_id: Mapped[int] = mapped_column(ForeignKey("prices.id"))
    discount_code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))
    name: Mapped[str]
    email: Mapped[str]
    language: Mapped[str]
    seats: Mapped[int]
    months: Mapped[int]
    currency: Mapped[str]
    lines: Mapped[list[Any]]
    """As `pricing.Line.as_json` writes them."""
    net_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    total_minor: Mapped[Minor]
    made_at: Mapped[datetime]
    valid_until: Mapped[date]
    """Its last day, in the buyer's country."""

    course_house: Mapped[CourseHouse] = relationship()
    course: Mapped[Course] = relationship()
    municipality: Mapped[Municipality] = relationship()
    price: Mapped[Price] = relationship()
    discount_code: Mapped[DiscountCode | None] = relationship()

    @property
    def priced(self) -> pricing.Quote:
        """Return its lines and sums."""
        return pricing.Quote.from_json(self.currency, self.lines)

    @property
    def has_ended(self) -> bool:
        """Whether its last day has passed, where the municipality is."""
        return self.valid_until < clock.today(self.municipality.country)


class Order(Base):
    """Seats of a course that a municipality has ordered, at the price stored here."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("course_house_id", "form_key"),
        Index(
            "uq_orders_place",
            "campaign_place_id",
            unique=True,
            sqlite_where=text("campaign_place_id IS NOT NULL AND cancelled_at IS NULL AND refused_at IS NULL"),
            postgresql_where=text("campaign_place_id IS NOT NULL AND cancelled_at IS NULL AND refused_at IS NULL"),
        ),
        Index(
            "uq_orders_licence",
            "licence_id",
            unique=True,
            sqlite_where=text("licence_id IS NOT NULL AND adds_to_id IS NULL"),
            postgresql_where=text("licence_id IS NOT NULL AND adds_to_id IS NULL"),
        ),
        Index(None, "course_house_id", "placed_at"),
        CheckConstraint("net_minor >= 0 AND vat_minor >= 0 AND total_minor = net_minor + vat_minor", name="adds_up"),
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("campaign_place_id IS NULL OR discount_code_id IS NOT NULL", name="place_by_code"),
        CheckConstraint("refused_at IS NULL OR accepted_at IS NULL", name="accepted_or_refused"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_key: Mapped[str]
    """The form's own key: sending it twice places one order."""
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id"), index=True)
    quote_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id"), index=True)
    price_id: Mapped[int | None] = mapped_column(ForeignKey("prices.id"))
    """None where the owner agreed on a price of their own."""
    discount_code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"), index=True)
    campaign_place_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_places.id"))
    adds_to_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), index=True)
    """The running licence that it adds seats to, for the time left."""
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), index=True)
    """The licence that its own will carry on from."""

    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    """Who sent it, once the address is confirmed."""
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    language: Mapped[str]
    confirm_token_hash: Mapped[str | None] = mapped_column(unique=True)

    seats: Mapped[int]
    months: Mapped[int]
    starts_on: Mapped[date | None]
    """The day its seats are wanted from; None for the day they are given."""
    ends_on: Mapped[date | None]
    """For added seats: the licence's last day when they were priced."""
    currency: Mapped[str]
    lines: Mapped[list[Any]]
    """As `pricing.Line.as_json` writes them: the one price that papers, e-invoice and card payment are made of."""
    net_minor: Mapped[Minor]
    vat_minor: Mapped[Minor]
    total_minor: Mapped[Minor]

    pay_by: Mapped[str]
    """A word of `PayBy`."""
    gln: Mapped[str]
    """Denmark: where the e-invoice goes; '' for Norway, whose address is the organisation number."""
    buyer_reference: Mapped[str]
    order_number: Mapped[str]
    duty_share: Mapped[int | None]
    duty_due_on: Mapped[date | None]
    """The feedback promised in return for the discount, as it stood when the buyer accepted it."""

    placed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    """None when the product accepted it: a buyer's order, or a trusted address's."""
    refused_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    closed_reason: Mapped[str]
    """Why it was refused or cancelled, in the words of whoever did."""
    paid_at: Mapped[datetime | None]
    """The moment all of it was known to be paid; None again when money went back before its invoice."""
    seats_given_at: Mapped[datetime | None]
    licence_id: Mapped[int | None] = mapped_column(ForeignKey("licences.id"), index=True)
    """The licence that got its seats."""
    invoice_wanted: Mapped[bool] = mapped_column(server_default=false())
    """Whether a job is to make its invoice."""
    invoice_problem: Mapped[str]
    """Why its invoice could not be made, for the owner; '' when nothing stands in the way."""

    course_house: Mapped[CourseHouse] = relationship()
    course: Mapped[Course] = relationship()
    municipality: Mapped[Municipality] = relationship()
    discount_code: Mapped[DiscountCode | None] = relationship()
    campaign_place: Mapped[CampaignPlace | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    licence: Mapped[Licence | None] = relationship(foreign_keys=[licence_id])
    adds_to: Mapped[Licence | None] = relationship(foreign_keys=[adds_to_id])

    @property
    def priced(self) -> pricing.Quote:
        """Return its lines and sums."""
        return pricing.Quote.from_json(self.currency, self.lines)

    @property
    def state(self) -> OrderState:
        """Say where it is, from what has happened."""
        if self.refused_at is not None:
            return OrderState.REFUSED
        if self.cancelled_at is not None:
            return OrderState.CANCELLED
        if self.confirmed_at is None:
            return OrderState.UNCONFIRMED
        if self.accepted_at is None:
            return OrderState.TO_CONFIRM
        return OrderState.READY if self.seats_given_at is not None else OrderState.TO_PAY

    @property
    def first_day(self) -> date | None:
        """The first day of its seats once it has them: its licence's, or the day they were added to a running one."""
        if self.licence is None or self.seats_given_at is None:
            return None
        if self.adds_to_id is None:
            return self.licence.starts_on
        return clock.day_of(self.seats_given_at, self.municipality.country)

    @property
    def is_open(self) -> bool:
        """Whether it was neither refused nor cancelled."""
        return self.refused_at is None and self.cancelled_at is None


class TrustedDomain(Base):
    """A mail domain whose orders a course house takes at once for a municipality."""

    __tablename__ = "trusted_domains"

    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), primary_key=True)
    municipality_id: Mapped[int] = mapped_column(
        ForeignKey("municipalities.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    domain: Mapped[str] = mapped_column(primary_key=True)
    """In lower case, without the at sign."""
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime]


class BuyerRules(Base):
    """What a municipality asks of the references on its invoices."""

    __tablename__ = "buyer_rules"

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id", ondelete="CASCADE"), primary_key=True)
    reference_format: Mapped[str]
    """A pattern: 9 stands for a digit, A for a letter, all else for itself ('B999999'); '' for any reference."""
    needs_order_number: Mapped[bool] = mapped_column(server_default=false())
