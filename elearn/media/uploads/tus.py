"""What tus 1.0 says in headers: https://tus.io/protocols/resumable-upload."""

import base64
import binascii
import hashlib

from elearn.media.uploads.errors import BadUpload
from elearn.media.uploads.folder import ALGORITHMS, Checksum

VERSION = "1.0.0"
EXTENSIONS = ("creation", "termination", "checksum", "expiration")
PIECE = "application/offset+octet-stream"


def whole_number(header: str | None) -> int:
    """Return a header that holds a count of bytes. Raises `BadUpload`."""
    if header is None or not (header.isascii() and header.isdigit()) or len(header) > 18:
        raise BadUpload
    return int(header)


def metadata(header: str | None) -> dict[str, str]:
    """Return what Upload-Metadata says: `name base64,name base64`. Raises `BadUpload`."""
    found = {}
    for pair in (header or "").split(","):
        name, _, value = pair.strip().partition(" ")
        found[name] = _decoded(value).decode(errors="replace")
    return found


def checksum(header: str | None) -> Checksum | None:
    """Return what Upload-Checksum says: `algorithm base64`. Raises `BadUpload`."""
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    digest = _decoded(value)
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise BadUpload
    return Checksum(algorithm, digest)


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise BadUpload from None
