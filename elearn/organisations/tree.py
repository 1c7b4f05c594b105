"""Departments as a tree: pure functions of child -> parent, and of names."""

import unicodedata
from collections.abc import Iterable


def name_key(name: str) -> str:
    """Return what two spellings of one department's name share: NFKC, single spaces, case-folded."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def below(parents: dict[int, int | None], roots: Iterable[int]) -> frozenset[int]:
    """Return some departments of a tree, given as child -> parent, and all below them."""
    found = set(roots)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def sums(parents: dict[int, int | None], own: dict[int, int]) -> dict[int, int]:
    """Return for each department its own number and those of all below it, added up."""
    totals = dict.fromkeys(parents, 0)
    for department, number in own.items():
        at: int | None = department
        while at is not None:
            totals[at] += number
            at = parents[at]
    return totals
