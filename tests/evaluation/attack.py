"""An attacker who has kept every figure that was ever published, knows how it is made, and owns a solver."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

Cell = tuple[int, str]
"""A town, by its place, and a sector."""
VALUES = range(1, 6)
ROUNDED = 0.0501
Weight = Callable[..., int]
"""What one more person of a week, cell and value adds."""


@dataclass(frozen=True)
class Seen:
    """What was published of one question after one release."""

    total: dict[int, int]
    """Answers by value."""
    towns: dict[int, dict[int, int]]
    sectors: dict[str, tuple[int, float]]
    """Answers, in fives, and their mean, to a tenth."""


def differences(weeks: list[Seen]) -> Iterable[Counter[int]]:
    """Yield, by value, what published distributions leave when they are subtracted: parts, rests, and their growth."""
    parts = [_parts(seen) for seen in weeks]
    yield from (part for week in parts for part in week.values())
    for earlier, later in combinations([{}, *parts], 2):
        for name, part in later.items():
            grown = Counter(part)
            grown.subtract(earlier.get(name, Counter()))
            yield grown


def _parts(seen: Seen) -> dict[object, Counter[int]]:
    """Return every union of shown towns, and what it leaves of the total."""
    found: dict[object, Counter[int]] = {}
    for number in range(len(seen.towns) + 1):
        for names in combinations(sorted(seen.towns), number):
            union: Counter[int] = Counter()
            for name in names:
                union.update(seen.towns[name])
            rest = Counter(seen.total)
            rest.subtract(union)
            found[names] = union
            found["but", names] = rest
    return found


class Solver:
    """Finds how many people can be in a cell, given all that was published, by integer programming.

    Unknown are how many of each town and sector gave each value, by the week in which they were taken in, and how many
    answers of each town and sector wait.
    """

    def __init__(self, weeks: list[Seen], towns: Iterable[int], sectors: Iterable[str]) -> None:
        cells = list(product(towns, sectors))
        self._taken = {key: i for i, key in enumerate(product(range(len(weeks)), cells, VALUES))}
        self._waiting = {cell: len(self._taken) + i for i, cell in enumerate(cells)}
        self._rows: list[LinearConstraint] = []
        for week, seen in enumerate(weeks):
            self._know(week, seen)

    def _know(self, week: int, seen: Seen) -> None:
        for value in VALUES:
            self._is(lambda w, _c, v, x=value: int(w <= week and v == x), seen.total.get(value, 0))
        for (town, counts), value in product(seen.towns.items(), VALUES):
            self._is(lambda w, c, v, t=town, x=value: int(w <= week and c[0] == t and v == x), counts.get(value, 0))
        for sector, (n, mean) in seen.sectors.items():
            inside = self._row(lambda w, c, _v, s=sector: int(w <= week and c[1] == s))
            summed = self._row(lambda w, c, v, s=sector: v if w <= week and c[1] == s else 0)
            self._rows.append(LinearConstraint(inside, n, n + 4))
            self._rows.append(LinearConstraint(summed - (mean + ROUNDED) * inside, -np.inf, 0))
            self._rows.append(LinearConstraint(summed - (mean - ROUNDED) * inside, 0, np.inf))

    def people_between(self, town: int, least: int, most: int) -> None:
        """Add how many of a town have answered, from a rate."""
        row = self._row(lambda _w, c, _v: int(c[0] == town)) + self._waiting_row(lambda c: c[0] == town)
        self._rows.append(LinearConstraint(row, least, most))

    def answered(self, chosen: Callable[[Cell], bool]) -> tuple[float, float]:
        """Return between how many people of the chosen cells have answered, taken in or waiting."""
        return self._range(self._row(lambda _w, c, _v: int(chosen(c))) + self._waiting_row(chosen))

    def taken(self, chosen: Callable[[Cell], bool]) -> tuple[float, float]:
        """Return between how many people of the chosen cells were taken in."""
        return self._range(self._row(lambda _w, c, _v: int(chosen(c))))

    @property
    def _size(self) -> int:
        return len(self._taken) + len(self._waiting)

    def _is(self, chosen: Weight, number: int) -> None:
        self._rows.append(LinearConstraint(self._row(chosen), number, number))

    def _row(self, weight: Weight) -> np.ndarray:
        row = np.zeros(self._size)
        for (week, cell, value), i in self._taken.items():
            row[i] = weight(week, cell, value)
        return row

    def _waiting_row(self, chosen: Callable[[Cell], bool]) -> np.ndarray:
        row = np.zeros(self._size)
        for cell, i in self._waiting.items():
            if chosen(cell):
                row[i] = 1
        return row

    def _range(self, row: np.ndarray) -> tuple[float, float]:
        ends = []
        for sign in (1, -1):
            found = milp(sign * row, constraints=self._rows, integrality=np.ones(self._size), bounds=Bounds(0, 60))
            assert found.success, found.message
            ends.append(sign * found.fun)
        return round(ends[0]), round(ends[1])


def made_up_week(chance: random.Random, towns: Iterable[int], sectors: Iterable[str]) -> dict[Cell, list[int]]:
    """Return a few answers of each town and sector: many cells are empty or small, some towns agree."""
    found = {}
    for town in towns:
        agreed = chance.choice([*VALUES, None, None, None])
        for sector in sectors:
            number = chance.choice([0, 0, 1, 2, 3, 4, 6, 9])
            found[town, sector] = [agreed or chance.choice([1, 2, 3, 4, 4, 5, 5]) for _ in range(number)]
    return found
