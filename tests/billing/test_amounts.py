"""Amounts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elearn.billing.amounts import read_amount, typed_amount


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("2399", 239_900),
        ("2.399,00", 239_900),
        ("2,399.00", 239_900),
        ("2 399,5", 239_950),
        ("2.399", 239_900),
        ("0,05", 5),
        ("1.000.000,25", 100_000_025),
        (" 75 ", 7_500),
    ],
)
def test_both_countries_ways_of_writing_are_read(typed, minor) -> None:
    assert read_amount(typed) == minor


@pytest.mark.parametrize(
    "typed", ["", "-1", "much", "2,399,00", "1.23.45", "2399,123", "1.000.00", "12,34.5", "٣", "1e3", "10000000000001"]
)
def test_what_is_no_amount_is_refused_and_never_guessed(typed) -> None:
    with pytest.raises(ValueError, match="no amount"):
        read_amount(typed)


@given(st.integers(0, 10**11))
def test_what_a_field_shows_is_read_back_the_same(minor) -> None:
    assert read_amount(typed_amount(minor)) == minor
