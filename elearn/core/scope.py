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
