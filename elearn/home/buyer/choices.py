"""What buyers choose from: their departments as a tree, and sectors."""

from sqlalchemy.orm import Session

from elearn.core.scope import MunicipalityScope
from elearn.organisations.models import Department
from elearn.organisations.queries import departments
from elearn.organisations.sectors import SECTORS

INDENT = "\N{EM SPACE}"


def department_choices(session: Session, scope: MunicipalityScope) -> list[tuple[int, str]]:
    """Return a municipality's departments, each below the one it belongs to, indented."""
    children: dict[int | None, list[Department]] = {}
    for department in departments(session, scope):
        children.setdefault(department.parent_id, []).append(department)
    return _below(children, None, 0)


def sector_choices() -> list[tuple[str, str]]:
    """Return the sectors with their names."""
    return [(code, str(name)) for code, name in SECTORS.items()]


def _below(children: dict[int | None, list[Department]], parent_id: int | None, depth: int) -> list[tuple[int, str]]:
    found = []
    for department in children.get(parent_id, []):
        found.append((department.id, INDENT * depth + department.name))
        found += _below(children, department.id, depth + 1)
    return found
