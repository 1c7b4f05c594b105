"""From counts to a figure: what may be said of a part of the people, and how precisely."""

from collections import Counter
from dataclasses import replace
from typing import Any

from elearn.core.privacy import LEAST_AVERAGED
from elearn.evaluation import statistics
from elearn.evaluation.figures import Change, Estimate, Figure
from elearn.evaluation.models import TableKind
from elearn.feedback.questions import QuestionFile, Recommendation

SHARE_DIGITS = 3
DIGITS = 2
SECTOR_DIGITS = 1


def figure(
    kind: TableKind, place: Figure, question: QuestionFile, counts: Counter[Any], everybodys: Counter[Any]
) -> Figure | None:
    """Return `place` with what the answers to a question came to, or None when there is nothing to say.

    What has an interval is given from ten answers upward. A sector is given means only, to a tenth, without
    its own spread and its exact size: with a municipality's distribution beside them, more would tell how many of the
    municipality's answers came from which sector, and which.
    """
    n, values = counts.total(), question.values()
    is_sector, has_interval = kind is TableKind.SECTOR, counts.total() >= LEAST_AVERAGED
    found = replace(
        place,
        n=statistics.in_fives(n) if is_sector else n,
        counts=_by_value(values, counts) if values and not is_sector else None,
        mean=_mean(is_sector, counts, everybodys) if question.has_mean and has_interval else None,
        shares=_shares(values, counts) if not question.has_mean and has_interval and not is_sector else None,
        score=_score(question, counts) if has_interval and not is_sector else None,
    )
    return found if found.counts or found.mean or found.shares else None


def figure_of_change(
    kind: TableKind, place: Figure, counts: Counter[tuple[int, int]], everybodys: Counter[tuple[int, int]]
) -> Figure:
    """Return `place` with what pairs of answers came to; a sector's as in `figure`."""
    is_sector = kind is TableKind.SECTOR
    change = statistics.change(counts, everybodys if is_sector else None)
    digits = SECTOR_DIGITS if is_sector else DIGITS
    rounded = Change(
        change.n,
        _rounded(change.before, digits),
        _rounded(change.after, digits),
        _rounded(change.change, digits),
        change.effect and _rounded(change.effect, digits),
    )
    return replace(place, n=rounded.n, change=rounded)


def _mean(is_sector: bool, counts: Counter[Any], everybodys: Counter[Any]) -> Estimate:
    if is_sector:
        return _rounded(statistics.mean(counts, everybodys), SECTOR_DIGITS)
    return _rounded(statistics.mean(counts))


def _by_value(values: list[int | str], counts: Counter[Any]) -> dict[str, int]:
    """Return the answers by value, also those that nobody gave, and those that only an earlier version offered."""
    return {str(value): counts[value] for value in [*values, *sorted(set(counts) - set(values))]}


def _shares(values: list[int | str], counts: Counter[Any]) -> dict[str, Estimate]:
    n = counts.total()
    return {
        value: _rounded(statistics.share(count, n), SHARE_DIGITS) for value, count in _by_value(values, counts).items()
    }


def _score(question: QuestionFile, counts: Counter[Any]) -> Estimate | None:
    return _rounded(statistics.recommendation(counts)) if isinstance(question, Recommendation) else None


def _rounded(estimate: Estimate, digits: int = DIGITS) -> Estimate:
    """Return an estimate as precisely as it is shown: the digits behind would only serve to calculate back."""
    return Estimate(round(estimate.value, digits), round(estimate.low, digits), round(estimate.high, digits))
