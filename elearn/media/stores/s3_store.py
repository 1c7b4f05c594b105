"""Films in a bucket. Small files are kept on each machine too; segments go from the bucket to the viewer.

A package is made on this machine, then sent, `master.m3u8` last: a package is there when that file is. What cannot be
sent stays here, and the next run goes on with it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from elearn.core import clock
from elearn.media.errors import WrongBytes
from elearn.media.manifest_text import write_atomically
from elearn.media.stores.bucket import Bucket, Stored
from elearn.media.stores.damage import GONE, Damage, sizes_wrong
from elearn.media.stores.in_bucket import damage_told, fetched, inventory_in_bucket, listed
from elearn.media.stores.inventory import Inventory, entry_of_bytes, read_inventory
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import INVENTORY_FILE, MASTER, NOTES_FILE, PACKAGE, Holding, Tell, is_served
from elearn.media.stores.sending import send_package

TRUSTED_S = 3600
"""Pages do not look a package over again that was seen whole within so long."""
SEEN_WHOLE = ".whole"


class S3Store:
    """The packages in a bucket: `asked` as a page, a press or a command may ask; `patient` is for what is sent.

    A page `trusts` what this machine saw before. What asks the bucket raises `FilmsOutOfReach`. What one request has
    found there, it does not ask for again.
    """

    def __init__(self, asked: Bucket, patient: Bucket, data: Path, *, trusts: bool) -> None:
        self._asked = asked
        self._patient = patient
        self._trusts = trusts
        self._kept = data / "media-cache"
        self._outgoing = LocalStore(data / "media-outgoing")
        self._found: set[str] = set()
        self._found_whole: set[str] = set()

    def has(self, package: str, file: str = MASTER) -> bool:
        """Whether a package, or one file of it, is there."""
        if not is_served(package, file):
            return False
        key = f"{package}/{file}"
        if key not in self._found and not (self._trusts and (self._kept / key).is_file()):
            if not self._asked.has(key):
                return False
            self._found.add(key)
        return True

    def missing_files(self, package: str) -> list[str]:
        """Return the files that are gone from a package or have another size."""
        seen = self._kept / package / SEEN_WHOLE
        if self._trusts and seen.exists() and 0 <= _now_s() - seen.stat().st_mtime < TRUSTED_S:
            return []
        inventory = self._inventory(package)
        if inventory is None:
            return [INVENTORY_FILE if self.has(package) else MASTER]
        sizes = {file: stored.size for file, stored in listed(self._asked, package).items()}
        missing = [each.file for each in sizes_wrong(inventory, sizes)]
        if not missing:
            seen.touch()
            os.utime(seen, (_now_s(), _now_s()))
        return missing

    def damage(self, package: str, *, deep: bool = False) -> list[Damage]:
        """Return what is wrong with a package, by the checksums S3 tells; `deep` fetches and counts every byte."""
        if package in self._found_whole and not deep:
            return []
        (self._kept / package / SEEN_WHOLE).unlink(missing_ok=True)
        if not self._asked.has(f"{package}/{MASTER}"):
            return [Damage(MASTER, GONE)]
        inventory = inventory_in_bucket(package, self._patient)  # it answers, so that patience is not for nothing
        if inventory is None:
            return [Damage(INVENTORY_FILE, GONE)]
        damage = damage_told(inventory, listed(self._patient, package), self._patient, deep=deep)
        if not damage:
            self._found_whole.add(package)
        return damage

    def read(self, package: str, file: str) -> bytes | None:
        """Return a small file, from this machine where it was read before; None when it is not there."""
        return self._read(package, file) if is_served(package, file) else None

    def notes(self, package: str) -> bytes | None:
        """Return what a manifest says of the package, or None when it is not there."""
        return self._read(package, NOTES_FILE)

    def add(self, package: str, file: str, content: bytes) -> None:
        """Put a file beside a package's own, such as captions; a file of that name is replaced."""
        if not is_served(package, file):
            raise ValueError(f"{file} is no name for a file of a package")
        self._asked.put(f"{package}/{file}", content)
        write_atomically(self._kept / package / file, content)

    def local_path(self, package: str, file: str) -> Path | None:
        """Return None: films do not lie on this machine."""

    def signed_url(self, package: str, file: str, *, seconds: int = 60, method: str = "GET") -> str | None:
        """Return an address in the bucket that answers for one file for so long, or None for names no package has."""
        return self._asked.signed_url(f"{package}/{file}", seconds, method) if is_served(package, file) else None

    @contextmanager
    def making(self, package: str, tell: Tell | None = None) -> Iterator[Path]:
        """Open a folder to make a package in; when the block ends well the package is made and sent.

        When the bucket is out of reach for minutes, what was made stays here: `finish` goes on another time.
        """
        with self._outgoing.making(package) as folder:
            yield folder
        self.finish(package, tell)

    def finish(self, package: str, tell: Tell | None = None) -> None:
        """Send a package that was made here and has not got to the bucket whole; do nothing when there is none."""
        if self._outgoing.has(package):
            self.send(package, tell)

    def send(self, package: str, tell: Tell | None = None) -> int:
        """Send a package that was made here; return how many files had to be sent."""
        sent = send_package(self._outgoing.root / package, self._patient, tell)
        self._outgoing.remove(package)
        return sent

    def unsent(self) -> list[str]:
        """Return the packages that were made here and have not got to the bucket whole."""
        return self._outgoing.packages()

    def holdings(self) -> list[Holding]:
        """Return what is kept under packages' names, halves of packages too."""
        found: dict[str, list[Stored]] = {}
        for stored in self._asked.list():
            package = stored.key.partition("/")[0]
            if PACKAGE.fullmatch(package):
                found.setdefault(package, []).append(stored)
        return [_holding(package, objects) for package, objects in found.items()]

    def remove(self, package: str) -> None:
        """Remove a package, first the file that makes it one; stopped on the way, what is left is no package."""
        self._patient.delete(f"{package}/{MASTER}")
        for stored in self._patient.list(f"{package}/"):
            self._patient.delete(stored.key)
        shutil.rmtree(self._kept / package, ignore_errors=True)

    @contextmanager
    def scratch(self, name: str = "") -> Iterator[Path]:
        """Open a folder that is gone when the block ends, or at the next run when the block was killed."""
        with self._outgoing.scratch(name) as folder:
            yield folder

    def _inventory(self, package: str) -> Inventory | None:
        content = self._read(package, INVENTORY_FILE)
        return read_inventory(content) if content is not None else None

    def _read(self, package: str, file: str) -> bytes | None:
        """Raises `FilmsOutOfReach`; wrong bytes are neither returned nor kept."""
        kept = self._kept / package / file
        with suppress(FileNotFoundError):
            return kept.read_bytes()
        content = fetched(self._asked, f"{package}/{file}")
        if content is not None and file != INVENTORY_FILE:
            self._check(package, file, content)
        if content is not None and not file.endswith(".m4s"):
            write_atomically(kept, content)
        return content

    def _check(self, package: str, file: str, content: bytes) -> None:
        inventory = self._inventory(package)
        made = inventory.files.get(file) if inventory else None
        if made and made != entry_of_bytes(content):
            raise WrongBytes(f"{package}/{file} holds other bytes than it was made with")


def _holding(package: str, objects: list[Stored]) -> Holding:
    return Holding(
        package,
        files=len(objects),
        size=sum(each.size for each in objects),
        newest=max(each.at for each in objects),
        is_whole=any(each.key == f"{package}/{MASTER}" for each in objects),
    )


def _now_s() -> float:
    return clock.now().timestamp()
