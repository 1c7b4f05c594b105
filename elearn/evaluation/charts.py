"""Where the marks of a chart stand, in per cent of its width: templates draw them, the report's typst does, too.

A chart has a true scale, its whole range shown, and no mark that is not also a number in the row it stands in
(docs/decisions/009-charts-are-drawn-by-templates.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor

from elearn.core.privacy import LEAST_COUNTED
from elearn.evaluation.figures import Estimate

EDGE = 8.0
"""Room on either side of the scale, for marks and numbers at its ends."""
MOST_TICKS = 7
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
RARE_UP_TO, PROMOTES_FROM, TOP = 5, 9, 10


@dataclass(frozen=True)
class Axis:
    """A scale from its lowest to its highest value."""

    low: float
    high: float
    ticks: list[float]

    def at(self, value: float) -> float:
        """Return where a value stands, in per cent of the width; what lies beyond the scale stands at its end."""
        within = min(max(value, self.low), self.high)
        return round(EDGE + (within - self.low) / (self.high - self.low or 1) * (100 - 2 * EDGE), 2)

    @property
    def places(self) -> int:
        """How many decimals its ticks need."""
        return 0 if all(tick == int(tick) for tick in self.ticks) else 1


@dataclass(frozen=True)
class Bar:
    """A bar of a histogram."""

    label: str
    count: int
    share: float
    is_high: bool
    """Whether it is among those who recommend."""


def scale_axis(low: int, high: int) -> Axis:
    """Return the axis of a question's whole scale."""
    return Axis(low, high, _ticks(low, high))


def change_axis(changes: Iterable[Estimate]) -> Axis:
    """Return an axis for changes, from zero, or from below it where something fell."""
    known = list(changes)
    lowest = min([0.0, *(each.low for each in known)])
    highest = max([0.5, *(each.high for each in known)])
    step = next(step for step in STEPS if (highest - lowest) / step <= MOST_TICKS)
    low, high = floor(lowest / step) * step, ceil(highest / step) * step
    return Axis(low, high, _ticks(low, high))


def recommendation_bars(counts: Mapping[str, int]) -> list[Bar]:
    """Return the answers from 0 to 10; those from 0 to 5 are one bar where one of them is rare."""
    number = {value: counts.get(str(value), 0) for value in range(TOP + 1)}
    total = sum(number.values()) or 1
    bars = [(str(value), number[value], value >= PROMOTES_FROM) for value in number]
    if any(number[value] < LEAST_COUNTED for value in range(RARE_UP_TO + 1)):
        merged = sum(number[value] for value in range(RARE_UP_TO + 1))
        bars = [(f"0–{RARE_UP_TO}", merged, False), *bars[RARE_UP_TO + 1 :]]
    return [Bar(label, count, count / total, is_high) for label, count, is_high in bars]


def _ticks(low: float, high: float) -> list[float]:
    step = next(
        (step for step in STEPS if step >= (high - low) / MOST_TICKS and _is_whole(step, low, high)), high - low
    )
    return [round(low + step * each, 2) for each in range(round((high - low) / step) + 1)]


def _is_whole(step: float, low: float, high: float) -> bool:
    """Whether steps from the one end meet the other, on whole numbers where the ends are."""
    fits = abs((high - low) / step - round((high - low) / step)) < 1e-6
    return fits and (step >= 1 or not (isinstance(low, int) and isinstance(high, int)))
