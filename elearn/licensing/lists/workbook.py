"""Lists as Excel workbooks. What a file would unpack to is counted before anything of it is understood."""

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from elearn.licensing.lists.cells import (
    LONGEST_CELL,
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Kind,
    Row,
    Unreadable,
    UnreadableList,
    cell_of_text,
    tidy,
)

MOST_PARTS = 2_000
MOST_UNPACKED_BYTES = 60_000_000
MOST_TAGS = 2_000_000
"""In all that is read: 10,000 rows of 40 columns."""
MOST_STYLE_TAGS = 150_000
LAST_ROW = 100_000
"""Rows further down are not looked at: blank ones with a border may go on for ever."""
MOST_SHEETS = 20
MOST_MERGED = 20_000
CHUNK = 1_000_000
BLANK, MERGED = Cell(), Cell("", Kind.MERGED)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\b[^>]*\bref="[A-Z]+\d+:[A-Z]+(\d{1,7})"')
_HOSTILE = (b"<!DOCTYPE", b"<!ENTITY")


def rows_of_workbook(content: bytes) -> Iterator[Row]:
    """Yield the rows of the first sheet that holds an address. Raises `UnreadableList`."""
    merged = _guard(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from _rows(content, merged)
    except UnreadableList:
        raise
    except Exception:  # whatever a broken file makes of the library, it cannot be read
        raise UnreadableList(Unreadable.BROKEN) from None


def is_zip(content: bytes) -> bool:
    """Say whether a file is a ZIP, as workbooks are."""
    return content.startswith(b"PK")


def rows_announced(content: bytes) -> int:
    """Return how many rows a workbook's first sheet says to have, at most as many as are read; 0 when it says none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            first = min(name for name in archive.namelist() if name.startswith("xl/worksheets/"))
            with archive.open(first) as source:
                said = _DIMENSION.search(source.read(2_000))
    except Exception:  # reading it will say what is wrong
        return 0
    return min(int(said[1]), MOST_ROWS) if said else 0


def _guard(content: bytes) -> dict[str, list[bytes]]:
    """Refuse a file that would unpack to too much, or is no workbook; return each part's merged ranges."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename.lower() for part in parts}
            if "mimetype" in names or "content.xml" in names:
                raise UnreadableList(Unreadable.OPEN_DOCUMENT)
            if "xl/workbook.xml" not in names:
                raise UnreadableList(Unreadable.NOT_A_LIST)
            if any(part.flag_bits & 1 for part in parts):
                raise UnreadableList(Unreadable.LOCKED)
            _refuse_too_much(parts)
            tags = 0
            merged = {}
            for part in parts:  # whatever they are called: a file says itself which of them is its sheet
                found, merged[part.filename] = _look_through(archive, part)
                tags += found
                too_many = found > MOST_STYLE_TAGS and "style" in part.filename.lower()
                if too_many or tags > MOST_TAGS:
                    raise UnreadableList(Unreadable.TOO_MUCH)
            return merged
    except UnreadableList:
        raise
    except Exception:  # zipfile raises many kinds for what is no ZIP
        raise UnreadableList(Unreadable.BROKEN) from None


def _refuse_too_much(parts: list[zipfile.ZipInfo]) -> None:
    """`zipfile` unpacks no more of a part than it declares, so the declared sizes bind.

    Every part counts: the library reads the theme and what is said about the file, too, and sheets wherever they lie.
    """
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED_BYTES:
        raise UnreadableList(Unreadable.TOO_MUCH)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise UnreadableList(Unreadable.TOO_MUCH)  # others unpack without a bound


def _look_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, list[bytes]]:
    """Return how many tags a part holds and its merged ranges. Raises `UnreadableList` for a document type."""
    tags, tail = 0, b""
    ranges: list[bytes] = []
    is_xml = part.filename.lower().endswith((".xml", ".rels"))
    with archive.open(part) as source:
        while chunk := source.read(CHUNK):
            seen = tail + chunk
            is_xml = is_xml or (not tail and _may_be_xml(chunk))
            if is_xml and (b"\0" in chunk or any(word in seen for word in _HOSTILE)):
                raise UnreadableList(Unreadable.HOSTILE)
            tags += chunk.count(b"<")
            if len(ranges) < MOST_MERGED:
                ranges += [match[1] for match in _MERGED.finditer(seen) if match.end() > len(tail)]
            tail = seen[-200:]
            if tags > MOST_TAGS:
                raise UnreadableList(Unreadable.TOO_MUCH)
    return tags, ranges


def _may_be_xml(beginning: bytes) -> bool:
    """Say whether a part that begins so could be read as XML, in UTF-8 or UTF-16; pictures could not."""
    shown = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return not shown or shown.startswith(b"<")


def _rows(content: bytes, merged: dict[str, list[bytes]]) -> Iterator[Row]:
    from openpyxl import load_workbook  # it brings numpy along: only who reads a workbook waits for that

    workbook = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    sheets: list[Any] = [sheet for sheet in workbook.worksheets[:MOST_SHEETS] if sheet.sheet_state == "visible"]
    for sheet in sheets:
        rows = _rows_of_sheet(sheet, _covered(merged.get(sheet._worksheet_path.lstrip("/"), [])))
        before: list[Row] = []
        for row in rows:
            before.append(row)
            if any("@" in cell.text for cell in row.cells):
                yield from before
                yield from rows
                return


def _rows_of_sheet(sheet: Any, covered: set[tuple[int, int]]) -> Iterator[Row]:
    from openpyxl.cell.read_only import EMPTY_CELL

    sheet.reset_dimensions()  # what a file says of its size is not to be trusted
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS), 1):
        if all(cell is EMPTY_CELL for cell in cells):
            continue
        found = [_cell(cell) for cell in cells]
        if covered and any(cell.text for cell in found):
            found = [MERGED if (number, i) in covered and not cell.text else cell for i, cell in enumerate(found, 1)]
        while found and found[-1] is BLANK:
            found.pop()
        yield Row(number, found)


def _covered(ranges: list[bytes]) -> set[tuple[int, int]]:
    """Return (row, column) of the cells that merged ranges cover, their first ones aside."""
    from openpyxl.utils import range_boundaries

    covered: set[tuple[int, int]] = set()
    for written in ranges:
        boundaries: tuple[Any, Any, Any, Any] = range_boundaries(written.decode())
        left, top, right, bottom = boundaries
        wide, high = min(right, MOST_COLUMNS), min(bottom, MOST_ROWS + 100)
        if (wide - left + 1) * (high - top + 1) + len(covered) > MOST_MERGED * 10:
            continue
        covered |= {(row, column) for row in range(top, high + 1) for column in range(left, wide + 1)}
        covered.discard((top, left))
    return covered


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return BLANK
    if cell.data_type == "f":
        return Cell(tidy(str(getattr(value, "text", value))[:LONGEST_CELL]), Kind.FORMULA)
    if cell.data_type == "e":
        return Cell(tidy(str(value)), Kind.ERROR)
    if isinstance(value, datetime.datetime | datetime.date | datetime.time | datetime.timedelta):
        return Cell(str(value).removesuffix(" 00:00:00"), Kind.DATE)
    if isinstance(value, bool):
        return Cell(str(value))
    if isinstance(value, int | float):
        return Cell(f"{value:.15g}" if abs(value) < 1e15 else str(value), Kind.NUMBER)
    return cell_of_text(str(value))
