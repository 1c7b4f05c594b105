"""When a figure may take in answers, so that no figure, and no difference between figures, is about a few people.

Answers to one question belong to groups in two ways: by municipality and by sector. What is published of a question
is its total, a part for each municipality and a part for each sector, and it is published again every week. Whoever
subtracts one figure from another, today's from today's or today's from last week's, learns the answers that the one
holds and the other lacks. So answers *wait* until they can be taken in a lot in which every municipality and every
sector is absent or strong enough, and the total counts what has been taken in and nothing else. Then every difference
that can be formed is a sum of such lots, and no cell ever has to be hidden to protect another (docs/rules/feedback.md).
"""

from collections import Counter
from collections.abc import Container, Hashable, Mapping

LEAST_COUNTED = 5
"""Counts and distributions are of at least so many people. A floor: no setting lowers it."""
LEAST_AVERAGED = 10
"""Means with intervals, crossings and free text are of at least so many."""

Cell = tuple[Hashable, Hashable]
"""A municipality and a sector."""


def lot(
    waiting: Mapping[Cell, Counter[int | str]], *, least: tuple[int, int], may_agree_on: Container[int | str] = ()
) -> set[Cell]:
    """Return the cells whose waiting answers may be taken in together, the most that can be.

    In what they hold together, each municipality has none or at least `least[0]` answers, and each sector none or at
    least `least[1]`. A municipality with fewer than `LEAST_AVERAGED` waits, too, while all of its answers are the
    same one, since its figure would tell what everybody in it said; unless it is an answer that it `may_agree_on`,
    because that is no statement of each person's (an option that nobody ticked).

    Two such sets together are such a set again, so there is a largest one, and taking away what is weak finds it.
    """
    cells = set(waiting)
    while weak := _weak_groups(waiting, cells, least, may_agree_on):
        cells = {cell for cell in cells if not {(0, cell[0]), (1, cell[1])} & weak}
    return cells


def told_sectors(sectors: Mapping[str | None, int]) -> set[str]:
    """Return the sectors that texts tell which come out together, by how many of them are of each (None: of none).

    Each has `LEAST_AVERAGED` texts, and so have those together that tell none, if there are any: were there but one,
    it would be known to be of none of the sectors that are told. Where they are fewer, the smallest sector keeps them
    company.
    """
    told = sorted((number, sector) for sector, number in sectors.items() if sector and number >= LEAST_AVERAGED)
    silent = sum(sectors.values()) - sum(number for number, _sector in told)
    return {sector for _number, sector in (told[1:] if 0 < silent < LEAST_AVERAGED else told)}


def _weak_groups(
    waiting: Mapping[Cell, Counter[int | str]],
    cells: set[Cell],
    least: tuple[int, int],
    may_agree_on: Container[int | str],
) -> set[tuple[int, Hashable]]:
    weak = set()
    for side in (0, 1):
        groups: dict[Hashable, Counter[int | str]] = {}
        for cell in cells:
            groups.setdefault(cell[side], Counter()).update(waiting[cell])
        for group, answers in groups.items():
            size = answers.total()
            said = [each for each in +answers if each not in may_agree_on]
            says_one_thing = side == 0 and size < LEAST_AVERAGED and len(said) == len(+answers) == 1
            if size < least[side] or says_one_thing:
                weak.add((side, group))
    return weak
