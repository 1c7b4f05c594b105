"""What an invoice or credit note says, apart from how it is written: PDF and XML are both made of this."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from elearn.billing.models import InvoiceKind, Order, Seller
from elearn.billing.models.orders import FORGOTTEN
from elearn.billing.pricing import Quote
from elearn.organisations.models import Municipality


@dataclass(frozen=True)
class Party:
    """A seller or buyer, as the paper says it."""

    name: str
    country: str
    org_number: str
    """CVR or organisation number; '' where the buyer has none known."""
    gln: str = ""
    """Where the e-invoice goes in Denmark; Norway addresses by organisation number."""
    is_vat_registered: bool = False
    in_business_register: bool = False
    street: str = ""
    postal_code: str = ""
    city: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""

    @property
    def vat_number(self) -> str:
        """The VAT number: 'DK12345678' or 'NO123456789MVA'; '' when not registered."""
        if not self.is_vat_registered:
            return ""
        return f"{self.country}{self.org_number}{'MVA' if self.country == 'NO' else ''}"


@dataclass(frozen=True)
class References:
    """What ties the document to the buyer's order, to its payment, and to the time it is for."""

    buyer_reference: str
    order_number: str
    bank_registration: str
    bank_account: str
    bic: str
    paid_by: str
    """How all of it was paid before it was invoiced, a word of `PaymentKind`; '' when it is to be paid."""
    course: str
    """The course's title in the document's language."""
    starts_on: str
    """ISO day; '' while the seats have no first day."""
    ends_on: str
    partly_paid_minor: int = 0
    """What had come in before it was invoiced, where that was not all of it."""


@dataclass(frozen=True)
class Document:
    """An invoice or credit note."""

    kind: InvoiceKind
    number: str
    issued_on: date
    due_on: date | None
    language: str
    seller: Party
    buyer: Party
    references: References
    priced: Quote
    credits: tuple[str, date] | None = None
    """The invoice that a credit note takes back: its number and day."""
    reason: str = ""

    @property
    def prepaid_minor(self) -> int:
        """What of an invoice's sum had come in before it; a credit note asks for nothing, so 0."""
        if self.kind == InvoiceKind.CREDIT_NOTE:
            return 0
        return self.priced.total_minor if self.references.paid_by else self.references.partly_paid_minor


def seller_party(seller: Seller) -> Party:
    """Return a seller as its invoices name it now."""
    return Party(
        name=seller.legal_name,
        country=seller.country,
        org_number=seller.org_number,
        is_vat_registered=seller.is_vat_registered,
        in_business_register=seller.in_business_register,
        street=seller.street,
        postal_code=seller.postal_code,
        city=seller.city,
        contact_name=seller.contact_name,
        contact_email=seller.contact_email,
        contact_phone=seller.contact_phone,
    )


def buyer_party(order: Order) -> Party:
    """Return the buyer as an order's invoice names it; without a person when the sender is no longer here."""
    municipality: Municipality = order.municipality
    is_known = order.email != FORGOTTEN
    return Party(
        name=municipality.official_name,
        country=municipality.country,
        org_number=municipality.org_number or "",
        gln=order.gln,
        contact_name=order.name if is_known else "",
        contact_email=order.email if is_known else "",
        contact_phone=order.phone,
    )


def stored(part: Party | References) -> dict[str, Any]:
    """Return a part as its row keeps it."""
    return asdict(part)
