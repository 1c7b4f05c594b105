"""Packages made without a film: what a store is asked to keep, at no cost."""

from pathlib import Path

from elearn.media.stores.packages import MASTER, NOTES_FILE
from elearn.media.stores.storage import MediaStore

PACKAGE = "0123456789abcdef"
SEGMENTS = 3
CAPTIONS = "captions/da-0123456789ab.vtt"


def fill_package(folder: Path, content: str = "") -> None:
    """Write a package of one size into a folder."""
    segments = [f"180-{number:05}.m4s" for number in range(SEGMENTS)]
    (folder / MASTER).write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n180.m3u8\n")
    (folder / "180.m3u8").write_text("\n".join(['#EXTM3U\n#EXT-X-MAP:URI="180-init.mp4"', *segments]) + "\n")
    (folder / "180-init.mp4").write_bytes(b"beginning" + content.encode())
    for segment in segments:
        (folder / segment).write_bytes(segment.encode() * 1000 + content.encode())
    (folder / NOTES_FILE).write_text("{}")


def make_package(store: MediaStore, package: str = PACKAGE, content: str = "") -> None:
    """Make a package in a store."""
    with store.making(package) as folder:
        fill_package(folder, content)
