"""Who stands in a list: one entry a row, with what is wrong where only the cell itself could tell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from elearn.licensing.lists.cells import MOST_ROWS, Cell, Kind, Row, Unreadable, UnreadableList, tidy
from elearn.licensing.lists.columns import Columns, SeenColumn, columns_as, columns_of, seen_columns
from elearn.licensing.lists.words import Field, key

_BRACKETED = re.compile(r"(?P<name>.*?)<?\s*<\s*(?:mailto:)?(?P<address>[^<>\s]+)\s*>\W*", re.IGNORECASE)
_ADDRESS_ENDS = " \t;,.<>\"'"
_SAID_BY_CELL = {Kind.FORMULA, Kind.ERROR, Kind.MERGED}
_NO_NAME = {*_SAID_BY_CELL, Kind.NUMBER, Kind.DATE}

Entry = dict[str, Any]
"""A person as read and as kept: n (row), email, name, department, sector, role, language, wrong {field: kind}."""


@dataclass(frozen=True)
class Found:
    """A list as read."""

    entries: list[Entry]
    columns: Columns
    has_names: bool
    """Whether the list tells names; else they were made of the addresses."""
    seen: list[SeenColumn]


def people_in(rows: Sequence[Row], places: Mapping[Field, int] | None = None) -> Found:
    """Return the people of a list's rows; `places` says which column tells what. Raises `UnreadableList`."""
    columns = columns_as(rows, places) if places else columns_of(rows)
    has_names = bool({Field.NAME, Field.FIRST_NAME, Field.LAST_NAME} & set(columns.places))
    heading = columns.headings.get(Field.EMAIL, "")
    people = [row for row in rows if row.number >= columns.first_row and not _repeats(columns, row, heading)]
    if len(people) > MOST_ROWS:
        raise UnreadableList(Unreadable.TOO_MANY_ROWS, people[MOST_ROWS].number)
    entries = [_entry(columns, row, has_names=has_names) for row in people]
    if not entries:
        raise UnreadableList(Unreadable.EMPTY)
    named = [entry.pop("named", False) for entry in entries]
    return Found(entries, columns, has_names or any(named), seen_columns(rows, columns.first_row))


def _repeats(columns: Columns, row: Row, heading: str) -> bool:
    """Say whether a row is the headings once more, or holds nothing that we read."""
    cells = [columns.cell(row, field) for field in columns.places]
    if not any(cell and (cell.text or cell.kind is Kind.MERGED) for cell in cells):
        return True
    email = columns.cell(row, Field.EMAIL)
    return bool(heading and email and key(email.text) == key(heading))


def _entry(columns: Columns, row: Row, *, has_names: bool) -> Entry:
    wrong: dict[str, str] = {}
    email, written_name = _address(columns.cell(row, Field.EMAIL) or Cell(), wrong)
    name = _name(columns, row, wrong)
    entry: Entry = {"n": row.number, "email": email, "name": name or written_name, "wrong": wrong}
    if not has_names and not entry["name"]:
        entry["name"] = name_of_address(email)
    elif not has_names:
        entry["named"] = True
    for field in (Field.DEPARTMENT, Field.SECTOR, Field.ROLE, Field.LANGUAGE):
        cell = columns.cell(row, field) or Cell()
        entry[field] = cell.text
        if cell.kind in _SAID_BY_CELL:
            wrong[field] = cell.kind
    if entry["name"]:
        _forgive_name(name, wrong)
    return entry


def _forgive_name(name: str, wrong: dict[str, str]) -> None:
    """A blank cell under a merged one is no fault where the name stands beside the address."""
    if not name and wrong.get(Field.NAME) == Kind.MERGED:
        del wrong[Field.NAME]


def _address(cell: Cell, wrong: dict[str, str]) -> tuple[str, str]:
    """Return the address and the name that stands before it, as in 'Bo Andersen <bo@work.dk>'."""
    if cell.kind in (Kind.ERROR, Kind.MERGED) or cell.text.startswith("="):
        wrong[Field.EMAIL] = cell.kind if cell.kind is not Kind.TEXT else Kind.FORMULA
        return cell.text, ""
    bracketed = _BRACKETED.fullmatch(cell.text)
    if bracketed:
        return bracketed["address"].strip(_ADDRESS_ENDS), _turned(bracketed["name"].strip(" \"'"))
    return re.sub(r"(?i)^mailto:", "", cell.text).strip(_ADDRESS_ENDS), ""


def _name(columns: Columns, row: Row, wrong: dict[str, str]) -> str:
    whole = columns.cell(row, Field.NAME)
    first, last = columns.cell(row, Field.FIRST_NAME), columns.cell(row, Field.LAST_NAME)
    parts = [whole or first, last if whole is None or first is None else None]
    cells = [cell for cell in parts if cell is not None]
    for cell in cells:
        if cell.kind in _NO_NAME:
            wrong[Field.NAME] = cell.kind
    texts = [cell.text for cell in cells if cell.text]
    if len(texts) == 2 and texts[0].endswith(texts[1]):
        texts.pop()
    name = " ".join(texts)
    return name if wrong.get(Field.NAME) else _turned(name)


def _turned(name: str) -> str:
    """Return 'Bo Andersen' for 'Andersen, Bo (Favrskov)'."""
    bare = tidy(re.sub(r"\([^()]*\)", " ", name)) if "," in name or name.endswith(")") else name
    last, comma, first = bare.partition(",")
    if comma and first.strip()[:1].isupper() and "," not in first:
        return tidy(f"{first} {last}")
    return bare


def name_of_address(address: str) -> str:
    """Return the name that an address suggests, 'Bo Andersen' for bo.andersen@work.dk."""
    words = re.split(r"[._\-+\d]+", address.partition("@")[0])
    return " ".join(word[:1].upper() + word[1:] for word in words if word)
