"""Films on this machine: folders under the media folder, each complete from the moment it has its name.

A package is made in a folder with a name of its own, forced to disk, then renamed. Whoever is killed on the way
leaves such a folder behind; it is locked while its maker lives, and the next run removes those that are not.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from elearn.media.manifest_text import write_atomically
from elearn.media.stores.damage import GONE, Damage, bytes_wrong, sizes_wrong
from elearn.media.stores.inventory import inventory_in, write_inventory
from elearn.media.stores.packages import MASTER, NOTES_FILE, PACKAGE, Holding, Tell, is_served, named_in

UNFINISHED = ".making-"
OPEN_FOLDER, OPEN_FILE = 0o755, 0o644
"""A package may be read by a web server that gets as far as the media folder, whatever umask the product runs under."""


class LocalStore:
    """The packages in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, package: str, file: str = MASTER) -> bool:
        """Whether a package, or one file of it, is there."""
        path = self.local_path(package, file)
        return path is not None and path.is_file()

    def missing_files(self, package: str) -> list[str]:
        """Return the files that a package should have and that are not there: somebody removed them."""
        master = self.read(package, MASTER)
        if master is None:
            return [MASTER]
        missing = [] if self.notes(package) is not None else [NOTES_FILE]
        for name in named_in(master.decode()):
            playlist = self.read(package, name)
            files = [name, *(named_in(playlist.decode()) if playlist is not None else [])]
            missing += [file for file in files if not self.has(package, file)]
        return missing

    def damage(self, package: str, *, deep: bool = False) -> list[Damage]:
        """Return what is no longer as it was made, by names and sizes, or with `deep` by every byte."""
        if missing := self.missing_files(package):
            return [Damage(file, GONE) for file in missing]
        folder = self.root / package
        inventory = inventory_in(folder)
        wrong = sizes_wrong(inventory, {file: (folder / file).stat().st_size for file in inventory.files})
        return wrong + (bytes_wrong(inventory, folder) if deep else [])

    def read(self, package: str, file: str) -> bytes | None:
        """Return a small file (playlist, captions, picture), or None when it is not there."""
        path = self.local_path(package, file)
        return path.read_bytes() if path is not None and path.is_file() else None

    def notes(self, package: str) -> bytes | None:
        """Return what a manifest says of the package, or None when it is not there."""
        path = self.root / package / NOTES_FILE
        return path.read_bytes() if path.is_file() else None

    def add(self, package: str, file: str, content: bytes) -> None:
        """Put a file beside a package's own, such as captions; a file of that name is replaced."""
        path = self.local_path(package, file)
        if path is None:
            raise ValueError(f"{file} is no name for a file of a package")
        write_atomically(path, content)
        path.parent.chmod(OPEN_FOLDER)

    def local_path(self, package: str, file: str) -> Path | None:
        """Return where a file of a package lies, or None for names that no package has."""
        return self.root / package / file if is_served(package, file) else None

    def signed_url(self, package: str, file: str, *, seconds: int = 60, method: str = "GET") -> str | None:
        """Return None: the product sends files of this machine itself."""

    @contextmanager
    def making(self, package: str, tell: Tell | None = None) -> Iterator[Path]:
        """Open a folder to make a package in; it takes the package's name when the block ends well.

        When another run has made the same package meanwhile, that one stays.
        """
        with self.scratch(package) as folder:
            yield folder
            write_inventory(folder)
            _force_to_disk(folder)
            _open_to_web_server(folder)
            self._set_broken_aside(package)
            with suppress(OSError):  # it is there already: two runs made the same
                folder.rename(self.root / package)
            force_folder_to_disk(self.root)
            if not self.has(package):
                raise OSError(f"The package {package} could not be put in its place.")

    def finish(self, package: str, tell: Tell | None = None) -> None:
        """Do nothing: what was made here is where it belongs."""

    def packages(self) -> list[str]:
        """Return the names of the packages that are there."""
        return [holding.package for holding in self.holdings() if holding.is_whole]

    def holdings(self) -> list[Holding]:
        """Return what is kept under packages' names, halves of packages too."""
        folders = [path for path in sorted(self.root.glob("*/")) if PACKAGE.fullmatch(path.name)]
        return [_holding(folder) for folder in folders]

    def remove(self, package: str) -> None:
        """Remove a package, first the file that makes it one; stopped on the way, what is left is no package."""
        (self.root / package / MASTER).unlink(missing_ok=True)
        shutil.rmtree(self.root / package, ignore_errors=True)

    @contextmanager
    def scratch(self, name: str = "") -> Iterator[Path]:
        """Open a folder that is gone when the block ends, or at the next run when the block was killed."""
        self.root.mkdir(parents=True, exist_ok=True)
        folder, lock = self._new_folder(name)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)

    def _set_broken_aside(self, package: str) -> None:
        """A damaged package would keep its own name from the whole one."""
        folder = self.root / package
        if folder.exists() and self.damage(package):
            aside = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}broken-", dir=self.root))
            with suppress(OSError):
                folder.rename(aside / package)
            shutil.rmtree(aside, ignore_errors=True)

    def _new_folder(self, package: str) -> tuple[Path, int]:
        """Remove what dead runs left, and make a locked folder; one run at a time does this."""
        with (self.root / ".lock").open("w") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            for left in self.root.glob(f"{UNFINISHED}*"):
                _remove_if_abandoned(left)
            folder = Path(tempfile.mkdtemp(prefix=f"{UNFINISHED}{package}-", dir=self.root))
            lock = os.open(folder, os.O_RDONLY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            return folder, lock


def _holding(folder: Path) -> Holding:
    stats = [path.stat() for path in folder.rglob("*") if path.is_file()]
    newest = max((stat.st_mtime for stat in stats), default=folder.stat().st_mtime)
    return Holding(
        folder.name,
        files=len(stats),
        size=sum(stat.st_size for stat in stats),
        newest=datetime.fromtimestamp(newest, UTC),
        is_whole=(folder / MASTER).is_file(),
    )


def _remove_if_abandoned(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        pass  # its maker lives
    finally:
        os.close(handle)


def _open_to_web_server(folder: Path) -> None:
    folder.chmod(OPEN_FOLDER)
    for path in folder.iterdir():
        path.chmod(OPEN_FILE)


def _force_to_disk(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    force_folder_to_disk(folder)


def force_folder_to_disk(folder: Path) -> None:
    """Force the names of a folder's files to disk: a new file is there after a power cut only when its name is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
