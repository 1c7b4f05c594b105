"""Nobody is found in anything published, on one day or over many (docs/rules/feedback.md)."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pytest
from sqlalchemy.orm import Session

from elearn.evaluation.models import TableKind
from elearn.evaluation.steps import step
from tests.evaluation.attack import Cell, Seen, Solver, differences, made_up_week
from tests.evaluation.rounds import SCALE, Round, form_file, start

TOWNS = range(4)
SECTORS = ("daycare", "health", "school")
WEEKS = 3
QUESTIONS = [f"q{number}" for number in range(10)]
"""Each is a data set of its own: whoever answers one answers no other."""
ASKED = 50
"""People of each town who were asked, as everybody knows."""


@dataclass
class DataSet:
    """What was answered to one question, and what was published of it week by week."""

    given: dict[Cell, list[int]] = field(default_factory=lambda: defaultdict(list))
    seen: list[Seen] = field(default_factory=list)

    def said(self, town: int | None = None) -> list[int]:
        return [value for (each, _), said in self.given.items() if town in (None, each) for value in said]

    def solver(self) -> Solver:
        """Return a solver that also knows the rates, as if everybody who answered had answered this question."""
        found = Solver(self.seen, TOWNS, SECTORS)
        for town in TOWNS:
            said = step(min(len(self.said(town)), ASKED), ASKED)
            alike = [number for number in range(ASKED + 1) if step(number, ASKED) == said]
            found.people_between(town, alike[0], alike[-1])
        return found


def data_sets(session: Session, seed: int) -> list[DataSet]:
    """Have made-up answers taken in over some weeks and return what was published of them."""
    chance = random.Random(seed)
    round_ = start(session, form_file("end", dict.fromkeys(QUESTIONS, SCALE)))
    found = {question: DataSet() for question in QUESTIONS}
    for _ in range(WEEKS):
        rows = []
        for question, data_set in found.items():
            for (town, sector), said in made_up_week(chance, TOWNS, SECTORS).items():
                data_set.given[town, sector] += said
                rows += [(question, town, sector, value) for value in said]
        round_.take_in_released(rows)
        for question, data_set in found.items():
            data_set.seen.append(_seen(round_, question))
    return list(found.values())


def _seen(round_: Round, question: str) -> Seen:
    def numbers(kind: TableKind, key: str | int = "") -> dict[int, int]:
        figure = round_.figures(kind, key).get((question, ""))
        return {int(value): count for value, count in ((figure.counts if figure else None) or {}).items()}

    sectors = {}
    for sector in SECTORS:
        figure = round_.figures(TableKind.SECTOR, sector).get((question, ""))
        if figure and figure.mean:
            sectors[sector] = (figure.n, figure.mean.value)
    towns = {town: counts for town in TOWNS if (counts := numbers(TableKind.MUNICIPALITY, town))}
    return Seen(numbers(TableKind.ALL), towns, sectors)


def check(data_set: DataSet) -> None:
    """Fail where the attacker finds fewer than five people."""
    for found in differences(data_set.seen):
        size = found.total()
        assert size == 0 or size >= 5
        assert all(count >= 0 for count in found.values())
        assert size == 0 or size >= 10 or len(+found) > 1, "a few are known to have said the same"

    solver, last = data_set.solver(), data_set.seen[-1]
    hidden_towns = set(TOWNS) - set(last.towns)
    hidden_sectors = set(SECTORS) - set(last.sectors)
    ranges = [solver.answered(lambda cell, town=town: cell[0] == town) for town in hidden_towns]
    ranges += [solver.answered(lambda cell, sector=sector: cell[1] == sector) for sector in hidden_sectors]
    assert all(high - low > 2 for low, high in ranges)


@pytest.mark.parametrize("seed", range(5))
def test_no_few_people_are_found_in_what_was_published_over_the_weeks(session: Session, seed: int) -> None:
    made = data_sets(session, seed)

    for data_set in made:
        check(data_set)
    assert any(sum(data_set.seen[-1].total.values()) for data_set in made), "something has to be published"


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5, 105))
def test_no_few_people_are_found_in_a_thousand_data_sets(session: Session, seed: int) -> None:
    for data_set in data_sets(session, seed):
        check(data_set)


def changes_over_the_weeks(session: Session, seed: int) -> list[Seen]:
    """Have people answer before and after over some weeks, close, and return how many pairs each figure was of."""
    chance = random.Random(seed)
    before = form_file("before", {"notice": SCALE}, moment="before-start")
    round_ = start(session, before, form_file("after", {"notice": SCALE}, compares_with="before"))
    seen = []
    for week in range(WEEKS):
        for (town, sector), said in made_up_week(chance, TOWNS, SECTORS).items():
            for number, value in enumerate(said):
                person = f"{week}-{town}-{sector}-{number}"
                for form, here in (("before", town), ("after", chance.choice([town, town, town, 0]))):
                    if chance.random() < 0.9:
                        round_.answer(form, here, sector, {"notice": value}, person=person)
        round_.release()
        seen.append(_pairs(round_))
    round_.close()
    return [*seen, _pairs(round_)]


def _pairs(round_: Round) -> Seen:
    """Return the sizes of the figures as if all answers were alike: 1."""

    def number(kind: TableKind, key: str | int = "") -> int:
        figure = round_.figures(kind, key).get(("notice", ""))
        return figure.n if figure else 0

    towns = {town: {1: n} for town in TOWNS if (n := number(TableKind.MUNICIPALITY, town))}
    return Seen({1: number(TableKind.ALL)}, towns, {})


def check_changes(seen: list[Seen]) -> None:
    """Fail where figures of changes, or what they leave of each other, are of fewer than ten pairs."""
    for found in differences(seen):
        assert found.total() == 0 or found.total() >= 10
    assert seen[-1].total[1], "something has to be published"


@pytest.mark.parametrize("seed", range(3))
def test_no_few_people_are_found_in_changes_over_the_weeks_and_at_the_closing(session: Session, seed: int) -> None:
    check_changes(changes_over_the_weeks(session, seed))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3, 103))
def test_no_few_people_are_found_in_a_hundred_fields_of_changes(session: Session, seed: int) -> None:
    check_changes(changes_over_the_weeks(session, seed))


def test_the_solver_finds_them_where_the_total_counts_what_its_parts_do_not(session: Session) -> None:
    """The negative control: small towns are hidden, and nothing protects them from subtraction."""
    found = 0
    for data_set in data_sets(session, 1):
        towns = {town: Counter(data_set.said(town)) for town in TOWNS}
        shown = {town: counts for town, counts in towns.items() if counts.total() >= 12}  # so that some are hidden
        naive = Seen(Counter(data_set.said()), shown, {})
        solver = Solver([naive], TOWNS, SECTORS)
        ranges = [solver.taken(lambda cell, town=town: cell[0] == town) for town in set(TOWNS) - set(shown)]
        found += sum(high - low <= 2 for low, high in ranges)
    assert found
