"""What the page of a list shows: rows to be corrected, grouped, and what would happen to the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from elearn.core.i18n import gettext as _
from elearn.core.i18n import quoted
from elearn.home.people_lists.words import fault, field_name, role_name
from elearn.licensing.lists.cells import MOST_COLUMNS
from elearn.licensing.lists.plan import Fate, Fault, Plan, PlannedRow, Problem, is_grouped
from elearn.licensing.lists.words import Field
from elearn.licensing.services.from_list import Correction
from elearn.organisations.models import Role

MOST_FIXES = 50
FIRST_ROWS = 8
ROWS_A_PAGE = 100
KEPT_WHEN_WRONG = {Fault.NO_AT, Fault.NOT_AN_ADDRESS, Fault.TOO_LONG, Fault.GARBLED, Fault.DUPLICATE}
NONE, NEW, VALUE = "none", "new", "="


@dataclass
class Fix:
    """One thing to correct, and the field to do it in."""

    row: PlannedRow
    problem: Problem
    text: str
    label: str
    also: list[int] = field(default_factory=list)
    """Other rows that the same correction mends."""

    @property
    def name(self) -> str:
        """The name of the field that corrects it."""
        return f"fix-{self.row.number}-{self.problem.field}"

    @property
    def kept(self) -> str:
        """What stands in the field at first: what was written, where it can be mended."""
        return self.problem.value if self.problem.fault in KEPT_WHEN_WRONG else ""

    @property
    def can_be_added(self) -> bool:
        """Whether it is a department that could be added as it is named."""
        return self.problem.field is Field.DEPARTMENT and self.problem.fault is Fault.UNKNOWN


@dataclass(frozen=True)
class Consequences:
    """What inviting would bring beside the letters."""

    leaders: int
    buyers: int
    departments: list[str]


def fixes(plan: Plan) -> list[Fix]:
    """Return what has to be corrected; what one correction mends in many rows is told once."""
    found: dict[object, Fix] = {}
    for row in plan.of(Fate.WRONG):
        for problem in row.problems:
            key = (problem.field, problem.value.casefold()) if is_grouped(problem) else (row.number, problem.field)
            if key in found:
                found[key].also.append(row.number)
            else:
                label = _("%(what)s in row %(row)s", what=field_name(problem.field), row=row.number)
                found[key] = Fix(row, problem, fault(problem), label)
    return list(found.values())


def consequences(plan: Plan) -> Consequences:
    """Return what inviting would bring beside the letters."""
    new = plan.of(Fate.INVITED)
    added = {
        row.new_department.casefold(): row.new_department
        for row in new
        if row.new_department and row.department_id is None
    }
    return Consequences(
        leaders=sum(row.role is Role.LEADER for row in new),
        buyers=sum(row.role is Role.BUYER for row in new),
        departments=sorted(added.values()),
    )


def roles() -> list[tuple[str, str]]:
    """Return the roles a list can give."""
    return [(str(role), role_name(role)) for role in (Role.LEARNER, Role.LEADER, Role.BUYER)]


def corrections_in(form: MultiDict[str, str], shown: Sequence[Fix]) -> list[Correction]:
    """Return what was written into the fields; untouched ones say nothing."""
    found = []
    for each in shown:
        written = form.get(each.name, "").strip()
        if not written or written == each.kept:
            continue
        if each.problem.field in (Field.EMAIL, Field.NAME):
            found.append(Correction(each.row.number, each.problem.field, written))
        elif written == NEW and each.can_be_added:
            found.append(Correction(each.row.number, each.problem.field, "", adds=True))
        elif written == NONE or written.startswith(VALUE):
            value = "" if written == NONE else written.removeprefix(VALUE)
            found.append(Correction(each.row.number, each.problem.field, value))
    return found


@dataclass(frozen=True)
class ColumnChoice:
    """A column of the list, and the field that says what it tells."""

    place: int
    label: str
    sample: str
    meaning: str
    """What it was read as, a word of `Field`, or ''."""

    @property
    def name(self) -> str:
        """The name of the field."""
        return f"column-{self.place}"


def column_choices(columns: dict[str, Any]) -> list[ColumnChoice]:
    """Return the columns of a list whose file is still kept."""
    meanings = {place: field for field, place in columns.get("places", {}).items()}
    return [
        ColumnChoice(
            place,
            quoted(heading) if heading else _("Column %(number)s", number=place + 1),
            sample,
            meanings.get(place, ""),
        )
        for place, heading, sample in columns.get("seen", [])
    ]


def columns_in(form: MultiDict[str, str]) -> dict[Field, int] | None:
    """Return which column was said to tell what; None when two were said to tell the same."""
    places: dict[Field, int] = {}
    for name, meaning in form.items():
        place = name.removeprefix("column-")
        if place == name or not place.isdecimal() or int(place) >= MOST_COLUMNS or meaning not in list(Field):
            continue
        if Field(meaning) in places:
            return None
        places[Field(meaning)] = int(place)
    return places


def skipped_in(form: MultiDict[str, str]) -> list[int]:
    """Return the rows that were ticked to be skipped."""
    return [int(value) for value in form.getlist("skip") if value.isdecimal() and len(value) < 8]
