"""The books of a course house: what its invoices, credit notes and payments come to, account by account.

A voucher's debits equal its credits. Account numbers are fixed (docs/rules/invoices.md); an accounting program maps
them to its own when it reads the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from elearn.billing.models import Invoice, InvoiceKind, Order, Payment, PaymentKind
from elearn.billing.pricing import FULL, VatCategory
from elearn.core import spreadsheets
from elearn.core.i18n import gettext as _
from elearn.core.scope import HouseScope


class Account(StrEnum):
    """An account, by its number."""

    SALES = "1010"
    SALES_EXEMPT = "1020"
    SALES_REVERSE_CHARGE = "1030"
    SALES_OUTSIDE = "1040"
    DEBTORS = "5600"
    BANK = "5820"
    CARD_PAYMENTS = "5830"
    """What Stripe holds until it pays out."""
    VAT = "6900"


SALES_OF = {
    VatCategory.STANDARD: Account.SALES,
    VatCategory.EXEMPT: Account.SALES_EXEMPT,
    VatCategory.REVERSE_CHARGE: Account.SALES_REVERSE_CHARGE,
    VatCategory.OUTSIDE: Account.SALES_OUTSIDE,
}
MONEY_OF = {
    PaymentKind.TRANSFER: Account.BANK,
    PaymentKind.REPAID: Account.BANK,
    PaymentKind.CARD: Account.CARD_PAYMENTS,
    PaymentKind.REFUND: Account.CARD_PAYMENTS,
}


BY_HAND = "hand:"
"""How the references of payments begin that somebody noted: a form's key, which says nothing."""


@dataclass(frozen=True)
class Posting:
    """One line in the books: an amount on one side of one account."""

    day: date
    voucher: str
    """The invoice's number, or the payment's: 'B-17'."""
    account: Account
    debit_minor: int
    credit_minor: int
    currency: str
    vat: str
    """Category and rate of a sale, as e-invoices write them: 'S 25'; '' for all else."""
    order_id: int
    customer: str
    customer_number: str
    reference: str
    """What it is known by elsewhere: the invoice that a note credits, Stripe's id of a payment."""


def postings(session: Session, scope: HouseScope, first: date, last: date) -> list[Posting]:
    """Return a house's books from one day to another, both included, in the order of days and vouchers."""
    invoices = session.scalars(
        select(Invoice)
        .where(Invoice.course_house_id == scope.course_house_id, Invoice.issued_on.between(first, last))
        .options(joinedload(Invoice.credits))
        .order_by(Invoice.issued_on, Invoice.serial)
    )
    payments = session.scalars(
        select(Payment)
        .join(Payment.order)
        .where(Order.course_house_id == scope.course_house_id, Payment.paid_on.between(first, last))
        .options(joinedload(Payment.order).joinedload(Order.municipality))
        .order_by(Payment.paid_on, Payment.id)
    )
    found = [*(line for each in invoices for line in _of_invoice(each))]
    found += [line for each in payments for line in _of_payment(each)]
    return sorted(found, key=lambda posting: posting.day)


def account_name(account: Account) -> str:
    """Return an account's name in the language spoken."""
    return {
        Account.SALES: _("Sales with VAT"),
        Account.SALES_EXEMPT: _("Sales exempt from VAT"),
        Account.SALES_REVERSE_CHARGE: _("Sales with reverse charge"),
        Account.SALES_OUTSIDE: _("Sales outside VAT"),
        Account.DEBTORS: _("Debtors"),
        Account.BANK: _("Bank"),
        Account.CARD_PAYMENTS: _("Card payments under way"),
        Account.VAT: _("VAT on sales"),
    }[account]


def as_csv(posted: Sequence[Posting]) -> bytes:
    """Return postings as a file that spreadsheets and accounting programs of both countries open."""
    header = [_("Date"), _("Voucher"), _("Account"), _("Account's name"), _("Debit"), _("Credit"), _("Currency")]
    header += [_("VAT"), _("Order"), _("Customer"), _("Customer's number"), _("Reference")]
    return spreadsheets.as_csv(header, map(_cells, posted))


def _cells(posting: Posting) -> list[str]:
    return [
        posting.day.isoformat(),
        posting.voucher,
        posting.account,
        account_name(posting.account),
        _written(posting.debit_minor),
        _written(posting.credit_minor),
        posting.currency,
        posting.vat,
        str(posting.order_id),
        posting.customer,
        posting.customer_number,
        posting.reference,
    ]


def _written(minor: int) -> str:
    """Return an amount as accounting programs of both countries read it: '59975,00'; '' for none."""
    whole, rest = divmod(minor, 100)
    return f"{whole},{rest:02}" if minor else ""


def _of_invoice(invoice: Invoice) -> Iterator[Posting]:
    """A sale is owed by the debtor; a credit note turns it round."""
    sign = 1 if invoice.kind == InvoiceKind.INVOICE else -1

    def line(account: Account, amount: int, vat: str = "") -> Posting:
        return Posting(
            day=invoice.issued_on,
            voucher=invoice.number,
            account=account,
            debit_minor=max(sign * amount, 0),
            credit_minor=max(-sign * amount, 0),
            currency=invoice.currency,
            vat=vat,
            order_id=invoice.order_id,
            customer=invoice.buyer["name"],
            customer_number=invoice.buyer["org_number"],
            reference=invoice.credits.number if invoice.credits else "",
        )

    if invoice.total_minor:
        yield line(Account.DEBTORS, invoice.total_minor)
    for each in invoice.priced.vat_sums:
        vat = f"{each.vat.category} {each.vat.rate_bp * 100 / FULL:g}"
        if each.net_minor:
            yield line(SALES_OF[each.vat.category], -each.net_minor, vat)
        if each.vat_minor:
            yield line(Account.VAT, -each.vat_minor, vat)


def _of_payment(payment: Payment) -> Iterator[Posting]:
    """Money that came in lessens what the debtor owes; what went back raises it."""
    sides = ((MONEY_OF[PaymentKind(payment.kind)], payment.amount_minor), (Account.DEBTORS, -payment.amount_minor))
    for account, amount in sides:
        yield Posting(
            day=payment.paid_on,
            voucher=f"B-{payment.id}",
            account=account,
            debit_minor=max(amount, 0),
            credit_minor=max(-amount, 0),
            currency=payment.currency,
            vat="",
            order_id=payment.order_id,
            customer=payment.order.municipality.official_name,
            customer_number=payment.order.municipality.org_number or "",
            reference="" if payment.reference.startswith(BY_HAND) else payment.reference,
        )
