"""The references on invoices, as municipalities ask for them."""

import pytest

from elearn.billing.errors import ReferenceHasOtherFormat, ReferenceMissing
from elearn.billing.models import BuyerRules
from elearn.billing.references import check, example_of, fits


@pytest.mark.parametrize(
    ("pattern", "reference", "does"),
    [
        ("B999999", "B123456", True),
        ("B999999", "B12345", False),
        ("B999999", "B1234567", False),
        ("B999999", "C123456", False),
        ("B999999", "B12345X", False),
        ("B999999", "B12345²", False),
        ("AAAAA", "KALUN", True),
        ("AAAAA", "KÅLÆØ", True),
        ("AAAAA", "KALU1", False),
        ("999-999", "123-456", True),
        ("999-999", "123 456", False),
        ("AA", "aé", True),
    ],
)
def test_a_pattern_names_digits_letters_and_itself(pattern: str, reference: str, does: bool) -> None:
    assert fits(pattern, reference) is does


def test_some_reference_is_needed() -> None:
    with pytest.raises(ReferenceMissing):
        check(None, buyer_reference="", order_number="")
    check(None, buyer_reference="KALU", order_number="")
    check(None, buyer_reference="", order_number="4500012")


def test_a_municipality_may_ask_for_more() -> None:
    rules = BuyerRules(reference_format="99999", needs_order_number=True)
    with pytest.raises(ReferenceMissing):
        check(rules, buyer_reference="12345", order_number="")
    with pytest.raises(ReferenceHasOtherFormat) as refused:
        check(rules, buyer_reference="1234", order_number="4500012")
    assert refused.value.wanted == "99999"
    check(rules, buyer_reference="12345", order_number="4500012")
    any_format = BuyerRules(reference_format="", needs_order_number=False)
    check(any_format, buyer_reference="", order_number="4500012")


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        ("B999999", "B123456"),
        ("AAA-99", "KAR-12"),
        ("9999999999AAAAAAAAA", "1234567891KARINLUDK"),
        ("ref.", "ref."),
    ],
)
def test_an_example_fits_its_pattern_and_reads_like_a_reference(pattern: str, example: str) -> None:
    assert example_of(pattern) == example
    assert fits(pattern, example)
