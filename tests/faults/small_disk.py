"""A disk of a few megabytes, to be filled to its last byte: a file system of its own, so that others have room."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from tests.databases import ENGINE, Databases, PostgresDatabases

BLOCK = b"\0" * 64 * 1024


@dataclass
class SmallDisk:
    """The disk, seen as a folder."""

    folder: Path

    @property
    def _ballast(self) -> Path:
        return self.folder / ".ballast"

    def fill(self, *, but: int = 0) -> None:
        """Leave not one byte free, or so many."""
        with self._ballast.open("ab", buffering=0) as file:
            for block in (BLOCK, BLOCK[:4096], BLOCK[:1]):
                try:
                    while file.write(block):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            os.truncate(file.fileno(), file.tell() - but)

    def make_room(self) -> None:
        """Somebody has cleared up."""
        self._ballast.unlink(missing_ok=True)


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """Mount such a disk until the block ends. Where nobody may mount, the test is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() != 0 or _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)):
        pytest.skip("a small disk is mounted, and this account may not")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode


@contextmanager
def database_on(disk: SmallDisk, databases: Databases) -> Iterator[str]:
    """Lend the address of a database with tables and municipalities whose pages lie on the disk."""
    url = databases.copy()
    if ENGINE == "sqlite":
        there = disk.folder / "database.sqlite"
        shutil.move(url.removeprefix("sqlite:///"), there)
        yield f"sqlite:///{there}"
        return
    assert isinstance(databases, PostgresDatabases)
    folder, name = disk.folder / "postgresql", make_url(url).database
    folder.mkdir()
    shutil.chown(folder, *_account_of(databases.server.pgdata))
    for above in (disk.folder, disk.folder.parent):
        above.chmod(0o711)
    admin = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text(f"CREATE TABLESPACE small_{name} LOCATION '{folder}'"))
        connection.execute(text(f'ALTER DATABASE "{name}" SET TABLESPACE small_{name}'))
        try:
            yield url
        finally:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
            connection.execute(text(f"DROP TABLESPACE small_{name}"))


def _account_of(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_uid, stat.st_gid
