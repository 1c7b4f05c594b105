"""The shape of published figures: what a release writes into `PublishedTable.content`, and all that pages read.

A figure that may not be shown is not in the table at all: whoever reads the table cannot tell empty from small.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Change:
    """What the same people said before and after, paired."""

    n: int
    """Pairs; of a sector rounded down to fives."""
    before: Estimate
    after: Estimate
    change: Estimate
    """The mean of the differences, with the t interval."""
    effect: Estimate | None
    """Cohen's d_z with its interval; None when everybody changed by the same."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What the answers to one question came to, in one part of the people."""

    form: str
    """The form's key; of compared forms the later one's."""
    audience: str
    """A word of `form_files.Audience`."""
    about: str
    """The module's key, for forms that ask after each module; else ''."""
    question: str
    item: str
    """The row of a matrix or the option of a multiple choice; else ''."""
    n: int
    """How many answers were taken in, at least 5; of a sector rounded down to fives."""
    counts: dict[str, int] | None = None
    """Answers by value, each of the question's values; None where only means are published, and for free numbers."""
    mean: Estimate | None = None
    """From ten answers upward, for questions with a mean."""
    shares: dict[str, Estimate] | None = None
    """Of choices: each value's share, from 0 to 1, with Wilson's interval."""
    score: Estimate | None = None
    """Of the recommendation: per cent who said 9 or 10 less per cent who said 0 to 6."""
    change: Change | None = None
    """For compared questions, from ten pairs upward; then nothing else is given but `n`, the pairs."""

    @property
    def place(self) -> tuple[str, str, str, str, str]:
        """Return what it is about, the same in every table."""
        return self.form, self.audience, self.about, self.question, self.item


COMPLETED = ""
"""Stands for the form in a rate of those who have completed the course."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of those a form was due for have answered it, in steps of ten per cent or wider (rates.py)."""

    form: str
    """The form's key, or `COMPLETED`."""
    audience: str
    municipality_id: int | None
    """None for all municipalities together."""
    step: int | None
    """About so many tenths; None where it might be fewer than five, and where few were asked."""
    is_nearly_all: bool
    """It might be that fewer than five are missing: then no step is given that would tell how many."""

    @property
    def is_told(self) -> bool:
        """Whether it says anything."""
        return self.step is not None or self.is_nearly_all


def figures_of(content: Mapping[str, Any]) -> list[Figure]:
    """Return the figures of a published table of the kind 'all', 'municipality' or 'sector'."""
    return [_figure(each) for each in content["figures"]]


def rates_of(content: Mapping[str, Any]) -> list[Rate]:
    """Return the rates of a published table of the kind 'rates'."""
    return [Rate(**each) for each in content["rates"]]


def stored(figures: list[Figure]) -> dict[str, Any]:
    """Return figures as a table keeps them."""
    return {"figures": [asdict(figure) for figure in figures]}


def stored_rates(rates: list[Rate]) -> dict[str, Any]:
    """Return rates as a table keeps them."""
    return {"rates": [asdict(rate) for rate in rates]}


def _figure(each: dict[str, Any]) -> Figure:
    shares = each["shares"]
    return Figure(
        **{
            **each,
            "mean": _estimate(each["mean"]),
            "score": _estimate(each["score"]),
            "shares": shares and {value: Estimate(**share) for value, share in shares.items()},
            "change": _change(each["change"]),
        }
    )


def _estimate(each: dict[str, float] | None) -> Estimate | None:
    return Estimate(**each) if each else None


def _change(each: dict[str, Any] | None) -> Change | None:
    if each is None:
        return None
    return Change(
        each["n"],
        Estimate(**each["before"]),
        Estimate(**each["after"]),
        Estimate(**each["change"]),
        _estimate(each["effect"]),
    )
