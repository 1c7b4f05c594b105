"""An invoice or credit note as a PDF/UA-1 in the buyer's language: made of the same stored words as the e-invoice."""

from typing import Any

from elearn.billing import words
from elearn.billing.einvoice import paper_parts, wording
from elearn.billing.einvoice.documents import Document
from elearn.billing.einvoice.peppol import buyer_reference
from elearn.billing.models import InvoiceKind
from elearn.core import i18n
from elearn.core.i18n import format_day
from elearn.core.i18n import gettext as _
from elearn.core.paper import draw


def render(document: Document) -> bytes:
    """Return the PDF of an invoice or credit note; the same bytes for the same document."""
    with i18n.speaking(document.language):
        return draw(paper_parts.TEMPLATE, _words(document))


def _words(document: Document) -> dict[str, Any]:
    kind = _("Invoice") if document.kind == InvoiceKind.INVOICE else _("Credit note")
    about = [wording.about_time(line, document.references) for line in document.priced.lines]
    table = paper_parts.table(document.priced, document.references.course, about)
    table["sums"] += _settled(document)
    return {
        "language": document.language,
        "title": f"{kind} {document.number}",
        "house": document.seller.name,
        "lead": _lead(document),
        "parties": [
            {"label": _("Seller"), "lines": paper_parts.seller_lines(document.seller, buyer=document.buyer)},
            {"label": _("Customer"), "lines": paper_parts.buyer_lines(document.buyer, seller=document.seller)},
            {"label": _("Contact"), "lines": paper_parts.contact_lines(document.seller)},
        ],
        "facts": _facts(document),
        "table": table,
        "sections": _sections(document),
        "foot": f"{document.seller.name} · {kind} {document.number}",
    }


def _lead(document: Document) -> str:
    if document.credits is None:
        return ""
    number, day = document.credits
    return _("Credits invoice %(number)s of %(day)s.", number=number, day=format_day(day))


def _facts(document: Document) -> list[tuple[str, str]]:
    references = document.references
    facts = [(_("Date"), format_day(document.issued_on))]
    if document.due_on and not references.paid_by:
        facts.append((_("Due date"), format_day(document.due_on)))
    facts += [
        (_("Your reference"), buyer_reference(references, document.buyer)),
        (_("Order number"), references.order_number),
    ]
    return [fact for fact in facts if fact[1]]


def _settled(document: Document) -> list[dict[str, Any]]:
    """Return what is left to pay, where it is not the sum."""
    prepaid = document.prepaid_minor
    if not prepaid:
        return []
    return [
        {"label": _("Paid"), "amount": words.number(-prepaid), "strong": False},
        {"label": _("To pay"), "amount": words.number(document.priced.total_minor - prepaid), "strong": True},
    ]


def _sections(document: Document) -> list[dict[str, Any]]:
    sections = [{"heading": _("Payment"), "text": wording.terms_of_payment(document), "pairs": _account(document)}]
    if document.reason:
        sections.insert(0, {"heading": _("Reason"), "text": document.reason, "pairs": []})
    return sections


def _account(document: Document) -> list[tuple[str, str]]:
    """Return where to pay to, and with which words; nothing when nothing is to be paid to the seller."""
    references = document.references
    if document.due_on is None or references.paid_by:
        return []
    pairs = [
        (_("Registration number"), references.bank_registration),
        (_("Account"), references.bank_account),
        ("BIC", references.bic),
        (_("Payment reference"), document.number),
    ]
    return [pair for pair in pairs if pair[1]]
