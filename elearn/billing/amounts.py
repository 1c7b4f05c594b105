"""Amounts as people type them, read into whole øre."""

import re

_TYPED = re.compile(r"(?:\d{1,3}(?:([ .,])\d{3})(?:\1\d{3})*|\d+)(?:([.,])\d{1,2})?", re.ASCII)
MOST = 10**12
"""Ten thousand million kroner: nothing here costs more."""


def read_amount(typed: str) -> int:
    """Return the øre of '2.399,00', '2399', '2 399,5' or '2,399.00'. Raises ValueError for what is no such amount.

    A thousand is marked by one kind of sign and øre by the other; three figures after a sign are thousands.
    """
    written = " ".join(typed.replace(" ", " ").replace("\u202f", " ").split())
    found = _TYPED.fullmatch(written)
    if found is None or (found[1] and found[1] == found[2]):
        raise ValueError(f"no amount: {typed}")
    whole, fraction = written, ""
    if found[2]:
        whole, _sign, fraction = written.rpartition(found[2])
    amount = int("".join(filter(str.isdigit, whole))) * 100 + int(fraction.ljust(2, "0") or "0")
    if amount > MOST:
        raise ValueError(f"no amount: {typed}")
    return amount


def typed_amount(minor: int) -> str:
    """Return øre as a field shows them: '2399,00'."""
    whole, oere = divmod(minor, 100)
    return f"{whole},{oere:02}"
