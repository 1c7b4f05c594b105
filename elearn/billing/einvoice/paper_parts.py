"""What invoice, credit note and quote have in common as papers; `sale.typ` sets it."""

from pathlib import Path
from typing import Any

from babel import numbers

from elearn.billing import words
from elearn.billing.einvoice import wording
from elearn.billing.einvoice.documents import Party
from elearn.billing.pricing import FULL, Line, Quote, VatCategory, VatSum
from elearn.core import i18n
from elearn.core.i18n import gettext as _
from elearn.organisations.numbers import written_number

TEMPLATE = Path(__file__).with_name("sale.typ")


def seller_lines(seller: Party, *, buyer: Party) -> list[str]:
    """Return who sells, as law asks: name, address, number, and for Norwegian companies their register."""
    number = written_number(seller)
    if seller.country == "NO" and seller.is_vat_registered:
        number = f"{number} MVA"
    lines = [seller.name, seller.street, f"{seller.postal_code} {seller.city}".strip(), _abroad(seller, buyer), number]
    if seller.country == "DK" and seller.vat_number:
        lines.append(_("VAT number %(number)s", number=seller.vat_number))
    if seller.in_business_register:
        lines.append("Foretaksregisteret")
    return _told(lines)


def contact_lines(party: Party) -> list[str]:
    """Return whom to ask."""
    return _told([party.contact_name, party.contact_email, party.contact_phone])


def buyer_lines(buyer: Party, *, seller: Party) -> list[str]:
    """Return who buys, and where the e-invoice goes."""
    gln = _("EAN/GLN %(number)s", number=buyer.gln) if buyer.gln else ""
    return _told([buyer.name, _abroad(buyer, seller), written_number(buyer), gln, buyer.contact_name])


def table(priced: Quote, course: str, about: list[str]) -> dict[str, Any]:
    """Return the lines as a table's head and rows, and the sums under it."""
    rows = []
    for line, told in zip(priced.lines, about, strict=True):
        gross = words.number(line.quantity * line.unit_minor)
        rows.append([course, told, i18n.format_number(line.quantity), words.number(line.unit_minor), gross])
        if line.allowance_minor:
            rows.append([wording.about_discount(line), _share(line), "", "", words.number(-line.allowance_minor)])
    head = [_("What"), _("Seats"), _("Price per seat"), _("Amount in %(currency)s", currency=priced.currency)]
    return {"head": head, "rows": rows, "sums": [*_sums(priced)], "notes": _notes(priced)}


def _sums(priced: Quote) -> list[dict[str, Any]]:
    sums = [_sum(_("Sum without VAT"), priced.net_minor)]
    for each in priced.vat_sums:
        if each.vat.category is VatCategory.STANDARD:
            sums.append(_sum(_vat_label(each), each.vat_minor))
        else:
            sums.append(_sum(_("VAT"), each.vat_minor))
    return [*sums, _sum(_("Sum with VAT"), priced.total_minor) | {"strong": True}]


def _vat_label(each: VatSum) -> str:
    rate = numbers.format_percent(each.vat.rate_bp / FULL, format="#,##0.## %", locale=i18n.locale())
    return _("VAT, %(rate)s of %(net)s", rate=rate, net=words.number(each.net_minor))


def _notes(priced: Quote) -> list[str]:
    """Return why there is no VAT."""
    return _told([wording.why_no_vat(each.vat) for each in priced.vat_sums])


def _sum(label: str, minor: int) -> dict[str, Any]:
    return {"label": label, "amount": words.number(minor), "strong": False}


def _share(line: Line) -> str:
    """Return the share that a discount takes off, when it is a whole number of per cent."""
    share, rest = divmod(100 * line.allowance_minor, line.quantity * line.unit_minor)
    return "" if rest else i18n.format_percent(share)


def _abroad(party: Party, other: Party) -> str:
    """Return the country's name, for a sale across the border."""
    if party.country == other.country:
        return ""
    return str(i18n.locale().territories.get(party.country, party.country))


def _told(lines: list[str]) -> list[str]:
    return [line for line in lines if line]
