"""Means, shares and changes with their 95 % intervals, from how often each answer was given.

Pure. Everything is computed from counts, so that nobody's answers have to be loaded one by one.
The methods are scipy's:

- a mean: Student's t interval;
- a share: Wilson's score interval (Wilson 1927);
- a change: the t interval of the paired differences;
- its size: Cohen's d_z, the mean difference by the standard deviation of the differences (Cohen 1988, ch. 2), with the
  interval from the noncentral t distribution (Hedges & Olkin 1985, ch. 5; Cumming & Finch 2001).

scipy takes a second to import, so it is imported where it is used: pages never wait for it.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from elearn.core.privacy import LEAST_COUNTED
from elearn.evaluation.figures import Change, Estimate

CONFIDENCE = 0.95
TOP_PROMOTED = 9
"""From here upward a recommendation counts as one."""
TOP_DETRACTED = 6
"""From here downward it counts against."""


@dataclass(frozen=True, slots=True)
class _Moments:
    n: int
    mean: float
    deviation: float
    """Of the sample, by n - 1."""

    @property
    def error(self) -> float:
        return self.deviation / math.sqrt(self.n)


def mean(counts: Mapping[int, int], among: Mapping[int, int] | None = None) -> Estimate:
    """Return the mean of answers with its t interval, which is a point when all are the same.

    Where the answers are those of a part, `among` are everybody's, and the interval reckons with everybody's spread
    and with the part's size in fives (`in_fives`), so that neither can be calculated back from it.
    Raises ValueError for fewer than two answers.
    """
    return _mean(_moments(counts, among))


def in_fives(n: int) -> int:
    """Return a part's size as it is published: rounded down, so that its sum cannot be calculated from its mean."""
    return n // LEAST_COUNTED * LEAST_COUNTED


def share(count: int, n: int) -> Estimate:
    """Return `count` of `n` as a share from 0 to 1 with Wilson's interval."""
    from scipy.stats import binomtest

    interval = binomtest(count, n).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(count / n, float(interval.low), float(interval.high))


def recommendation(counts: Mapping[int, int]) -> Estimate:
    """Return the recommendation score in per cent, from -100 to 100, with its interval.

    It is the mean of 100 for 9 and 10, 0 for 7 and 8, -100 for the rest. Raises ValueError as `mean` does.
    """
    scored: Counter[int] = Counter()
    for answer, count in counts.items():
        scored[100 * ((answer >= TOP_PROMOTED) - (answer <= TOP_DETRACTED))] += count
    score = mean(scored)
    return Estimate(score.value, max(score.low, -100.0), min(score.high, 100.0))


def change(pairs: Mapping[tuple[int, int], int], among: Mapping[tuple[int, int], int] | None = None) -> Change:
    """Return what changed from the first of each pair to the second; `pairs` says how often each pair was given.

    `among` is as in `mean`. Raises ValueError for fewer than two pairs.
    """
    everybodys = (None, None, None) if among is None else _unpaired(among)
    before, after, differences = map(_moments, _unpaired(pairs), everybodys)
    return Change(differences.n, _mean(before), _mean(after), _mean(differences), _effect(differences))


def _unpaired(pairs: Mapping[tuple[int, int], int]) -> tuple[Counter[int], Counter[int], Counter[int]]:
    """Return what was said before, what after, and the differences."""
    before, after, differences = Counter[int](), Counter[int](), Counter[int]()
    for (first, second), count in pairs.items():
        before[first] += count
        after[second] += count
        differences[second - first] += count
    return before, after, differences


def _moments(counts: Mapping[int, int], among: Mapping[int, int] | None = None) -> _Moments:
    if among is not None:
        own, everybodys = _moments(counts), _moments(among)
        return _Moments(in_fives(own.n), own.mean, everybodys.deviation)
    n = sum(counts.values())
    if n < 2:
        raise ValueError("an interval needs two answers")
    total = sum(value * count for value, count in counts.items())
    squares = sum(value * value * count for value, count in counts.items())
    # In whole numbers up to the last step: the usual shortcut loses digits when the mean is large.
    return _Moments(n, total / n, math.sqrt((n * squares - total * total) / (n * (n - 1))))


def _mean(moments: _Moments) -> Estimate:
    from scipy.special import stdtrit

    reach = float(stdtrit(moments.n - 1, (1 + CONFIDENCE) / 2)) * moments.error
    return Estimate(moments.mean, moments.mean - reach, moments.mean + reach)


def _effect(moments: _Moments) -> Estimate | None:
    if not moments.deviation:
        return None
    from scipy.special import nctdtrinc

    t = moments.mean / moments.error
    low, high = (
        float(nctdtrinc(moments.n - 1, probability, t)) / math.sqrt(moments.n)
        for probability in ((1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2)
    )
    return Estimate(moments.mean / moments.deviation, low, high)
