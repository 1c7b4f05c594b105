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


def mean(counts: Mapping[int, int]) -> Estimate:
    """Return the mean of answers with its t interval, which is a point when all are the same.

    Raises ValueError for fewer than two answers: one has no interval.
    """
    return _mean(_moments(counts))


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


def change(pairs: Mapping[tuple[int, int], int]) -> Change:
    """Return what changed from the first of each pair to the second; `pairs` says how often each pair was given.

    Raises ValueError for fewer than two pairs.
    """
    before, after, differences = Counter[int](), Counter[int](), Counter[int]()
    for (first, second), count in pairs.items():
        before[first] += count
        after[second] += count
        differences[second - first] += count
    moments = _moments(differences)
    return Change(moments.n, mean(before), mean(after), _mean(moments), _effect(moments))


def _moments(counts: Mapping[int, int]) -> _Moments:
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
