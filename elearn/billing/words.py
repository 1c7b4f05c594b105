"""How amounts and rates are written, in the language spoken now."""

from decimal import Decimal

from babel.numbers import format_decimal, format_percent

from elearn.billing.pricing import FULL
from elearn.core import i18n
from elearn.core.i18n import gettext as _

SELLER_INCOMPLETE = "seller incomplete"
"""What stands in `Order.invoice_problem` when the house has to fill something in; else it is what the rules say."""


def amount(minor: int, currency: str) -> str:
    """Return an amount of øre as people read it: '59.975,00 DKK'."""
    return f"{number(minor)} {currency}"


def number(minor: int) -> str:
    """Return an amount of øre without its currency, for a column that names it: '59.975,00'."""
    whole, oere = divmod(abs(minor), 100)
    written = format_decimal(f"{whole}.{oere:02}", format="#,##0.00", locale=i18n.locale())
    return f"{'−' if minor < 0 else ''}{written}"


def invoice_problem(noted: str) -> list[str]:
    """Return why an order's invoice could not be made, in sentences; the official rules speak English only."""
    if noted == SELLER_INCOMPLETE:
        return [_("The course house has not filled in what its invoices must say.")]
    return noted.splitlines()


def rate(hundredths: int) -> str:
    """Return hundredths of a per cent as people read them: '25 %', '12,5 %'."""
    return str(format_percent(Decimal(hundredths) / FULL, locale=i18n.locale(), decimal_quantization=False))
