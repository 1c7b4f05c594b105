"""What a list would do: row by row, before anything happens. Pure: what is known of the municipality is handed in."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from elearn.accounts import addresses
from elearn.accounts.errors import NotAnAddress
from elearn.licensing.lists.cells import tidy
from elearn.licensing.lists.people import Entry
from elearn.licensing.lists.words import Field, language_of, role_of, sector_of
from elearn.organisations.models import Role
from elearn.organisations.tree import name_key

LONGEST_NAME = 120
_BROKEN_LETTERS = re.compile("\ufffd|Ã[\u0080-\u00bf˜¦¥¸†…]|Ã\u0085|Ã\u0098")
_GROUPED = {Field.DEPARTMENT, Field.SECTOR, Field.ROLE, Field.LANGUAGE}


class Fate(StrEnum):
    """What will happen to a row."""

    INVITED = "invited"
    SEATED = "seated"
    """Has a seat already, and is left untouched."""
    WRONG = "wrong"
    SKIPPED = "skipped"


class Fault(StrEnum):
    """What is wrong with a row."""

    FORMULA = "formula"
    NUMBER = "number"
    DATE = "date"
    ERROR = "error"
    MERGED = "merged"
    MISSING = "missing"
    NO_AT = "no_at"
    NOT_AN_ADDRESS = "not_an_address"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    GARBLED = "garbled"
    NOT_A_NAME = "not_a_name"
    UNKNOWN = "unknown"
    NEEDS_DEPARTMENT = "needs_department"


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one row."""

    field: Field
    fault: Fault
    value: str
    other_row: int | None = None
    """For duplicates: the row that has the address first."""


@dataclass(frozen=True)
class PlannedRow:
    """A row and what will happen to it."""

    number: int
    email: str
    name: str
    fate: Fate
    department_id: int | None
    new_department: str
    """A department to be added, or ''."""
    department: str
    sector: str | None
    role: Role
    language: str | None
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What the municipality and the licence hold already."""

    departments: Mapping[str, int]
    """Name, case-folded -> id."""
    seated: Collection[str]
    """Normalised addresses of whoever holds a seat of the licence."""


@dataclass(frozen=True)
class Plan:
    """A whole list's rows and what will happen to each."""

    rows: list[PlannedRow]

    def of(self, fate: Fate) -> list[PlannedRow]:
        """Return the rows of one fate, in the list's order."""
        return [row for row in self.rows if row.fate is fate]


def plan(entries: Sequence[Entry], known: Known) -> Plan:
    """Return what a list would do."""
    first_rows: dict[str, int] = {}
    return Plan([_planned(entry, known, first_rows) for entry in entries])


def department_key(name: str) -> str:
    """Return what two spellings of a department's name share: as departments are compared, the invisible aside."""
    return name_key(tidy(name))


def _planned(entry: Entry, known: Known, first_rows: dict[str, int]) -> PlannedRow:
    row = PlannedRow(
        number=entry["n"],
        email=entry["email"],
        name=entry["name"],
        fate=Fate.INVITED,
        department_id=known.departments.get(department_key(entry["department"])),
        new_department=entry["department"] if entry.get("adds") else "",
        department=entry["department"],
        sector=sector_of(entry["sector"]),
        role=role_of(entry["role"]) or Role.LEARNER,
        language=language_of(entry["language"]),
    )
    if entry.get("skip"):
        return replace(row, fate=Fate.SKIPPED)
    address = addresses.normalise(entry["email"])
    if address in known.seated and address not in first_rows:
        first_rows[address] = row.number
        return replace(row, fate=Fate.SEATED)
    problems = [*_of_address(entry, address, first_rows), *_of_name(entry), *_of_words(entry, row)]
    return replace(row, fate=Fate.WRONG, problems=problems) if problems else row


def _of_address(entry: Entry, address: str, first_rows: dict[str, int]) -> list[Problem]:
    written = entry["email"]
    fault, other = _fault_of_address(entry), None
    if fault is None:
        other = first_rows.setdefault(address, entry["n"])
        fault = Fault.DUPLICATE if other != entry["n"] else None
    return [Problem(Field.EMAIL, fault, written, other)] if fault else []


