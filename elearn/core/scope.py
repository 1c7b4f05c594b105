"""Who asks, and for whom: every query of a feature takes one of these after the session."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonScope:
    """A person asking for what is their own."""

    person_id: int


@dataclass(frozen=True)
class HouseScope:
    """An owner of one course house."""

    course_house_id: int
    person_id: int


@dataclass(frozen=True)
class MunicipalityScope:
    """A buyer of one municipality, or its token of the API."""

    municipality_id: int
    person_id: int | None
    """None for a token."""


@dataclass(frozen=True)
class DepartmentScope:
    """A leader: some departments of one municipality, those below them included."""

    municipality_id: int
    person_id: int
    department_ids: frozenset[int]


OperatorScope = HouseScope | MunicipalityScope
"""Who manages seats: a course house those of its courses, a buyer those of the municipality."""
