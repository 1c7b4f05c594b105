"""The course owner's pages; importing this package brings them all along."""

from elearn.home.owner import (
    courses,
    departures,
    editing,
    evaluation,
    films,
    forms,
    licences,
    lists,
    municipalities,
    occasions,
    people,
    sales,
    seats,
    start,
    status,
    terms,
)
from elearn.home.owner.pages import bp

__all__ = [
    "bp",
    "courses",
    "departures",
    "editing",
    "evaluation",
    "films",
    "forms",
    "licences",
    "lists",
    "municipalities",
    "occasions",
    "people",
    "sales",
    "seats",
    "start",
    "status",
    "terms",
]
