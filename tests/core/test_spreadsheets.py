"""Files for spreadsheets: no cell is ever a formula, whatever people wrote."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elearn.core.spreadsheets import as_csv, as_xlsx, safe_cell

DANGEROUS = ("=", "+", "-", "@", "|", "%", "\t", "\r")
DROPPED = ("", " ", "\0", "\x01", "\x0b", "\x7f", "\xa0", "\ufeff", "\ufffe", "\uffff")
"""What may stand before it, for a spreadsheet or our own writing to drop."""
texts = st.text(max_size=60) | st.builds(
    lambda dropped, first, rest: dropped + first + rest,
    st.sampled_from(DROPPED),
    st.sampled_from(DANGEROUS),
    st.text(max_size=20),
)


@pytest.mark.parametrize("dropped", DROPPED)
@pytest.mark.parametrize("first", DANGEROUS)
def test_what_may_begin_a_formula_gets_a_quote_before_it(dropped: str, first: str) -> None:
    assert safe_cell(f"{dropped}{first}1+1").startswith("'")


@pytest.mark.parametrize("text", ["Lise", "Åse Ærø", "lise@work.example", "a=b", "", "'quoted'"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


@settings(deadline=None)
@given(st.lists(texts, min_size=1, max_size=4))
def test_no_row_of_texts_makes_a_formula_in_either_file(row: list[str]) -> None:
    read = next(csv.reader(io.StringIO(as_csv(row, []).decode("utf-8-sig"), newline=""), delimiter=";"))
    assert read == [safe_cell(cell) for cell in row]
    assert not [cell for cell in read if cell.startswith(DANGEROUS)]

    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(row, []))).active
    cells = [cell for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in cells if isinstance(cell.value, str) and cell.value.startswith(DANGEROUS)]
