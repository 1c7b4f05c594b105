"""What a package is: the names of its files, and what its playlists say."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

PACKAGE = re.compile(r"[0-9a-f]{16}")
FILE = re.compile(
    r"master\.m3u8|\d{2,4}\.m3u8|\d{2,4}-init\.mp4|\d{2,4}-\d{5}\.m4s|poster-\d{1,9}\.jpg"
    r"|captions/[a-z]{2}-[0-9a-f]{12}\.vtt|thumbnails-\d{1,5}\.jpg|thumbnails-[0-9a-f]{12}\.vtt"
)
"""Files that viewers may be sent."""
MASTER = "master.m3u8"
"""The file that makes a package one: it is there only when all others are."""
INVENTORY_FILE = "inventory.json"
"""What every file of the package is, as it was made. Never served."""
NOTES_FILE = "package.json"
"""What a manifest says of the package, kept in it so that a second manifest costs nothing. Never served."""

TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}
KEPT_S = 86_400
"""How long a browser may keep a file; its name changes with its content."""
CACHE_CONTROL = f"private, max-age={KEPT_S}, immutable"

SEGMENTS = {".m4s", ".mp4"}
"""What a film's pictures and sound lie in: large, and fetched where films lie. All else is small."""

Tell = Callable[[int, int], None]
"""Hears how many bytes were moved, of how many, about twice a second. What it raises ends the work."""


@dataclass(frozen=True)
class Holding:
    """What a store keeps under a package's name, whole or not."""

    package: str
    files: int
    size: int
    newest: datetime
    """When its youngest file came."""
    is_whole: bool
    """Whether the file is there that makes it a package."""


def is_served(package: str, file: str) -> bool:
    """Whether this is a name that a file of a package may have; no other name leads anywhere."""
    return bool(PACKAGE.fullmatch(package) and FILE.fullmatch(file))


def is_kept(file: str) -> bool:
    """Whether a package may hold a file of this name."""
    return file in (INVENTORY_FILE, NOTES_FILE) or bool(FILE.fullmatch(file))


def is_segment(file: str) -> bool:
    """Whether a file holds pictures and sound, and is not small."""
    return PurePosixPath(file).suffix in SEGMENTS


def named_in(playlist: str) -> list[str]:
    """Return the files that a playlist's text names, in order."""
    files = re.findall(r'^#EXT-X-MAP:URI="([^"]+)"', playlist, re.MULTILINE)
    return files + [line for line in playlist.splitlines() if line and not line.startswith("#")]
