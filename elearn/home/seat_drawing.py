"""The drawing of a licence's seats, for whoever manages them."""

from dataclasses import dataclass

from elearn.licensing.seat_lists import SeatCounts

MOST_SINGLE_CELLS = 200
CELLS = 100


@dataclass(frozen=True)
class Cells:
    """The drawing of a licence's seats: one CSS class per cell, in order."""

    kinds: str
    """'a' claimed, 'b' invited, 'c' free, 'n' about to change."""
    seats_each: int
    """How many seats one cell stands for."""


def seat_cells(counts: SeatCounts, *, given: int = 0) -> Cells:
    """Return the drawing of a licence's seats; above 200 one cell stands for several, and no state vanishes.

    Of the free, `given` are about to be given.
    """
    each = 1 if counts.all <= MOST_SINGLE_CELLS else -(-counts.all // CELLS)
    claimed, invited, free = (-(-number // each) for number in (counts.claimed, counts.invited, counts.free))
    coming = min(-(-given // each), free)
    return Cells("a" * claimed + "b" * invited + "n" * coming + "c" * (free - coming), each)
