"""A quote as a PDF/UA-1: what to show a boss. It says what the stored quote says, whatever prices do."""

from typing import Any

from elearn.billing import words
from elearn.billing.einvoice import paper_parts, wording
from elearn.billing.einvoice.documents import Party, seller_party
from elearn.billing.models import Quote, Seller
from elearn.catalogue.content import Content
from elearn.core import clock, i18n
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _
from elearn.core.paper import draw


def render(quote: Quote, *, seller: Seller, page: str) -> bytes:
    """Return the PDF of a quote in its language. `page` is the address where it is accepted."""
    with i18n.speaking(quote.language):
        return draw(paper_parts.TEMPLATE, _words(quote, seller, page))


def _words(quote: Quote, seller: Seller, page: str) -> dict[str, Any]:
    title = _("Quote %(number)s", number=quote.id)
    about = [wording.term(line) for line in quote.priced.lines]
    sells, buys = seller_party(seller), _buyer(quote)
    made_on = clock.day_of(quote.made_at, quote.municipality.country)
    return {
        "language": quote.language,
        "title": title,
        "house": seller.legal_name,
        "lead": _course(quote),
        "parties": [
            {"label": _("Seller"), "lines": paper_parts.seller_lines(sells, buyer=buys)},
            {"label": _("Customer"), "lines": paper_parts.buyer_lines(buys, seller=sells)},
            {"label": _("Contact"), "lines": paper_parts.contact_lines(sells)},
        ],
        "facts": [(_("Date"), format_day(made_on)), (_("Valid until"), format_day(quote.valid_until))],
        "table": paper_parts.table(quote.priced, _course(quote), about),
        "sections": _sections(quote, seller, page),
        "foot": f"{seller.legal_name} · {title}",
    }


def _course(quote: Quote) -> str:
    version = quote.course.current_version
    return str(Content(version.content).title(quote.language)) if version else quote.course.slug


def _buyer(quote: Quote) -> Party:
    body = quote.municipality
    return Party(body.official_name, body.country, body.org_number or "", contact_name=quote.name)


def _sections(quote: Quote, seller: Seller, page: str) -> list[dict[str, Any]]:
    total = words.amount(quote.total_minor, quote.currency)
    accept = _(
        "The price of %(total)s holds until %(day)s. Accept the quote, and order, here:",
        total=total,
        day=format_day(quote.valid_until),
    )
    sections: list[dict[str, Any]] = [{"heading": _("How to order"), "text": accept, "link": page, "pairs": []}]
    if duty := _duty(quote):
        sections.append({"heading": _("In return for the discount"), "text": duty, "pairs": []})
    days = ngettext(
        "To be paid %(num)d day after the invoice.", "To be paid %(num)d days after the invoice.", seller.payment_days
    )
    sections.append({"heading": _("Payment"), "text": days, "pairs": []})
    if seller.terms:
        sections.append({"heading": _("Terms"), "text": seller.terms, "pairs": []})
    return sections


def _duty(quote: Quote) -> str:
    """Say what the code asks for: feedback from so many, within a time."""
    campaign = quote.discount_code.campaign if quote.discount_code else None
    if campaign is None or campaign.duty_share is None or campaign.duty_months is None:
        return ""
    return ngettext(
        "The municipality promises feedback from at least %(share)s of staff and of leaders within %(num)d month.",
        "The municipality promises feedback from at least %(share)s of staff and of leaders within %(num)d months.",
        campaign.duty_months,
        share=i18n.format_percent(campaign.duty_share),
    )
