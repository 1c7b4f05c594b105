"""Sending files of films: whole or a stretch of them, at the speed of the disk, cacheable by the viewer alone.

Werkzeug's own range wrapper reads a stretch in tiny steps (measured: twelve times slower than the whole file),
so a stretch is read here, in large blocks from the right place on.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from flask import Request, Response

BLOCK_BYTES = 256 * 1024
KEPT_S = 86_400
"""How long a browser may keep a file; its name changes with its content."""
TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
}
ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*")


@dataclass(frozen=True)
class Stretch:
    """Bytes of a file, from `first` on."""

    first: int
    length: int


class CannotBeSatisfied(Exception):
    """The range lies outside the file (416)."""


class FileBlocks:
    """A stretch of an open file in blocks; closes the file when done or given up."""

    def __init__(self, file: BinaryIO, stretch: Stretch) -> None:
        self._file = file
        self._stretch = stretch

    def __iter__(self) -> Iterator[bytes]:
        with self._file:
            left = self._stretch.length
            self._file.seek(self._stretch.first)
            while left > 0 and (block := self._file.read(min(BLOCK_BYTES, left))):
                left -= len(block)
                yield block

    def close(self) -> None:
        """Close the file: whoever was to receive it may have gone."""
        self._file.close()


def send(path: Path, request: Request) -> Response:
    """Answer a request for a file: 200, 206, 304, 416, or 404 when it is not there."""
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return Response(status=404)
    stat = os.fstat(file.fileno())
    etag = f"{stat.st_size:x}-{stat.st_mtime_ns:x}"
    modified = datetime.fromtimestamp(int(stat.st_mtime), UTC)
    if _is_known(request, etag, modified):
        file.close()
        return _described(Response(status=304), etag, modified)
    try:
        stretch = _wanted(request, stat.st_size, etag, modified)
    except CannotBeSatisfied:
        file.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{stat.st_size}"})
    whole = Stretch(0, stat.st_size)
    blocks = FileBlocks(file, stretch or whole)
    if request.method == "HEAD":
        blocks.close()
    body: list[bytes] | FileBlocks = [] if request.method == "HEAD" else blocks
    response = Response(body, 206 if stretch else 200, direct_passthrough=True)
    response.headers["Content-Type"] = TYPES.get(path.suffix, "application/octet-stream")
    response.headers["Content-Length"] = str((stretch or whole).length)
    if stretch:
        last = stretch.first + stretch.length - 1
        response.headers["Content-Range"] = f"bytes {stretch.first}-{last}/{stat.st_size}"
    return _described(response, etag, modified)


def parse_range(header: str, size: int) -> Stretch | None:
    """Return the stretch a Range header asks for; None when the whole file is the right answer.

    Several ranges at once, other units and nonsense get the whole file. Raises `CannotBeSatisfied`.
    """
    asked = ONE_RANGE.fullmatch(header)
    if asked is None:
        return None
    if asked[3]:
        length = min(int(asked[3]), size)
        if length == 0:
            raise CannotBeSatisfied
        return Stretch(size - length, length)
    first, last = int(asked[1]), int(asked[2]) if asked[2] else size - 1
    if last < first and asked[2]:
        return None
    if first >= size:
        raise CannotBeSatisfied
    return Stretch(first, min(last, size - 1) - first + 1)


def _wanted(request: Request, size: int, etag: str, modified: datetime) -> Stretch | None:
    header = request.headers.get("Range")
    if header is None:
        return None
    if "If-Range" in request.headers:
        unless = request.if_range
        if unless.etag != etag and unless.date != modified:
            return None
    return parse_range(header, size)


def _is_known(request: Request, etag: str, modified: datetime) -> bool:
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(etag)
    since = request.if_modified_since
    return since is not None and modified <= since


def _described(response: Response, etag: str, modified: datetime) -> Response:
    response.set_etag(etag)
    response.last_modified = modified
    response.headers["Cache-Control"] = f"private, max-age={KEPT_S}, immutable"
    response.headers["Accept-Ranges"] = "bytes"
    return response
