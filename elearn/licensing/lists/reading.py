"""Reading a list of any kind: by what it holds, never by what it is called."""

from collections.abc import Callable, Iterator

from elearn.licensing.lists.cells import MOST_ROWS, Row, Unreadable, UnreadableList, is_blank
from elearn.licensing.lists.delimited import decode, rows_of_text
from elearn.licensing.lists.workbook import is_zip, rows_announced, rows_of_workbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHER_FILES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")
TOLD_EVERY = 500


def read(content: bytes, told: Callable[[int], None] = lambda _rows: None) -> list[Row]:
    """Return a list's rows that hold something; `told` hears now and then how many. Raises `UnreadableList`."""
    rows = []
    for row in _rows(content):
        if is_blank(row):
            continue
        rows.append(row)
        if len(rows) > MOST_ROWS + 20:  # some may stand above the headings
            raise UnreadableList(Unreadable.TOO_MANY_ROWS, row.number)
        if len(rows) % TOLD_EVERY == 0:
            told(len(rows))
    if not rows:
        raise UnreadableList(Unreadable.EMPTY)
    return rows


def _rows(content: bytes) -> Iterator[Row]:
    if not content.strip():
        raise UnreadableList(Unreadable.EMPTY)
    if content.startswith(_OLE):
        is_locked = "EncryptedPackage".encode("utf-16-le") in content
        raise UnreadableList(Unreadable.LOCKED if is_locked else Unreadable.OLD_EXCEL)
    if content.startswith(_OTHER_FILES):
        raise UnreadableList(Unreadable.NOT_A_LIST)
    return rows_of_workbook(content) if is_zip(content) else rows_of_text(decode(content))


def expected_rows(content: bytes) -> int:
    """Return about how many rows a list may have, for a progress bar; exact only once it is read."""
    if is_zip(content):
        return rows_announced(content)
    return min(content.count(b"\n") + 1, MOST_ROWS)
