"""What a figure says of a part of the people."""

from collections import Counter
from typing import Any

import pytest
from pydantic import TypeAdapter

from elearn.evaluation import statistics
from elearn.evaluation.figures import Estimate, Figure
from elearn.evaluation.models import TableKind
from elearn.evaluation.summarising import figure, figure_of_change
from elearn.feedback.questions import QuestionFile
from tests.evaluation.rounds import SCALE, WORDS

PLACE = Figure("end", "staff", "", "q", "", 0)
OPTIONS = [{"id": "yes", "text": WORDS}, {"id": "no", "text": WORDS}]
TEN = Counter({1: 2, 4: 5, 5: 3})
MORE = Counter({1: 20, 3: 20, 5: 20})


def _question(**said: Any) -> QuestionFile:
    return TypeAdapter(QuestionFile).validate_python({"id": "q", "text": WORDS, **said})


def _rounded(estimate: Estimate, digits: int) -> Estimate:
    return Estimate(round(estimate.value, digits), round(estimate.low, digits), round(estimate.high, digits))


@pytest.mark.parametrize("kind", [TableKind.ALL, TableKind.MUNICIPALITY])
def test_a_scale_has_a_distribution_and_from_ten_a_mean(kind: TableKind) -> None:
    nine = Counter({1: 1, 4: 5, 5: 3})

    few = figure(kind, PLACE, _question(**SCALE), nine, MORE)
    enough = figure(kind, PLACE, _question(**SCALE), TEN, MORE)

    assert few == Figure("end", "staff", "", "q", "", 9, counts={"1": 1, "2": 0, "3": 0, "4": 5, "5": 3})
    assert enough
    assert (enough.n, enough.counts) == (10, {"1": 2, "2": 0, "3": 0, "4": 5, "5": 3})
    assert enough.mean == _rounded(statistics.mean(TEN), 2)
    assert (enough.shares, enough.score, enough.change) == (None, None, None)


def test_a_sector_has_a_mean_to_a_tenth_with_everybodys_spread_and_a_size_in_fives() -> None:
    fourteen = TEN + Counter({2: 4})

    found = figure(TableKind.SECTOR, PLACE, _question(**SCALE), fourteen, MORE)

    assert found == Figure("end", "staff", "", "q", "", 10, mean=_rounded(statistics.mean(fourteen, MORE), 1))


def test_choices_have_shares_from_ten_and_none_by_sector() -> None:
    question = _question(type="single", options=OPTIONS)
    ten, nine = Counter({"yes": 7, "no": 2, "once": 1}), Counter({"yes": 7, "no": 2})

    found = figure(TableKind.ALL, PLACE, question, ten, ten)
    few = figure(TableKind.ALL, PLACE, question, nine, ten)

    assert found
    assert found.counts == {"yes": 7, "no": 2, "once": 1}
    assert found.mean is None
    assert found.shares
    assert found.shares["yes"] == _rounded(statistics.share(7, 10), 3)
    assert set(found.shares) == {"yes", "no", "once"}
    assert few
    assert few.shares is None
    assert figure(TableKind.SECTOR, PLACE, question, ten, ten) is None


def test_numbers_without_end_have_a_mean_from_ten_and_else_nothing() -> None:
    question = _question(type="number")

    found = figure(TableKind.ALL, PLACE, question, TEN, TEN)

    assert found
    assert (found.counts, found.mean) == (None, _rounded(statistics.mean(TEN), 2))
    assert figure(TableKind.ALL, PLACE, question, Counter({3: 9}), TEN) is None


def test_a_recommendation_has_a_score_from_ten_and_none_by_sector() -> None:
    question = _question(type="recommendation")
    ten = Counter({10: 6, 7: 2, 3: 2})

    found = figure(TableKind.MUNICIPALITY, PLACE, question, ten, ten)
    few = figure(TableKind.MUNICIPALITY, PLACE, question, Counter({10: 6, 7: 2}), ten)
    by_sector = figure(TableKind.SECTOR, PLACE, question, ten, ten)

    assert found
    assert found.score == _rounded(statistics.recommendation(ten), 2)
    assert few
    assert few.score is None
    assert by_sector
    assert by_sector.score is None


def test_a_change_is_rounded_and_a_sectors_reckons_with_everybodys_spread() -> None:
    pairs = Counter({(1, 2): 6, (3, 5): 6})
    everybodys = pairs + Counter({(2, 2): 20, (1, 5): 3})

    found = figure_of_change(TableKind.MUNICIPALITY, PLACE, pairs, everybodys).change
    by_sector = figure_of_change(TableKind.SECTOR, PLACE, pairs, everybodys)

    exact, among = statistics.change(pairs), statistics.change(pairs, everybodys)
    assert exact.effect
    assert among.effect
    assert found
    assert (found.n, found.change, found.before) == (12, _rounded(exact.change, 2), _rounded(exact.before, 2))
    assert (found.after, found.effect) == (_rounded(exact.after, 2), _rounded(exact.effect, 2))
    assert by_sector.n == 10
    assert by_sector.change
    assert (by_sector.change.n, by_sector.change.change) == (10, _rounded(among.change, 1))
    assert (by_sector.change.before, by_sector.change.after) == (_rounded(among.before, 1), _rounded(among.after, 1))
    assert by_sector.change.effect == _rounded(among.effect, 1)


def test_the_same_change_in_everybody_has_no_effect_size() -> None:
    found = figure_of_change(TableKind.ALL, PLACE, Counter({(1, 2): 12}), Counter({(1, 2): 12})).change

    assert found
    assert found.effect is None
