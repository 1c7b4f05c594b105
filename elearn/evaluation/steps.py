"""Shares of people in steps so wide that no step, and no change of one, tells of a few of them. Pure."""

from dataclasses import dataclass

from elearn.core.privacy import LEAST_COUNTED

TENTHS = 10


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

    Steps are tenths of those asked, or fifths where a tenth is fewer than five people; what is left of one above the
    first four people, or below the last four, joins them when it is fewer than five numbers. Of fewer than 25 people
    it is only ever said that nearly all have answered.
    """
    all_but_few = Step(max(of - LEAST_COUNTED + 1, LEAST_COUNTED), of, of, is_nearly_all=True)
    if of < TENTHS / 2 * LEAST_COUNTED:
        return all_but_few if answered >= all_but_few.first and of >= 2 * LEAST_COUNTED - 1 else None
    tenths = 1 if of >= TENTHS * LEAST_COUNTED else 2
    number = answered * TENTHS // (of * tenths)
    first = max(-(-number * of * tenths // TENTHS), LEAST_COUNTED)
    last = min(-(-(number + 1) * of * tenths // TENTHS) - 1, of - LEAST_COUNTED)
    if answered < LEAST_COUNTED or answered > of - LEAST_COUNTED or last - first + 1 < LEAST_COUNTED:
        return all_but_few if 2 * answered > of else None
    return Step(first, last, of)
