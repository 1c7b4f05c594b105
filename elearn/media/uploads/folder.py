"""The files of uploads: `<data>/uploads/<id>`. The size of a file is how much of it has arrived.

Bytes are written as they come. A piece that names its checksum is kept beside until it has been checked: bytes that
are in the file are never taken back, so whoever is killed on the way leaves nothing wrong behind.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from elearn.config import Settings
from elearn.core import clock
from elearn.media.uploads.errors import NoRoom, TooManyBytes, UploadBusy, WrongChecksum, WrongOffset

BLOCK_BYTES = 256 * 1024
KEPT_FREE_BYTES = 1_000_000_000
"""An upload never takes the last of the disk: the database lives there, too."""
UNCHECKED = ".unchecked"
ALGORITHMS = ("sha256", "sha1")


@dataclass(frozen=True)
class Checksum:
    """What a piece must add up to."""

    algorithm: str
    digest: bytes


class UploadFolder:
    """The files of an installation's uploads; all its machines see the same folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, upload_id: str) -> Path:
        """Return where an upload's file lies; it is there from the first byte on."""
        return self.root / upload_id

    def arrived(self, upload_id: str) -> int:
        """Return how many bytes of an upload are there."""
        try:
            return self.path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def has_room_for(self, more_bytes: int) -> bool:
        """Whether the disk can take so many bytes and still has some left for everything else."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self.root).free - more_bytes >= KEPT_FREE_BYTES

    def append(
        self, upload_id: str, *, at: int, size: int, blocks: Iterable[bytes], checksum: Checksum | None = None
    ) -> int:
        """Write bytes behind the first `at`; return how many are there then, all of them on the disk.

        When the blocks break off with an error, those that came stay, unless they were to be checked. Raises
        `UploadBusy`, `WrongOffset`, `WrongChecksum`, `TooManyBytes` (of `size`), `NoRoom`.
        """
        with self._held(upload_id) as file:
            arrived = file.seek(0, os.SEEK_END)
            if arrived != at:
                raise WrongOffset(arrived)
            if checksum is None:
                self._write(file, blocks, size - at)
            else:
                self._write_checked(upload_id, file, blocks, size - at, checksum)
            return file.tell()

    def remove(self, upload_id: str) -> None:
        """Remove an upload's file, if it has one."""
        self.path(upload_id).unlink(missing_ok=True)
        self._unchecked(upload_id).unlink(missing_ok=True)

    def ids(self, *, untouched_s: float) -> set[str]:
        """Return the uploads that have a file which nobody has written to for a while."""
        if not self.root.exists():
            return set()
        before = clock.now().timestamp() - untouched_s
        return {path.name.removesuffix(UNCHECKED) for path in self.root.iterdir() if path.stat().st_mtime < before}

    def _unchecked(self, upload_id: str) -> Path:
        return self.root / f"{upload_id}{UNCHECKED}"

    @contextmanager
    def _held(self, upload_id: str) -> Iterator[FileIO]:
        """Open an upload's file for one writer. Raises `UploadBusy`."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(self.path(upload_id)) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UploadBusy from None
            yield file

    def _write_checked(
        self, upload_id: str, file: FileIO, blocks: Iterable[bytes], room: int, checksum: Checksum
    ) -> None:
        path, sum_of_blocks = self._unchecked(upload_id), hashlib.new(checksum.algorithm, usedforsecurity=False)
        try:
            with _opened(path, os.O_TRUNC) as piece:
                self._write(piece, _added_up(blocks, sum_of_blocks), room)
                if sum_of_blocks.digest() != checksum.digest:
                    raise WrongChecksum
                piece.seek(0)
                self._write(file, _blocks_of(piece), room)
        finally:
            path.unlink(missing_ok=True)

    def _write(self, file: FileIO, blocks: Iterable[bytes], room: int) -> None:
        """Write blocks as they come; whatever ends that, what was written is on the disk."""
        try:
            for block in blocks:
                room -= len(block)
                if room < 0:
                    raise TooManyBytes
                if not self.has_room_for(len(block)):
                    raise NoRoom
                left = memoryview(block)
                while left:
                    left = left[file.write(left) :]
        finally:
            os.fsync(file.fileno())


def _opened(path: Path, flags: int = 0) -> FileIO:
    """Open a file for reading and writing, without a buffer of its own; a new one is nobody else's to read."""
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600), "r+b")


def _blocks_of(file: FileIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block


def _added_up(blocks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for block in blocks:
        digest.update(block)
        yield block


def open_uploads(settings: Settings) -> UploadFolder:
    """Return the installation's folder of uploads; nothing outside the process is touched."""
    return UploadFolder(settings.uploads)
