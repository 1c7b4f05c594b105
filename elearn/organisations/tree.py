"""Departments as a tree: pure functions of child -> parent."""

from collections.abc import Iterable


def below(parents: dict[int, int | None], roots: Iterable[int]) -> frozenset[int]:
    """Return some departments of a tree, given as child -> parent, and all below them."""
    found = set(roots)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)
