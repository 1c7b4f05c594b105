"""What a list is made of before anybody knows what its columns mean."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from elearn.core.errors import DomainError

MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_NUMBER = re.compile(r"[\d\s.,%/+-]*\d[\d\s.,%]*")
_DATE = re.compile(
    r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}.*|\d{4}-\d{2}-\d{2}.*"
    r"|\d{1,2}[-. ]*(jan|feb|mar|apr|ma[jiy]|jun|jul|aug|sep|o[kc]t|nov|de[cs])[a-zæøå]*[-. ]*\d{0,4}"
    r"|(jan|feb|mar|apr|ma[jiy]|jun|jul|aug|sep|o[kc]t|nov|de[cs])[a-zæøå]*[-. ]+\d{1,4}",
    re.IGNORECASE,
)
_BLANKS = {"-", "–", "—", ".", "_"}


class Kind(StrEnum):
    """What a cell holds."""

    TEXT = "text"
    FORMULA = "formula"
    NUMBER = "number"
    DATE = "date"
    ERROR = "error"
    """Excel could not work it out: #N/A and the like."""
    MERGED = "merged"
    """Covered by a cell above or beside it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: tidied text, and what it was."""

    text: str = ""
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Row:
    """One row, with the number it has where it came from, counted from 1."""

    number: int
    cells: list[Cell]


class Unreadable(StrEnum):
    """Why a list as a whole cannot be read."""

    EMPTY = "empty"
    NOT_A_LIST = "not_a_list"
    OLD_EXCEL = "old_excel"
    LOCKED = "locked"
    OPEN_DOCUMENT = "open_document"
    WEB_PAGE = "web_page"
    TOO_MUCH = "too_much"
    HOSTILE = "hostile"
    BROKEN = "broken"
    TOO_MANY_ROWS = "too_many_rows"
    OPEN_QUOTE = "open_quote"
    NO_ADDRESSES = "no_addresses"


class UnreadableList(DomainError):
    """A list cannot be read; says why, and at which row where it knows."""

    def __init__(self, what: Unreadable, row: int | None = None) -> None:
        super().__init__(what)
        self.what, self.row = what, row


def tidy(text: str) -> str:
    """Return a text without invisible characters, and with single spaces."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def cell_of_text(text: str) -> Cell:
    """Return the cell of a written text. Text that a spreadsheet would take for a formula counts as one."""
    text = tidy(text[: LONGEST_CELL * 2])
    if text in _BLANKS:
        return Cell()
    if text[:1] in ("=", "+", "-", "@") and len(text) > 1:
        return Cell(text, Kind.NUMBER if _NUMBER.fullmatch(text) else Kind.FORMULA)
    if text[:1].isdigit() or text[-1:].isdigit():
        if _DATE.fullmatch(text):
            return Cell(text, Kind.DATE)
        if _NUMBER.fullmatch(text):
            return Cell(text, Kind.NUMBER)
    if text.startswith("#") and text.isupper():
        return Cell(text, Kind.ERROR)
    return Cell(text)


def is_blank(row: Row) -> bool:
    """Say whether nothing stands in a row."""
    return not any(cell.text for cell in row.cells)
