"""Small pictures for the seek bar: one image holds them all, and a WebVTT file says which stands for which seconds.

What lies in a passage that may be skipped has none: nothing of it is shown to who only passes by.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from elearn.media import ffmpeg
from elearn.media.captions import timestamp

WIDTH, TALLEST = 160, 640
COLUMNS = 10
MOST = 120
LEAST_STEP_S = 2

Stretch = tuple[float, float]


def step_s(duration_s: float) -> int:
    """Return how many seconds one picture stands for."""
    return max(LEAST_STEP_S, math.ceil(duration_s / MOST))


def sprite_file(duration_s: float) -> str:
    """Return the name of the image that holds all pictures of a film."""
    return f"thumbnails-{step_s(duration_s)}.jpg"


def tall(width: int, height: int) -> int:
    """Return how tall the pictures of a film of this shape are: even, and in proportion unless it is a narrow strip."""
    return max(2, min(TALLEST, round(WIDTH * height / width / 2) * 2))


def draw(film: list[str], height: int, duration_s: float, folder: Path, watch: ffmpeg.Watch | None) -> bytes:
    """Return the image, made in `folder` with a picture of each step; `film` is ffmpeg's input and stream.

    Raises `FfmpegFailed`. Two runs: one alone would say nothing until the film's end, and who says nothing for long
    is taken for dead.
    """
    # Where only some pictures are read, the last of them stands to the film's end.
    steps = f"fps=1/{step_s(duration_s)}:start_time=0,tpad=stop={MOST}:stop_mode=clone"
    small = f"{steps},scale={WIDTH}:{height}:flags=area,setsar=1,format=bgr24"
    count = _count(duration_s)
    each = ["-vf", small, "-frames:v", str(count), "-c:v", "bmp", "-f", "image2", "thumb-%03d.bmp"]
    ffmpeg.run([*film, *each], folder, watch)
    tiles = f"tile={COLUMNS}x{math.ceil(count / COLUMNS)},scale=out_range=full,format=yuvj420p"
    whole = ["-vf", tiles, "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "5", "-f", "image2", "-update", "1", "all.jpg"]
    ffmpeg.run(["-framerate", "1", "-i", "thumb-%03d.bmp", *whole], folder)
    return (folder / "all.jpg").read_bytes()


def as_vtt(duration_s: float, height: int, left_out: Iterable[Stretch], folder: str = "") -> str | None:
    """Return which part of the image, in `folder`, stands for which seconds; None where no picture may be shown."""
    hidden = list(left_out)
    cues = [cue for cue in _cues(duration_s) if not any(cue[0] < to and cue[1] > begins for begins, to in hidden)]
    if not cues:
        return None
    # media-chrome takes its first cue for all before it and the last for all after: these two have no width.
    edges = [(0.0, 0.001, cues[0][2]), (duration_s, duration_s + 0.001, cues[-1][2])]
    image = folder + sprite_file(duration_s)
    blocks = [
        f"{timestamp(begins)} --> {timestamp(ends)}\n"
        f"{image}#xywh={index % COLUMNS * WIDTH},{index // COLUMNS * height},{WIDTH},{height}\n"
        for begins, ends, index in [edges[0], *cues, edges[1]]
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def _cues(duration_s: float) -> Iterator[tuple[float, float, int]]:
    step, count = step_s(duration_s), _count(duration_s)
    for index in range(count):
        yield float(index * step), duration_s if index == count - 1 else float((index + 1) * step), index


def _count(duration_s: float) -> int:
    return min(MOST, max(1, round(duration_s / step_s(duration_s))))
