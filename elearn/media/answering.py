"""Sending files of films: whole or a stretch of them, at the speed of the disk, cacheable by the viewer alone.

Werkzeug's own range wrapper reads a stretch in tiny steps (measured: twelve times slower than the whole file),
so a stretch is read here, in large blocks from the right place on.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from flask import Request, Response

from elearn.media.stores.packages import CACHE_CONTROL, TYPES

BLOCK_BYTES = 256 * 1024
ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*")


@dataclass(frozen=True)
class Stretch:
    """Bytes of a file, from `first` on."""

    first: int
    length: int


class CannotBeSatisfied(Exception):
    """The range lies outside the file (416)."""


@dataclass(frozen=True)
class Content:
    """An open file of a film, and what is told about it."""

    file: BinaryIO
    type: str
    size: int
    etag: str
    modified: datetime | None
    """None when nobody knows."""


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


def type_of(file: str) -> str:
    """Return the media type of a file by its name."""
    return TYPES.get(PurePosixPath(file).suffix, "application/octet-stream")


def content_at(path: Path) -> Content | None:
    """Open a file for sending; None when it is not there."""
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return None
    stat = os.fstat(file.fileno())
    etag = f"{stat.st_size:x}-{stat.st_mtime_ns:x}"
    return Content(file, type_of(path.name), stat.st_size, etag, datetime.fromtimestamp(int(stat.st_mtime), UTC))


def content_of(content: bytes, file: str) -> Content:
    """Make what was read of a small file ready for sending."""
    etag = hashlib.sha256(content).hexdigest()[:32]
    return Content(BytesIO(content), type_of(file), len(content), etag, None)


def send(content: Content, request: Request) -> Response:
    """Answer a request for a file: 200, 206, 304 or 416. The file is closed when the answer is done."""
    if _is_known(request, content):
        content.file.close()
        return _described(Response(status=304), content)
    try:
        stretch = _wanted(request, content)
    except CannotBeSatisfied:
        content.file.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{content.size}"})
    sent = stretch or Stretch(0, content.size)
    blocks = FileBlocks(content.file, sent)
    if request.method == "HEAD":
        blocks.close()
    body: list[bytes] | FileBlocks = [] if request.method == "HEAD" else blocks
    response = Response(body, 206 if stretch else 200, direct_passthrough=True)
    response.headers["Content-Type"] = content.type
    response.headers["Content-Length"] = str(sent.length)
    if stretch:
        last = stretch.first + stretch.length - 1
        response.headers["Content-Range"] = f"bytes {stretch.first}-{last}/{content.size}"
    return _described(response, content)


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


def keep(response: Response) -> Response:
    """Let the viewer's browser keep a file, and nobody in between."""
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response


def _wanted(request: Request, content: Content) -> Stretch | None:
    header = request.headers.get("Range")
    if header is None:
        return None
    if "If-Range" in request.headers:
        unless = request.if_range
        if unless.etag != content.etag and (content.modified is None or unless.date != content.modified):
            return None
    return parse_range(header, content.size)


def _is_known(request: Request, content: Content) -> bool:
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(content.etag)
    since = request.if_modified_since
    return since is not None and content.modified is not None and content.modified <= since


def _described(response: Response, content: Content) -> Response:
    response.set_etag(content.etag)
    response.last_modified = content.modified
    response.headers["Accept-Ranges"] = "bytes"
    return keep(response)
