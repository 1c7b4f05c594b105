"""A course house as a seller: all that its invoices have to say."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.core.db import Base
from elearn.organisations.models import CourseHouse


class SeatsFollow(StrEnum):
    """What an order's seats wait for; those of an order paid by card always wait for the payment."""

    ACCEPTANCE = "acceptance"
    PAYMENT = "payment"


class Delivery(StrEnum):
    """How an e-invoice leaves the house."""

    DOWNLOAD = "download"
    """The owner fetches the file."""
    EMAIL = "email"
    FOLDER = "folder"
    WEBHOOK = "webhook"


class Seller(Base):
    """Who sells: without this row a house has prices on request only. Changing it changes no invoice ever made."""

    __tablename__ = "sellers"
    __table_args__ = (
        CheckConstraint("next_serial >= 1", name="next_serial"),
        CheckConstraint("payment_days BETWEEN 0 AND 120", name="payment_days"),
        CheckConstraint("quote_days BETWEEN 1 AND 365", name="quote_days"),
    )

    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), primary_key=True)
    legal_name: Mapped[str]
    org_number: Mapped[str]
    """CVR or organisation number of the house's country, without spaces."""
    is_vat_registered: Mapped[bool]
    in_business_register: Mapped[bool] = mapped_column(server_default=false())
    """Norway: invoices of companies in Foretaksregisteret must say so (NO-R-002)."""
    street: Mapped[str]
    postal_code: Mapped[str]
    city: Mapped[str]
    contact_name: Mapped[str]
    contact_email: Mapped[str]
    contact_phone: Mapped[str]
    bank_registration: Mapped[str]
    """Denmark: the bank's four digits (registreringsnummer); '' where the account is an IBAN."""
    bank_account: Mapped[str]
    """A national account number, or an IBAN."""
    bic: Mapped[str]
    payment_days: Mapped[int] = mapped_column(server_default="30")
    quote_days: Mapped[int] = mapped_column(server_default="60")
    """How long a quote stands."""
    serial_prefix: Mapped[str]
    next_serial: Mapped[int]
    """The number of the next invoice or credit note; only `numbering` moves it: `take` in the invoice's transaction."""
    seats_follow: Mapped[str]
    """A word of `SeatsFollow`."""
    invoices_at_once: Mapped[bool] = mapped_column(server_default=false())
    """Whether an accepted order is invoiced by itself; else the owner presses."""
    delivery: Mapped[str]
    """A word of `Delivery`."""
    delivery_target: Mapped[str]
    """The address, folder or URL that e-invoices go to; '' for download."""
    terms: Mapped[str]
    """The house's terms of sale: an order is placed under them."""

    course_house: Mapped[CourseHouse] = relationship()

    @property
    def country(self) -> str:
        """Return the country it sells from."""
        return self.course_house.country
