"""Shares of people in steps so wide that no step, and no change of one, tells of a few of them. Pure."""

from dataclasses import dataclass

from elearn.core.privacy import LEAST_COUNTED

TENTHS = 10
MOST_STEPS_OF_FIFTHS = 5


@dataclass(frozen=True)
class Step:
    """Between how many and how many, both included, have answered of those who were asked; always five numbers."""

    first: int
    last: int
    of: int
    is_nearly_all: bool = False

    @property
    def middle(self) -> float:
        """Return the number to reckon with when nothing more is known."""
        return (self.first + self.last) / 2

    @property
    def tenth(self) -> int:
        """Return the step in whole tenths of those asked."""
        return int(TENTHS * self.middle / self.of)


def step(answered: int, of: int) -> Step | None:
    """Return in which step `answered` of `of` is, or None while it cannot be told from fewer than five.

    Steps are tenths of those asked, or fifths where a tenth is fewer than five people. The first four people, and the
    last four, are steps of their own; what they leave of a tenth joins them when it is fewer than five numbers. Of
    fewer than 25 people it is only ever said that nearly all have answered.
    """
    if of < MOST_STEPS_OF_FIFTHS * LEAST_COUNTED:
        first = max(of - LEAST_COUNTED + 1, LEAST_COUNTED)
        can_be_told = answered >= first and of >= 2 * LEAST_COUNTED - 1
        return Step(first, of, of, is_nearly_all=True) if can_be_told else None
    lowest, highest = _tenth_of(LEAST_COUNTED, of), _tenth_of(of - LEAST_COUNTED, of)
    least = lowest.first if _is_wide(lowest) else lowest.last + 1
    most = highest.last if _is_wide(highest) else highest.first - 1
    if answered < least:
        return None
    return Step(most + 1, of, of, is_nearly_all=True) if answered > most else _tenth_of(answered, of)


def _tenth_of(answered: int, of: int) -> Step:
    """Return the tenth or fifth that holds `answered`, without the first four people and the last four."""
    tenths = 1 if of >= TENTHS * LEAST_COUNTED else 2
    number = answered * TENTHS // (of * tenths)
    first, after = (-(-each * of * tenths // TENTHS) for each in (number, number + 1))
    return Step(max(first, LEAST_COUNTED), min(after - 1, of - LEAST_COUNTED), of)


def _is_wide(found: Step) -> bool:
    return found.last - found.first + 1 >= LEAST_COUNTED
