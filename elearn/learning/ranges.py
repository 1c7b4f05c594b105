"""Watched seconds as sets of bits: pure functions, the heart of honest progress (docs/rules/watching.md).

A set is a whole number whose bit s is 1 when second s was seen. Joining two sets is `|`, so what arrives twice,
late or out of order changes nothing. Second s is seen when a played range [begin, end) holds its middle, s + 0.5:
however a range is split, the same seconds come out.
"""

import math
from collections.abc import Iterable, Iterator

Range = tuple[float, float]
"""Begin and end of a played stretch, in seconds of the film; the end is not part of it."""
Stretch = tuple[int, int]
"""First second and the one after the last."""


def seconds_in(ranges: Iterable[Range], length_s: int, *, ended: bool = False) -> int:
    """Return the set of seconds that played ranges hold, within the film; `ended` marks the last one."""
    bits = 0
    for begin, end in ranges:
        first, after = max(0, math.ceil(begin - 0.5)), min(length_s, math.ceil(end - 0.5))
        bits |= between(first, after)
    return bits | (1 << (length_s - 1)) if ended else bits


def between(first: int, after: int) -> int:
    """Return the set of the seconds from `first` up to, not including, `after`."""
    return ((1 << (after - first)) - 1) << first if after > first else 0


def all_of(stretches: Iterable[Stretch]) -> int:
    """Return the set of the seconds in some stretches."""
    bits = 0
    for first, after in stretches:
        bits |= between(first, after)
    return bits


def stretches(bits: int) -> list[Stretch]:
    """Return a set as its stretches of neighbouring seconds, in order."""
    return list(_stretches(bits))


def _stretches(bits: int) -> Iterator[Stretch]:
    at = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        bits >>= gap
        run = (~bits & (bits + 1)).bit_length() - 1
        yield at + gap, at + gap + run
        bits >>= run
        at += gap + run


def first_of(bits: int, count: int) -> int:
    """Return the set of the earliest `count` seconds of a set."""
    kept = 0
    for first, after in _stretches(bits):
        if count <= 0:
            break
        kept |= between(first, min(after, first + count))
        count -= after - first
    return kept


def missing(seen: int, length_s: int, skipped: int = 0) -> int:
    """Return the set of the seconds that are neither seen nor skipped by choice."""
    return between(0, length_s) & ~seen & ~skipped


def needed(length_s: int, share: int, skipped: int = 0) -> int:
    """Return how many of the seconds that count must be seen for `share` per cent, rounded up.

    Skipped passages do not count. At least one second may always lack, so that the last frame decides nothing.
    """
    counting = (between(0, length_s) & ~skipped).bit_count()
    return max(0, min(-(-counting * share // 100), counting - 1))


def is_complete(seen: int, length_s: int, share: int, skipped: int = 0) -> bool:
    """Say whether enough of what counts has been seen; nothing seen at all is never enough."""
    counted = (seen & between(0, length_s) & ~skipped).bit_count()
    return counted >= needed(length_s, share, skipped) and bool(
        counted or (skipped and not missing(0, length_s, skipped))
    )
