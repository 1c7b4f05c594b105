"""Lists as text: CSV of any separator and encoding that people's Excel writes, and what is pasted."""

import csv
import re
from collections import Counter
from collections.abc import Iterator

from elearn.licensing.lists.cells import MOST_COLUMNS, Row, Unreadable, UnreadableList, cell_of_text

SEPARATORS = "\t;,|"
ENCODINGS = ("cp1252", "mac_roman", "cp865")
"""What Excel writes without a mark: Windows, Mac, and 'CSV (MS-DOS)'."""
_LETTER = r"[^\s@,;:<>()\[\]\"]"
ADDRESS = re.compile(rf"(?<!{_LETTER}){_LETTER}+@{_LETTER}+\.\w{{2,}}")
"""Looked for at the beginnings of words alone: a long word would else be read once for each of its letters."""
SAMPLE_LINES = 200
LINES_IN_A_CELL = 5
_NORDIC = re.compile("[æøåÆØÅäöÄÖéÉèÈüÜ]")
_ODD = re.compile("[\x00-\x08\x0e-\x1f]")
_IN_BRACKETS = re.compile(r"[^<>]*<\s*(?:mailto:)?[^\s<>@]+@[^\s<>@]+>\s*(?:[;,]\s*)?")
_ONLY_ADDRESSES = re.compile(r"[\s;,]*")


def decode(content: bytes) -> str:
    """Return the text of a file. Raises `UnreadableList` when it holds none."""
    text = _decode(content)
    if _ODD.search(text[:100_000]):
        raise UnreadableList(Unreadable.NOT_A_LIST)
    if text.lstrip()[:200].lower().startswith(("<html", "<!doctype html", "<table", "<?xml")):
        raise UnreadableList(Unreadable.WEB_PAGE)
    return text


def rows_of_text(text: str) -> Iterator[Row]:
    """Yield the rows of a text, blank ones too. Raises `UnreadableList`."""
    entries = _outlook_entries(text)
    if entries is not None:
        for number, entry in enumerate(entries, 1):
            yield Row(number, [cell_of_text(entry)])
        return
    text, separator = _separator(text)
    lines = text.splitlines(keepends=True)
    number = 0
    try:
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        for number, cells in enumerate(reader, 1):
            if any(cell.count("\n") > LINES_IN_A_CELL for cell in cells):
                raise UnreadableList(Unreadable.OPEN_QUOTE, number)
            yield Row(number, [cell_of_text(cell) for cell in cells[:MOST_COLUMNS]])
    except csv.Error:
        raise UnreadableList(Unreadable.OPEN_QUOTE, number + 1) from None


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content[1:2] == b"\0" or content[:1] == b"\0":
        return content.decode("utf-16-le" if content[1:2] == b"\0" else "utf-16-be", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    guesses = [guess for encoding in ENCODINGS if (guess := _decoded(content, encoding)) is not None]
    return max(guesses, key=lambda guess: len(_NORDIC.findall(guess)))


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _separator(text: str) -> tuple[str, str]:
    """Return the text without Excel's 'sep=' line, and the separator that gives the most even columns."""
    named = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if named:
        return "\n" + text[named.end() :], named[1]
    sample = [line for line in text.splitlines()[:SAMPLE_LINES] if line.strip()]
    return text, max(SEPARATORS, key=lambda separator: _evenness(sample, separator))


def _evenness(lines: list[str], separator: str) -> int:
    """Return how many lines share the most common number of columns above one."""
    counts = Counter(line.count(separator) for line in lines if separator in line)
    return counts.most_common(1)[0][1] if counts else 0


def _outlook_entries(text: str) -> list[str] | None:
    """Return the people of a line of addresses as mail programs give it, or None when this is a table."""
    lines = [line for line in text.splitlines() if line.strip()]
    with_address = [line for line in lines if "@" in line]
    if not with_address or any("\t" in line for line in with_address):
        return None
    if sum(_is_address_line(line) for line in with_address) * 2 <= len(with_address):
        return None
    return [entry.strip() for line in lines for entry in _entries(line) if entry.strip()]


def _is_address_line(line: str) -> bool:
    if "<" in line:
        return all(_IN_BRACKETS.fullmatch(part) for part in _entries(line) if part.strip())
    return bool(ADDRESS.search(line) and _ONLY_ADDRESSES.fullmatch(ADDRESS.sub("", line)))


def _entries(line: str) -> list[str]:
    if "<" not in line:
        return re.split(r"[;,\s]+", line) if len(ADDRESS.findall(line)) > 1 else [line]
    return re.split(r";", line) if ";" in line else re.split(r"(?<=>)\s*,", line)
