"""Looking at a film before any work is done: what it holds, and a clear sentence when it is no film."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from elearn.media.errors import Fault, NotAFilm

CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,asf,flv,ogg"
"""What may hold a film. Playlists and lists of files are left out: they make ffmpeg open other files."""
STANDARD_RATES = [Fraction(n, 1001) for n in (24000, 30000, 48000, 60000)] + [
    Fraction(n) for n in (10, 12, 15, 24, 25, 30, 48, 50, 60)
]
FASTEST_RATE = Fraction(60)
SMALLEST_SIDE, LARGEST_SIDE = 32, 8192
MOST_PIXELS = str(LARGEST_SIDE**2)
"""Of any picture: a file of some megabytes can hold ones that take gigabytes, behind a first one that is small."""
LONGEST_S = 12 * 3600
"""A file of a thousand bytes can say that its second picture comes after years, and packaging would fill the disk."""


@dataclass(frozen=True)
class Probe:
    """What a film holds, as a viewer would see it: upright, with square pixels."""

    container: str
    duration_s: float | None
    """None where the file does not say, as with films recorded in a browser."""
    width: int
    height: int
    rate: Fraction
    """Pictures per second, even ones, to be packaged with."""
    interlaced: bool
    video_index: int
    audio_index: int | None
    still_s: float
    """For how long the sound goes on when the picture has ended; the last picture then stands."""


def probe(path: Path) -> Probe:
    """Look at a film. Raises `NotAFilm` with one sentence."""
    if not path.is_file():
        raise NotAFilm(f"{path}: there is no such file.", Fault.FILE_GONE)
    if path.stat().st_size == 0:
        raise NotAFilm(f"{path.name} is empty.", Fault.EMPTY)
    with _opened(path) as container:
        video = next((s for s in container.streams.video if not _is_cover(s)), None)
        if video is None:
            if container.streams.audio:
                raise NotAFilm(f"{path.name} holds sound but no picture.", Fault.NO_PICTURE)
            raise _not_a_film(path)
        _refuse_cut_off(path, container)
        refuse_endless(path, (container.duration or 0) / 1_000_000)
        if max(video.width, video.height) > LARGEST_SIDE:  # said by the file, before any picture is in memory
            raise _of_no_films_size(path, video.width, video.height)
        frame = _first_picture(path, container, video)
        width, height = _seen_size(video, frame)
        if min(width, height) < SMALLEST_SIDE or max(width, height) > LARGEST_SIDE:
            raise _of_no_films_size(path, width, height)
        audio = next(iter(container.streams.audio), None)
        return Probe(
            container=container.format.name.split(",")[0],
            duration_s=container.duration / 1_000_000 if container.duration else None,
            width=width,
            height=height,
            rate=_even_rate(video),
            interlaced=bool(frame.interlaced_frame),
            video_index=video.index,
            audio_index=audio.index if audio else None,
            still_s=_still_s(video, audio),
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import av  # its libraries take 16 MB, and no web worker looks into a film

    options = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS, "max_pixels": MOST_PIXELS}
    try:
        with av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace") as container:
            yield container
    except (av.error.FFmpegError, UnicodeError, ValueError) as error:
        if "moov atom not found" in str(error) or _looks_like_mp4(path):
            raise NotAFilm(f"{path.name} is damaged or was not copied to its end.") from None
        raise _not_a_film(path) from None


def _not_a_film(path: Path) -> NotAFilm:
    return NotAFilm(f"{path.name} is not a film (MP4, MOV, WebM, MKV, AVI or MPEG).", Fault.NOT_A_FILM)


def _looks_like_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[4:8] == b"ftyp"


def _is_cover(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _refuse_cut_off(path: Path, container: Any) -> None:
    """An MP4 names the place of every frame before the first is read, so a missing end shows at once."""
    size = path.stat().st_size
    for stream in container.streams:
        entries = getattr(stream, "index_entries", None)
        last = entries[-1] if entries else None
        if last is not None and last.pos + last.size > size:
            raise NotAFilm(f"{path.name} was not copied to its end: the film is cut off.")


def refuse_endless(path: Path, length_s: float) -> None:
    """Refuse a film that is, or turns out to be, longer than any. Raises `NotAFilm`."""
    if length_s > LONGEST_S:
        raise NotAFilm(f"{path.name} is longer than {LONGEST_S // 3600} hours, or says so.", Fault.LENGTH)


def _of_no_films_size(path: Path, width: int, height: int) -> NotAFilm:
    sides = f"a film has sides of {SMALLEST_SIDE} to {LARGEST_SIDE} pixels."
    return NotAFilm(f"{path.name} is {width}×{height}; {sides}", Fault.SIZE)


def _first_picture(path: Path, container: Any, video: Any) -> Any:
    video.codec_context.options = {"max_pixels": MOST_PIXELS}
    with suppress(StopIteration):
        return next(container.decode(video))
    raise NotAFilm(f"{path.name} holds no picture that can be read.", Fault.NO_PICTURE)


def _seen_size(video: Any, frame: Any) -> tuple[int, int]:
    shape = video.sample_aspect_ratio or Fraction(1)
    width, height = round(frame.width * shape), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)


def _even_rate(video: Any) -> Fraction:
    """Return the film's rate, or for one of varying rate the nearest customary one."""
    average = Fraction(video.average_rate or video.guessed_rate or 25)
    near = min(STANDARD_RATES, key=lambda rate: abs(rate - average))
    if abs(near - average) / near < Fraction(2, 100):
        return near
    return min(max(Fraction(round(average)), Fraction(1)), FASTEST_RATE)


def _still_s(video: Any, audio: Any) -> float:
    if audio is None or not (video.duration and audio.duration):
        return 0.0
    ends = [float(((s.start_time or 0) + s.duration) * s.time_base) for s in (video, audio)]
    return max(0.0, ends[1] - ends[0])
