"""Lists as files that people open in a spreadsheet: CSV and XLSX, in which no cell is ever run as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The types of the two kinds of file."""
RUN_AS_FORMULA = ("=", "+", "-", "@", "|", "%", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula, or drop and find one behind."""
BLANKS = " \x7f\xa0\ufeff"
"""What it may overlook before one."""
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
LONGEST_CELL = 32_000


Cell = str | int | float
"""A text, which is made safe, or a number, which cannot be run."""


def safe_cell(text: str) -> str:
    """Return a text that a spreadsheet shows and never runs: a leading quote stands before what it might run."""
    shown = NOT_IN_XML.sub("", text)  # before it is looked at: what is left out may have hidden a formula
    may_run = shown.lstrip(BLANKS).startswith(RUN_AS_FORMULA)
    return (f"'{shown}" if may_run else shown)[:LONGEST_CELL]


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a list as CSV the way Danish and Norwegian Excel opens it: UTF-8 with its mark, semicolons, 0,5."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    for row in chain([header], rows):
        writer.writerow([safe_cell(cell) if isinstance(cell, str) else str(cell).replace(".", ",") for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a list as a workbook of one sheet: texts stay texts, numbers are numbers."""
    from openpyxl import Workbook  # it brings numpy along, which a page without a workbook should not wait for

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in chain([header], rows):
        sheet.append([safe_cell(cell) if isinstance(cell, str) else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
