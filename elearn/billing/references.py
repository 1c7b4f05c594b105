"""The references on a municipality's invoices: what an e-invoice needs, and how the municipality wants them written."""

from itertools import cycle

from elearn.billing.errors import OrderNumberMissing, ReferenceHasOtherFormat, ReferenceMissing
from elearn.billing.models import BuyerRules

LONGEST = 35


def check(rules: BuyerRules | None, *, buyer_reference: str, order_number: str) -> None:
    """Raise `ReferenceMissing`, `OrderNumberMissing` or `ReferenceHasOtherFormat`.

    An e-invoice needs one of the two (PEPPOL-EN16931-R003); the municipality may ask for more.
    """
    if not buyer_reference and not order_number:
        raise ReferenceMissing
    if rules is None:
        return
    if rules.needs_order_number and not order_number:
        raise OrderNumberMissing
    if rules.reference_format and not fits(rules.reference_format, buyer_reference):
        raise ReferenceHasOtherFormat(rules.reference_format)


def fits(pattern: str, reference: str) -> bool:
    """Say whether a reference is written as a pattern says: 9 a digit, A a letter, all else itself."""
    return len(pattern) == len(reference) and all(map(_fits_one, pattern, reference))


def example_of(pattern: str) -> str:
    """Return a reference that fits a pattern: 'B123456' for 'B999999'."""
    digits, letters = cycle("123456789"), cycle("KARINLUD")
    return "".join(next(digits) if each == "9" else next(letters) if each == "A" else each for each in pattern)


def _fits_one(wanted: str, written: str) -> bool:
    if wanted == "9":
        return written.isascii() and written.isdigit()
    return written.isalpha() if wanted == "A" else wanted == written
