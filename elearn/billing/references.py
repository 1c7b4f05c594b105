"""The references on a municipality's invoices: what an e-invoice needs, and how the municipality wants them written."""

from elearn.billing.errors import ReferenceHasOtherFormat, ReferenceMissing
from elearn.billing.models import BuyerRules

LONGEST = 35


def check(rules: BuyerRules | None, *, buyer_reference: str, order_number: str) -> None:
    """Raise `ReferenceMissing` or `ReferenceHasOtherFormat`.

    An e-invoice needs one of the two (PEPPOL-EN16931-R003); the municipality may ask for more.
    """
    if not buyer_reference and not order_number:
        raise ReferenceMissing
    if rules is None:
        return
    if rules.needs_order_number and not order_number:
        raise ReferenceMissing
    if rules.reference_format and not fits(rules.reference_format, buyer_reference):
        raise ReferenceHasOtherFormat(rules.reference_format)


def fits(pattern: str, reference: str) -> bool:
    """Say whether a reference is written as a pattern says: 9 a digit, A a letter, all else itself."""
    return len(pattern) == len(reference) and all(map(_fits_one, pattern, reference))


def _fits_one(wanted: str, written: str) -> bool:
    if wanted == "9":
        return written.isascii() and written.isdigit()
    return written.isalpha() if wanted == "A" else wanted == written
