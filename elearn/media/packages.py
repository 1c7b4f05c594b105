"""What a package is: the names of its files, and what its playlists say."""

import re

PACKAGE = re.compile(r"[0-9a-f]{16}")
FILE = re.compile(
    r"master\.m3u8|\d{2,4}\.m3u8|\d{2,4}-init\.mp4|\d{2,4}-\d{5}\.m4s|poster-\d{1,9}\.jpg"
    r"|captions/[a-z]{2}-[0-9a-f]{12}\.vtt|thumbnails-\d{1,5}\.jpg|thumbnails-[0-9a-f]{12}\.vtt"
)
"""Files that viewers may be sent."""
MASTER = "master.m3u8"
"""The file that makes a package one: it is there only when all others are."""
NOTES_FILE = "package.json"
"""What a manifest says of the package, kept in it so that a second manifest costs nothing. Never served."""


def is_served(package: str, file: str) -> bool:
    """Whether this is a name that a file of a package may have; no other name leads anywhere."""
    return bool(PACKAGE.fullmatch(package) and FILE.fullmatch(file))


def named_in(playlist: str) -> list[str]:
    """Return the files that a playlist's text names, in order."""
    files = re.findall(r'^#EXT-X-MAP:URI="([^"]+)"', playlist, re.MULTILINE)
    return files + [line for line in playlist.splitlines() if line and not line.startswith("#")]
