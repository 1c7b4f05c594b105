"""Billing's refusals in plain words, and the field that each stands beside."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from elearn.billing import errors
from elearn.billing.references import example_of
from elearn.core.errors import DomainError
from elearn.core.i18n import format_day, ngettext
from elearn.core.i18n import gettext as _

Said = Callable[[Any], str]


@dataclass(frozen=True)
class Refusal:
    """What is said, and beside which field of the forms."""

    field: str
    sentence: str


def refusal(refused: DomainError) -> Refusal:
    """Return what a refusal is told as. Raises KeyError for one that no form can meet."""
    field, say = SENTENCES[type(refused)]
    return Refusal(field, say(refused))


def _size(refused: errors.CodeForOtherSize) -> str:
    least, most = refused.least, refused.most
    if least == most:
        return ngettext(
            "The code holds for exactly %(num)d seat.", "The code holds for exactly %(num)d seats.", most or 0
        )
    if least is None:
        return ngettext(
            "The code holds for at most %(num)d seat.", "The code holds for at most %(num)d seats.", most or 0
        )
    if most is None:
        return ngettext("The code holds from %(num)d seat on.", "The code holds from %(num)d seats on.", least)
    return _("The code holds for %(least)s to %(most)s seats.", least=least, most=most)


def _day(day: date) -> str:
    return format_day(day)


def _country(refused: errors.CodeForOtherCountry) -> str:
    if refused.country == "DK":
        return _("The code is for Danish municipalities.")
    return _("The code is for Norwegian municipalities.")


def _format(refused: errors.ReferenceHasOtherFormat) -> str:
    return _("Write the reference like %(example)s.", example=example_of(refused.wanted))


def _municipality(refused: errors.UnknownMunicipality) -> str:
    if not refused.near:
        return _("We do not know this municipality. Write its name as it stands on letters.")
    return _("We do not know this municipality. Do you mean %(names)s?", names=" / ".join(refused.near))


SENTENCES: dict[type[DomainError], tuple[str, Said]] = {
    errors.NotForSale: ("seats", lambda _r: _("The course has no price here yet. Write to the course house.")),
    errors.OnRequest: (
        "seats",
        lambda _r: _("The course house tells you the price for this. Write to it, and you get an answer in writing."),
    ),
    errors.TooFewSeats: (
        "seats",
        lambda r: ngettext(
            "Write %(num)d seat or more: fewer are not sold.",
            "Write %(num)d seats or more: fewer are not sold.",
            r.least,
        ),
    ),
    errors.UnknownTerm: ("months", lambda _r: _("The course is not sold for so long. Choose one of the terms.")),
    errors.CodeUnknown: ("code", lambda _r: _("We do not know this code. Compare it letter by letter.")),
    errors.CodeTooEarly: ("code", lambda r: _("The code holds from %(day)s.", day=_day(r.begins))),
    errors.CodeExpired: (
        "code",
        lambda r: _("The code held until %(day)s. Take it away to see the price without it.", day=_day(r.ended)),
    ),
    errors.CodeForOtherCourse: ("code", lambda _r: _("The code is for another course.")),
    errors.CodeForOtherCurrency: ("code", lambda _r: _("The code is for prices in another currency.")),
    errors.CodeForOtherCountry: ("code", _country),
    errors.CodeForOtherMunicipality: ("code", lambda _r: _("The code was given to another municipality.")),
    errors.CodeForOtherPlace: ("code", lambda _r: _("The code is for municipalities in other regions.")),
    errors.CodeForOtherSize: ("code", _size),
    errors.CodeUsedUp: ("code", lambda _r: _("The code has been used as often as it may be.")),
    errors.PlaceTaken: (
        "code",
        lambda r: _("The code has been used in %(place)s. Each region has one test municipality.", place=r.place),
    ),
    errors.QuoteEnded: ("quote", lambda _r: _("The quote has ended. Ask for a new price.")),
    errors.ReferenceMissing: (
        "buyer_reference",
        lambda _r: _("Write your reference or an order number: the e-invoice must carry one."),
    ),
    errors.OrderNumberMissing: (
        "order_number",
        lambda _r: _("Write the order number: the municipality wants one on every invoice."),
    ),
    errors.ReferenceHasOtherFormat: ("buyer_reference", _format),
    errors.UnknownMunicipality: ("municipality", _municipality),
    errors.NotForCards: (
        "pay_by",
        lambda _r: _("Cards pay from 3 to 999,999 kroner. Choose the invoice instead."),
    ),
    errors.DutyNotAccepted: (
        "accepts_duty",
        lambda _r: _("The discount is given in return for feedback. Tick that you promise it, or take the code away."),
    ),
}
"""Every refusal that a buyer can meet while pricing or ordering."""
