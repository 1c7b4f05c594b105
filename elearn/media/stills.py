"""A single picture of a packaged film, taken from the package: the film's own file is gone by then."""

import re
import tempfile
from pathlib import Path

from elearn.media import ffmpeg
from elearn.media.manifest import Manifest
from elearn.media.packaging import POSTER_FORMAT, poster_file
from elearn.media.stores.packages import named_in
from elearn.media.stores.storage import MediaStore

WIDEST = 1280
AT_THE_END_S = 0.5
SEGMENT = re.compile(r"^#EXTINF:([\d.]+),.*\n([^#\n]+)$", re.MULTILINE)


def still(store: MediaStore, film: Manifest, at_s: float) -> bytes | None:
    """Return the picture at a place as JPEG; None where the film is not packaged. Raises `FilmsOutOfReach`."""
    if film.package is None or film.duration is None:
        return None
    kept = store.read(film.package, poster_file(at_s))
    return kept or _taken(store, film.package, film, max(0.0, min(at_s, film.duration - AT_THE_END_S)))


def keep_poster(store: MediaStore, film: Manifest, at_s: float) -> bool:
    """Put the picture at a place into the film's package as its poster; False when there is none.

    Raises `FilmsOutOfReach`.
    """
    name = poster_file(at_s)
    if film.package is None:
        return False
    if store.has(film.package, name):
        return True
    picture = still(store, film, at_s)
    if picture is not None:
        store.add(film.package, name, picture)
    return picture is not None


def _taken(store: MediaStore, package: str, film: Manifest, at_s: float) -> bytes | None:
    largest = film.renditions[-1]
    playlist = store.read(package, f"{min(largest.width, largest.height)}.m3u8")
    if playlist is None:
        return None
    init = named_in(playlist.decode())[0]
    ends = 0.0
    for length, segment in SEGMENT.findall(playlist.decode()):
        begins, ends = ends, ends + float(length)
        if at_s < ends:
            parts = [store.read(package, init), store.read(package, segment)]
            return _picture(b"".join(part for part in parts if part), at_s - begins) if all(parts) else None
    return None


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
