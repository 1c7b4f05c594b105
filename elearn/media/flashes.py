"""Counting flashes (WCAG 2.3.1: no more than three in any second) on a film shrunk to a few squares.

A flash is a pair of opposing changes of a square's relative luminance by a tenth or more, the darker side
below 0.8, seen by a quarter of the picture at once. The grey values come from packaging's own ffmpeg run.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

COLUMNS, ROWS = 16, 9
SQUARES = COLUMNS * ROWS
MOST_PER_S = 3
CHANGE = 0.1
DARK = 0.8
AREA = SQUARES // 4

# Video grey runs from 16 to 235 and is gamma coded; luminance is linear.
LUMINANCE = [min(1.0, max(0.0, (grey - 16) / 219)) ** 2.2 for grey in range(256)]


def most_flashes_per_s(grey: Path, rate: Fraction) -> int:
    """Return the most flashes in any second of a file of grey frames, 16 by 9 squares each."""
    return count_flashes(_frames(grey), rate)


def count_flashes(frames: Iterable[bytes], rate: Fraction) -> int:
    """Return the most flashes that any second of the frames holds."""
    most = 0
    recent: deque[tuple[int, int]] = deque()
    window = int(rate)
    for number, direction in _changes(frames):
        if recent and recent[-1][1] == direction:
            recent[-1] = (number, direction)  # the same change, still going on
            continue
        recent.append((number, direction))
        while number - recent[0][0] >= window:
            recent.popleft()
        most = max(most, len(recent) // 2)
    return most


def _changes(frames: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Yield (frame, direction) where a quarter of the squares has become brighter (1) or darker (-1)."""
    turning: list[float] = []
    previous = b""
    for number, frame in enumerate(frames):
        if frame == previous:
            continue
        previous = frame
        light = [LUMINANCE[value] for value in frame]
        if not turning:
            turning = light
            heading = [0] * len(light)
            continue
        brighter = darker = 0
        for square, now in enumerate(light):
            since = now - turning[square]
            if heading[square] * since > 0:  # goes on the way it went
                turning[square] = now
            elif abs(since) >= CHANGE and min(now, turning[square]) < DARK:
                turning[square] = now
                heading[square] = 1 if since > 0 else -1
                brighter += since > 0
                darker += since < 0
        if brighter >= AREA:
            yield number, 1
        if darker >= AREA:
            yield number, -1


def _frames(grey: Path) -> Iterator[bytes]:
    with grey.open("rb") as file:
        while len(frame := file.read(SQUARES)) == SQUARES:
            yield frame
