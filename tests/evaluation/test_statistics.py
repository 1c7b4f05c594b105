"""The statistics, held against scipy on the raw answers."""

import math
import random
from collections import Counter

import pytest
from scipy import stats

from elearn.evaluation import statistics
from elearn.evaluation.figures import Estimate


def _answers(n: int, points: int = 5, seed: int = 1) -> list[int]:
    chance = random.Random(seed)
    return [chance.randint(1, points) for _ in range(n)]


@pytest.mark.parametrize("n", [3, 10, 57, 3000])
def test_a_mean_has_the_t_interval_of_the_raw_answers(n: int) -> None:
    raw = _answers(n, seed=n)

    found = statistics.mean(Counter(raw))

    low, high = stats.t.interval(0.95, n - 1, loc=sum(raw) / n, scale=stats.sem(raw))
    assert (found.value, found.low, found.high) == pytest.approx((sum(raw) / n, low, high))


def test_answers_that_are_all_the_same_have_a_mean_without_width() -> None:
    assert statistics.mean({4: 12}) == Estimate(4, 4, 4)


def test_a_single_answer_has_no_interval() -> None:
    with pytest.raises(ValueError, match=r"^an interval needs two answers$"):
        statistics.mean({4: 1})


def test_two_answers_have_an_interval() -> None:
    found = statistics.mean({3: 1, 4: 1})

    assert (found.value, found.high) == pytest.approx((3.5, 3.5 + stats.t.ppf(0.975, 1) * math.sqrt(0.5 / 2)))


def test_a_mean_of_large_numbers_loses_no_digits() -> None:
    raw = [10**6 - 1, 10**6, 10**6 - 1, 10**6]

    found = statistics.mean(Counter(raw))

    assert (found.high - found.low) / 2 == pytest.approx(stats.t.ppf(0.975, 3) * math.sqrt(1 / 12))


@pytest.mark.parametrize(("count", "n"), [(0, 10), (10, 10), (3, 17), (400, 1000)])
def test_a_share_has_wilsons_interval(count: int, n: int) -> None:
    z = stats.norm.ppf(0.975)
    centre = (count + z * z / 2) / (n + z * z)
    reach = z / (n + z * z) * math.sqrt(count * (n - count) / n + z * z / 4)

    found = statistics.share(count, n)

    assert (found.value, found.low, found.high) == pytest.approx((count / n, centre - reach, centre + reach), abs=1e-9)


def test_a_change_is_that_of_the_paired_test() -> None:
    chance = random.Random(3)
    before = _answers(80, seed=4)
    after = [min(5, value + chance.randint(0, 2)) for value in before]

    found = statistics.change(Counter(zip(before, after, strict=True)))

    paired = stats.ttest_rel(after, before)
    interval = paired.confidence_interval(0.95)
    assert (found.change.low, found.change.high) == pytest.approx((interval.low, interval.high))
    assert found.n == 80
    assert found.effect is not None
    assert found.effect.value == pytest.approx(paired.statistic / math.sqrt(80))
    assert found.after.value - found.before.value == pytest.approx(found.change.value)


@pytest.mark.parametrize(("shift", "n"), [(0, 12), (1, 12), (-1, 300), (2, 5000)])
def test_an_effects_interval_holds_the_effects_that_would_not_surprise(shift: int, n: int) -> None:
    """At each end, the noncentral t distribution leaves 2.5 % beyond what was seen."""
    before = _answers(n, seed=n)
    after = [value + shift + noise for value, noise in zip(before, _answers(n, 3, seed=n + 1), strict=True)]

    found = statistics.change(Counter(zip(before, after, strict=True))).effect

    assert found is not None
    t = found.value * math.sqrt(n)
    assert stats.nct.sf(t, n - 1, found.low * math.sqrt(n)) == pytest.approx(0.025, rel=1e-3)
    assert stats.nct.cdf(t, n - 1, found.high * math.sqrt(n)) == pytest.approx(0.025, rel=1e-3)


def test_the_same_change_in_everybody_has_no_effect_size() -> None:
    found = statistics.change({(2, 3): 6, (3, 4): 5})

    assert found.effect is None
    assert found.change == Estimate(1, 1, 1)


def test_a_recommendation_counts_nines_and_tens_less_those_up_to_six() -> None:
    found = statistics.recommendation({10: 3, 9: 2, 8: 3, 7: 1, 6: 1, 0: 2})

    assert found.value == pytest.approx(100 * (5 - 3) / 12)
    assert -100 <= found.low < found.value < found.high <= 100


def test_a_recommendation_stays_between_its_ends() -> None:
    assert statistics.recommendation({10: 11, 8: 1}).high == 100
    assert statistics.recommendation({0: 11, 8: 1}).low == -100


def test_a_parts_interval_reckons_with_everybodys_spread_and_with_its_size_in_fives() -> None:
    part, everybody = Counter({4: 13}), Counter(_answers(200))

    found = statistics.mean(part, everybody)

    reach = stats.t.ppf(0.975, 9) * math.sqrt(stats.tvar(list(everybody.elements())) / 10)
    assert (found.value, found.low, found.high) == pytest.approx((4, 4 - reach, 4 + reach))
    assert [statistics.in_fives(n) for n in (10, 14, 15)] == [10, 10, 15]


def test_a_parts_change_reckons_with_everybodys_spread_too() -> None:
    part = Counter({(2, 3): 12})
    everybody = Counter(zip(_answers(200), _answers(200, seed=2), strict=True))

    found = statistics.change(part, everybody)

    spread = stats.tvar([after - before for before, after in everybody.elements()])
    reach = stats.t.ppf(0.975, 9) * math.sqrt(spread / 10)
    assert (found.n, found.change.low, found.change.high) == pytest.approx((10, 1 - reach, 1 + reach))
