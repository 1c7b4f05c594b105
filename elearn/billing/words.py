"""How amounts are written, in the language spoken now."""

from babel.numbers import format_decimal

from elearn.core import i18n


def amount(minor: int, currency: str) -> str:
    """Return an amount of øre as people read it: '59.975,00 DKK'."""
    return f"{number(minor)} {currency}"


def number(minor: int) -> str:
    """Return an amount of øre without its currency, for a column that names it: '59.975,00'."""
    whole, oere = divmod(abs(minor), 100)
    written = format_decimal(f"{whole}.{oere:02}", format="#,##0.00", locale=i18n.locale())
    return f"{'−' if minor < 0 else ''}{written}"
