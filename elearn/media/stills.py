"""A single picture of a packaged film, taken from the package: the film's own file is gone by then."""

import re
import tempfile
from pathlib import Path

from elearn.media import ffmpeg
from elearn.media.manifest import Manifest
from elearn.media.packages import named_in
from elearn.media.packaging import POSTER_FORMAT, poster_file
from elearn.media.storage import MediaStore

WIDEST = 1280
AT_THE_END_S = 0.5


def still(store: MediaStore, film: Manifest, at_s: float) -> bytes | None:
    """Return the picture at a place as JPEG; None where the film is not packaged, or its package cannot be had."""
    if film.package is None or film.duration is None:
        return None
    kept = store.read(film.package, poster_file(at_s))
    return kept or _taken(store, film.package, film, max(0.0, min(at_s, film.duration - AT_THE_END_S)))


def keep_poster(store: MediaStore, film: Manifest, at_s: float) -> None:
    """Put the picture at a place into the film's package as its poster, unless it is there."""
    assert film.package is not None
    name = poster_file(at_s)
    if not store.has(film.package, name) and (picture := still(store, film, at_s)):
        store.add(film.package, name, picture)


def _taken(store: MediaStore, package: str, film: Manifest, at_s: float) -> bytes | None:
    largest = film.renditions[-1]
    playlist = store.read(package, f"{min(largest.width, largest.height)}.m3u8")
    if playlist is None:
        return None
    init, *segments = named_in(playlist.decode())
    begins = 0.0
    for length, segment in zip(_lengths(playlist.decode()), segments, strict=True):
        if at_s < begins + length or segment == segments[-1]:
            parts = [store.read(package, init), store.read(package, segment)]
            return _picture(b"".join(part for part in parts if part), at_s - begins) if all(parts) else None
        begins += length
    return None


def _lengths(playlist: str) -> list[float]:
    return [float(value) for value in re.findall(r"^#EXTINF:([\d.]+)", playlist, re.MULTILINE)]


def _picture(segment: bytes, offset_s: float) -> bytes | None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "segment.mp4").write_bytes(segment)
        size = f"scale='min({WIDEST},iw)':-2:out_range=full,setsar=1,format=yuvj420p"
        taken = ["-frames:v", "1", "-vf", size, *POSTER_FORMAT, "still.jpg"]
        try:
            ffmpeg.run(["-ss", f"{offset_s:.3f}", "-i", "segment.mp4", *taken], folder)
            return (folder / "still.jpg").read_bytes()
        except (ffmpeg.FfmpegFailed, FileNotFoundError):
            return None
