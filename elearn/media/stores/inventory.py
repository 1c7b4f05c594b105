"""The inventory of a package: what every file in it is, written when it was made, so that any copy can be checked."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from elearn.media.errors import WrongBytes
from elearn.media.manifest_text import write_atomically
from elearn.media.stores.packages import FILE, INVENTORY_FILE, MASTER, NOTES_FILE, named_in

PART_BYTES = 16 * 1024 * 1024
"""Larger files are sent in parts of this size; what S3 says of them depends on it, so it never changes."""


class Entry(BaseModel):
    """One file: its size, its checksum, and what S3 calls it when it was sent whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int
    sha256: str
    etag: str


class Inventory(BaseModel):
    """The files of a package as they were made. What is added later (captions, posters) is not in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: dict[str, Entry]


def entry_of(path: Path) -> Entry:
    """Read a file and say what it is."""
    whole, size = hashlib.sha256(), 0
    parts: list[bytes] = []
    with path.open("rb") as file:
        while (part := file.read(PART_BYTES)) or not parts:
            whole.update(part)
            parts.append(_md5(part))
            size += len(part)
    return Entry(size=size, sha256=whole.hexdigest(), etag=_etag(parts))


def entry_of_bytes(content: bytes) -> Entry:
    """Say what some bytes, fewer than a part, are."""
    return Entry(size=len(content), sha256=hashlib.sha256(content).hexdigest(), etag=_etag([_md5(content)]))


def _etag(parts: list[bytes]) -> str:
    """S3 names a file by its MD5, and one sent in parts by the MD5 of theirs."""
    if len(parts) == 1:
        return parts[0].hex()
    return f"{_md5(b''.join(parts)).hex()}-{len(parts)}"


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def own_files(folder: Path) -> list[str]:
    """Return the files that a package in a folder was made with, by its playlists: nothing that was added later."""
    files = [MASTER, NOTES_FILE]
    for playlist in named_in((folder / MASTER).read_text()):
        files += [playlist, *named_in((folder / playlist).read_text())]
    return files


def write_inventory(folder: Path) -> Inventory:
    """Write down what the files of a package in a folder are. Raises `FileNotFoundError` when one is gone."""
    inventory = Inventory(files={file: entry_of(folder / file) for file in own_files(folder)})
    write_atomically(folder / INVENTORY_FILE, inventory.model_dump_json())
    return inventory


def read_inventory(content: bytes) -> Inventory:
    """Return what an inventory says. Raises `WrongBytes` when it is none, or names what no package is made with.

    It may come from a bucket, and its names become paths.
    """
    try:
        inventory = Inventory.model_validate_json(content)
    except ValidationError as error:
        raise WrongBytes("a package holds no inventory that can be read") from error
    for file in inventory.files:
        if not (file == NOTES_FILE or FILE.fullmatch(file)):
            raise WrongBytes(f"a package holds no inventory, but one that names {file}")
    return inventory


def inventory_in(folder: Path) -> Inventory:
    """Return the inventory of a package in a folder; one made before there were inventories gets it now."""
    path = folder / INVENTORY_FILE
    return read_inventory(path.read_bytes()) if path.is_file() else write_inventory(folder)