def _fault_of_address(entry: Entry) -> Fault | None:
    written = entry["email"]
    if Field.EMAIL in entry["wrong"]:
        return Fault(entry["wrong"][Field.EMAIL])
    if not written:
        return Fault.MISSING
    if len(written) > addresses.MAX_LENGTH:
        return Fault.TOO_LONG
    if "@" not in written:
        return Fault.NO_AT
    if _BROKEN_LETTERS.search(written):
        return Fault.GARBLED
    try:
        addresses.check(written)
    except NotAnAddress:
        return Fault.NOT_AN_ADDRESS
    return None


def _of_name(entry: Entry) -> list[Problem]:
    fault = _fault_of_name(entry)
    return [Problem(Field.NAME, fault, entry["name"])] if fault else []


def _fault_of_name(entry: Entry) -> Fault | None:
    name = entry["name"]
    if Field.NAME in entry["wrong"]:
        return Fault(entry["wrong"][Field.NAME])
    if not name:
        return Fault.MISSING
    if len(name) > LONGEST_NAME:
        return Fault.TOO_LONG
    if _BROKEN_LETTERS.search(name):
        return Fault.GARBLED
    if "@" in name or not any(letter.isalpha() for letter in name):
        return Fault.NOT_A_NAME
    return None


def _of_words(entry: Entry, row: PlannedRow) -> list[Problem]:
    """What is wrong with department, sector, role and language."""
    understood = {
        Field.DEPARTMENT: row.department_id is not None or bool(row.new_department),
        Field.SECTOR: row.sector is not None,
        Field.ROLE: role_of(entry["role"]) is not None,
        Field.LANGUAGE: row.language is not None,
    }
    problems = []
    for each, is_understood in understood.items():
        if each in entry["wrong"]:
            problems.append(Problem(each, Fault(entry["wrong"][each]), entry[each]))
        elif entry[each] and not is_understood:
            problems.append(Problem(each, Fault.UNKNOWN, entry[each]))
    if row.department_id is None and len(row.new_department) > LONGEST_NAME:
        problems.append(Problem(Field.DEPARTMENT, Fault.TOO_LONG, row.new_department))
    if row.role is Role.LEADER and not entry["department"] and Field.DEPARTMENT not in entry["wrong"]:
        problems.append(Problem(Field.DEPARTMENT, Fault.NEEDS_DEPARTMENT, ""))
    return problems


def correct(entries: Sequence[Entry], number: int, corrected: Field, value: str) -> list[Entry]:
    """Return the entries with one field of one row corrected.

    A department, sector, role or language that is not understood is corrected wherever it is written the same.
    """
    wanted = next((entry for entry in entries if entry["n"] == number), None)
    if wanted is None:
        return list(entries)
    before = wanted[corrected]
    same = corrected in _GROUPED and bool(before) and corrected not in wanted["wrong"]
    return [
        _corrected(entry, corrected, value)
        if entry is wanted or (same and entry[corrected].casefold() == before.casefold())
        else entry
        for entry in entries
    ]


def _corrected(entry: Entry, corrected: Field, value: str) -> Entry:
    wrong = {each: kind for each, kind in entry["wrong"].items() if each != corrected}
    adds = bool(entry.get("adds")) and corrected is not Field.DEPARTMENT
    return entry | {corrected: tidy(value), "wrong": wrong, "adds": adds}


def take_new_department(entries: Sequence[Entry], number: int) -> list[Entry]:
    """Return the entries with the unknown department of a row to be added, wherever it is named."""
    name = next((department_key(entry["department"]) for entry in entries if entry["n"] == number), "")
    return [
        entry | {"adds": True} if name and department_key(entry["department"]) == name else entry for entry in entries
    ]


def is_grouped(problem: Problem) -> bool:
    """Say whether correcting one row corrects all that are written the same."""
    return problem.field in _GROUPED and problem.fault is Fault.UNKNOWN
