"""`media add` against bare ffmpeg making the same sizes and poster, in turns on the same machine.

    python bench/media_add.py [FILM ...] [--minutes 10] [--rounds 3]

Films are taken as they are for the short runs; the first (or a made one) is looped to the long film.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from elearn.media import ffmpeg
from elearn.media.ladder import ladder
from elearn.media.packaging import GREY_FILE, arguments
from elearn.media.probe import probe

MOST_RATIO = 1.05


def made_film(folder: Path) -> Path:
    """Make ten seconds of picture that is neither still nor noise."""
    film = folder / "made.mp4"
    picture = "mandelbrot=s=854x480:r=24:end_scale=0.02"
    sound = "sine=f=220:d=10"
    command = ["-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-t", "10"]
    subprocess.run([ffmpeg.find_ffmpeg(), *command, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(film)], check=True)
    return film


def looped(film: Path, minutes: float, folder: Path) -> Path:
    """Make a long film of a short one, without coding it anew."""
    target = folder / "long.mp4"
    command = ["-v", "error", "-y", "-stream_loop", "-1", "-i", str(film), "-t", str(minutes * 60), "-c", "copy"]
    subprocess.run([ffmpeg.find_ffmpeg(), *command, str(target)], check=True)
    return target


def bare_arguments(film: Path) -> list[str]:
    """Return the shipped arguments without what only we do: the grey squares for the flash check."""
    found = probe(film)
    rungs = ladder(found.width, found.height)
    made = arguments(film, found, rungs)
    filters = made.index("-filter_complex") + 1
    without_grey = made[filters].split(";[g]")[0]
    made[filters] = without_grey.replace("[g]", "").replace(f"split={len(rungs) + 1}", f"split={len(rungs)}")
    del made[made.index("[grey]") - 1 : made.index(GREY_FILE) + 1]
    return made


def poster_arguments(film: Path) -> list[str]:
    """Return what makes a poster of a film."""
    return ["-ss", "1", "-i", str(film), "-frames:v", "1", "-q:v", "3", "poster.jpg"]


@dataclass(frozen=True)
class Spent:
    """What a run took. On a machine that others use as well, the processor's seconds tell more than the clock's."""

    wall_s: float
    cpu_s: float


def spent(work: Callable[[], object]) -> Spent:
    """Time the child processes that `work` starts."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    work()
    wall_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def seconds_bare(film: Path) -> Spent:
    """Time ffmpeg alone."""
    with tempfile.TemporaryDirectory() as folder:
        common = [ffmpeg.find_ffmpeg(), "-v", "error", "-nostdin", "-y"]

        def both() -> None:
            for arguments_ in (bare_arguments(film), poster_arguments(film)):
                subprocess.run([*common, *arguments_], cwd=folder, check=True)

        return spent(both)


def seconds_ours(film: Path) -> Spent:
    """Time the shipped command from start to end, into an empty installation."""
    with tempfile.TemporaryDirectory() as folder:
        env = {"ELEARN_DATA": folder, "ELEARN_MANIFESTS": f"{folder}/manifests", "PATH": "/usr/bin:/bin"}
        command = [sys.executable, "-m", "elearn", "media", "add", str(film), "--id", "film", "--language", "en"]
        return spent(lambda: subprocess.run(command, env=env, check=True, capture_output=True))


def compare(film: Path, rounds: int) -> tuple[Spent, Spent]:
    """Run both in turns and return the medians of each."""
    bare, ours = [], []
    for turn in range(rounds):
        for which in (0, 1) if turn % 2 else (1, 0):
            (ours if which else bare).append((seconds_ours if which else seconds_bare)(film))
    return medians(bare), medians(ours)


def medians(runs: list[Spent]) -> Spent:
    return Spent(statistics.median(run.wall_s for run in runs), statistics.median(run.cpu_s for run in runs))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        films = [film.absolute() for film in options.films] or [made_film(Path(name))]
        for film in films if options.rounds else []:
            bare, ours = compare(film, options.rounds)
            print(
                f"{film.name:20} bare {bare.wall_s:6.2f} s   media add {ours.wall_s:6.2f} s   "
                f"over it {ours.wall_s - bare.wall_s:5.2f} s (processor {ours.cpu_s - bare.cpu_s:5.2f} s)",
                flush=True,
            )
        if options.minutes:
            film = looped(films[0], options.minutes, Path(name))
            bare, ours = compare(film, max(1, options.rounds))
            ratio = ours.wall_s / bare.wall_s
            print(f"{options.minutes:g} minutes of {films[0].name}: bare {bare.wall_s:.1f} s, ours {ours.wall_s:.1f} s")
            print(f"ratio {ratio:.3f} (processor {ours.cpu_s / bare.cpu_s:.3f}), at most {MOST_RATIO}: ", end="")
            print("kept" if ratio <= MOST_RATIO else "BROKEN")


if __name__ == "__main__":
    main()
