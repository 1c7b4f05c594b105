"""Lots: the most that may be taken in, and never a few people."""

from collections import Counter
from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from elearn.core.privacy import LEAST_AVERAGED, Cell, lot, told_sectors

CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["north", "south", None]), st.sampled_from(["school", "health", None])),
    st.dictionaries(st.integers(1, 3), st.integers(1, 9), min_size=1).map(Counter),
    max_size=7,
)
LEAST = st.sampled_from([(5, 10), (10, 10)])


def _groups(waiting: dict[Cell, Counter[int]], cells: set[Cell], side: int) -> dict[object, Counter[int]]:
    found: dict[object, Counter[int]] = {}
    for cell in cells:
        found.setdefault(cell[side], Counter()).update(waiting[cell])
    return found


def _may_go_together(
    waiting: dict[Cell, Counter[int]], cells: set[Cell], least: tuple[int, int], may_agree_on: set[int]
) -> bool:
    towns, sectors = (_groups(waiting, cells, side) for side in (0, 1))
    agrees = [town for town in towns.values() if town.total() < 10 and len(town) == 1 and not set(town) & may_agree_on]
    return (
        all(town.total() >= least[0] for town in towns.values())
        and all(sector.total() >= least[1] for sector in sectors.values())
        and not agrees
    )


@given(CELLS, LEAST, st.sets(st.integers(1, 3)))
def test_a_lot_is_the_largest_set_of_cells_that_may_go_together(
    waiting: dict[Cell, Counter[int]], least: tuple[int, int], may_agree_on: set[int]
) -> None:
    """Found by looking at every set there is."""
    every_set = chain.from_iterable(combinations(waiting, number) for number in range(len(waiting) + 1))
    allowed = [set(cells) for cells in every_set if _may_go_together(waiting, set(cells), least, may_agree_on)]

    assert lot(waiting, least=least, may_agree_on=may_agree_on) == max(allowed, key=len)


@given(st.lists(CELLS, max_size=4), LEAST)
def test_every_difference_of_what_was_taken_in_is_of_nobody_or_of_enough(
    weeks: list[dict[Cell, Counter[int]]], least: tuple[int, int]
) -> None:
    """Over several weeks, in each of which what still waits is tried again with what has come."""
    waiting: dict[Cell, Counter[int]] = {}
    published: list[dict[Cell, Counter[int]]] = [{}]
    for week in weeks:
        for cell, answers in week.items():
            waiting.setdefault(cell, Counter()).update(answers)
        taken = {cell: waiting.pop(cell) for cell in lot(waiting, least=least)}
        published.append(
            {cell: published[-1].get(cell, Counter()) + taken.get(cell, Counter()) for cell in {*published[-1], *taken}}
        )
    for earlier, later in combinations(published, 2):
        for side in (0, 1):
            before, after = _groups(earlier, set(earlier), side), _groups(later, set(later), side)
            for group, answers in after.items():
                more = answers.total() - before.get(group, Counter()).total()
                assert more == 0 or more >= least[side]


def test_a_town_is_held_back_by_its_sector_and_the_sector_by_the_town() -> None:
    waiting: dict[Cell, Counter[int | str]] = {
        ("north", "school"): Counter({1: 6, 2: 6}),
        ("south", "school"): Counter({1: 1}),
        ("south", "health"): Counter({1: 5, 2: 4}),
    }

    assert lot(waiting, least=(5, 10)) == {("north", "school")}


@given(st.dictionaries(st.sampled_from(["school", "health", "nav", "police", None]), st.integers(1, 25)))
def test_the_texts_of_a_told_sector_and_those_of_all_untold_ones_are_enough(sectors: dict[str | None, int]) -> None:
    told = told_sectors(sectors)

    assert all(sectors[sector] >= LEAST_AVERAGED for sector in told)
    silent = sum(number for sector, number in sectors.items() if sector not in told)
    assert silent == 0 or not told or silent >= LEAST_AVERAGED
    kept_back = [number for sector, number in sectors.items() if sector not in told and sector and number >= 10]
    assert len(kept_back) <= 1, "no more are kept back than it takes"
