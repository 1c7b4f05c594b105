"""The sizes a film is offered in, by the size it came in: never larger, always even."""

from dataclasses import dataclass

STEPS = (360, 720)
LARGEST = 1080
LEAST_STEP = 1.2
"""A smaller size is offered only where it is smaller by this factor."""


@dataclass(frozen=True)
class Rung:
    """One size; its name is the shorter side."""

    width: int
    height: int

    @property
    def name(self) -> str:
        """What its files begin with: '720'."""
        return str(min(self.width, self.height))

    @property
    def ceiling_kbps(self) -> int:
        """The bit rate that the picture never exceeds for long: 2,800 at 1280×720, less than in proportion above."""
        share: float = (self.width * self.height / (1280 * 720)) ** 0.75
        return max(200, round(2800 * share / 50) * 50)


def ladder(width: int, height: int) -> list[Rung]:
    """Return the sizes for a film, smallest first; width and height are those of the picture as it is seen."""
    top = min(width, height, LARGEST)
    sides = [side for side in STEPS if side * LEAST_STEP <= top] + [top]
    return [_rung(width, height, side) for side in sides]


def _rung(width: int, height: int, side: int) -> Rung:
    share = side / min(width, height)
    return Rung(_even(width * share), _even(height * share))


def _even(length: float) -> int:
    return max(2, int(length + 0.01) // 2 * 2)
