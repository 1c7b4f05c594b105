"""The words that e-invoice and paper share, in the language spoken now."""

from datetime import date

from elearn.billing.einvoice.documents import Document, References
from elearn.billing.models import InvoiceKind, PaymentKind
from elearn.billing.pricing import Line, Vat
from elearn.billing.vat import NOT_REGISTERED
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _


def about_line(line: Line, references: References) -> str:
    """Say how many seats a line is for, and for how long: '10 seats, 12 months, 1 May 2026 – 30 April 2027'."""
    return f"{ngettext('%(num)d seat', '%(num)d seats', line.quantity)}, {about_time(line, references)}"


def about_time(line: Line, references: References) -> str:
    """Say how long a line's seats last, with the days once they are known."""
    if not (references.starts_on and references.ends_on):
        return term(line)
    first, last = (format_day(date.fromisoformat(day)) for day in (references.starts_on, references.ends_on))
    return f"{term(line)}, {first} – {last}"


def term(line: Line) -> str:
    """Say how long a seat lasts: '12 months', or '200 days'."""
    if line.months is not None:
        return ngettext("%(num)d month", "%(num)d months", line.months)
    return ngettext("%(num)d day", "%(num)d days", line.days or 0)


def about_discount(line: Line) -> str:
    """Say what the allowance is for."""
    return _("Discount, code %(code)s", code=line.code) if line.code else _("Discount")


def why_no_vat(vat: Vat) -> str:
    """Say why there is no VAT; our own reason is told in the language spoken, the house's own in its words."""
    return _("The seller is not registered for VAT") if vat == NOT_REGISTERED else vat.reason


def terms_of_payment(document: Document) -> str:
    """Say how the document is settled."""
    paid_by = document.references.paid_by
    if document.kind == InvoiceKind.CREDIT_NOTE:
        assert document.credits is not None
        if paid_by == PaymentKind.CARD:
            return _("The amount goes back to the card that paid invoice %(number)s.", number=document.credits[0])
        return _("The amount is set off against invoice %(number)s, or paid back.", number=document.credits[0])
    if paid_by == PaymentKind.CARD:
        return _("Paid by card.")
    if paid_by:
        return _("Paid.")
    if document.due_on is None:
        return _("Nothing is owed.")
    return _("To be paid by %(day)s.", day=format_day(document.due_on))
