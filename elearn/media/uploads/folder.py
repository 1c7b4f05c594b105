"""The files of uploads: `<data>/uploads/<id>`. The size of a file is how much of it has arrived.

Bytes are written as they come. A piece that names its checksum is kept beside until it has been checked: bytes that
are in the file are never taken back, so whoever is killed on the way leaves nothing wrong behind.
"""

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from elearn.config import Settings
from elearn.core import clock
from elearn.media.stores.local_store import force_folder_to_disk
from elearn.media.uploads.errors import NoRoom, TooManyBytes, WrongChecksum, WrongOffset

BLOCK_BYTES = 256 * 1024
KEPT_FREE_BYTES = 1_000_000_000
"""No film ever takes the last of the disk: the database lives there, too."""
FULL = {errno.ENOSPC, errno.EDQUOT}
"""What the system says of a disk that takes no more."""
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
        return room_bytes(self.root) >= more_bytes

    def append(
        self, upload_id: str, *, at: int, size: int, blocks: Iterable[bytes], checksum: Checksum | None = None
    ) -> int:
        """Write bytes behind the first `at`; return how many are there then, all of them on the disk.

        When the blocks break off with an error, those that came stay, unless they were to be checked. Raises
        `WrongOffset`, `WrongChecksum`, `TooManyBytes` (of `size`), `NoRoom`.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(self.path(upload_id)) as file:
            _refuse_gap(file, at)
            try:
                if checksum is None:
                    return self._append(file, at, size, blocks)
                with self._checked(blocks, size - at, checksum) as checked:
                    return self._append(file, at, size, checked)
            finally:
                os.fsync(file.fileno())
                if at == 0:
                    force_folder_to_disk(self.root)  # with the new file's name

    def remove(self, upload_id: str) -> None:
        """Remove an upload's file, if it has one."""
        self.path(upload_id).unlink(missing_ok=True)

    def ids(self, *, untouched_s: float) -> set[str]:
        """Return the uploads that have a file which nobody has written to for a while."""
        if not self.root.exists():
            return set()
        before = clock.now().timestamp() - untouched_s
        return {path.name for path in self.root.iterdir() if path.stat().st_mtime < before}

    def _append(self, file: FileIO, at: int, size: int, blocks: Iterable[bytes]) -> int:
        """Write each block if the file still ends where the one before it did.

        Nothing is held while the next one is waited for: a line on which nothing comes any more, and that nobody ends,
        does not keep its owner from going on over another.
        """
        for block in blocks:
            if at + len(block) > size:
                raise TooManyBytes
            self._refuse_full_disk(len(block))
            with _alone_with(file):
                _refuse_gap(file, at)
                _write(file, block)
            at += len(block)
        return at

    @contextmanager
    def _checked(self, blocks: Iterable[bytes], most: int, checksum: Checksum) -> Iterator[Iterator[bytes]]:
        """Keep blocks in a file without a name until all are there, and give them out if they are the right ones."""
        sum_of_blocks = hashlib.new(checksum.algorithm, usedforsecurity=False)
        with tempfile.TemporaryFile(dir=self.root, buffering=0) as piece:
            for block in blocks:
                if (most := most - len(block)) < 0:
                    raise TooManyBytes
                self._refuse_full_disk(len(block))
                sum_of_blocks.update(block)
                _write(piece, block)
            if sum_of_blocks.digest() != checksum.digest:
                raise WrongChecksum
            piece.seek(0)
            yield iter(lambda: piece.read(BLOCK_BYTES), b"")

    def _refuse_full_disk(self, more_bytes: int) -> None:
        if room_bytes(self.root) < more_bytes:
            raise NoRoom


def room_bytes(folder: Path) -> int:
    """Return how much films may still take of the disk that a folder lies on."""
    return shutil.disk_usage(folder).free - KEPT_FREE_BYTES


def _opened(path: Path, flags: int = 0) -> FileIO:
    """Open a file for reading and writing, without a buffer of its own; a new one is nobody else's to read."""
    return FileIO(os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o600), "r+b")


@contextmanager
def _alone_with(file: FileIO) -> Iterator[None]:
    """Wait until no other process or thread writes to a file."""
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _refuse_gap(file: FileIO, at: int) -> None:
    arrived = file.seek(0, os.SEEK_END)
    if arrived != at:
        raise WrongOffset(arrived)


def _write(file: FileIO, block: bytes) -> None:
    left = memoryview(block)
    while left:
        left = left[file.write(left) :]


def open_uploads(settings: Settings) -> UploadFolder:
    """Return the installation's folder of uploads; nothing outside the process is touched."""
    return UploadFolder(settings.uploads)
