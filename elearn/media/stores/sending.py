"""Bringing a package from this machine to the bucket and back: only what is missing or differs, `master.m3u8` last.

Killed on the way, it has done part of the work, and the next run does the rest.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path

from elearn.media.errors import PackageDamaged, WrongBytes
from elearn.media.manifest_text import write_atomically
from elearn.media.stores.bucket import Bucket, Stored
from elearn.media.stores.damage import GONE, bytes_wrong, sizes_wrong
from elearn.media.stores.in_bucket import damage_told, fetched, inventory_in_bucket, is_as_made, listed
from elearn.media.stores.inventory import Entry, Inventory, entry_of, inventory_in
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import INVENTORY_FILE, MASTER, Tell, is_served

AT_ONCE = 4
TOLD_EVERY_S = 0.5
PAUSES_S = (0.5, 2, 8)
"""Between tries of a file whose bytes changed on the way."""

Count = Callable[[int], None]
"""Hears how many more bytes are on their way; fewer again when they have to go once more."""


def send_package(folder: Path, bucket: Bucket, tell: Tell | None = None) -> int:
    """Bring a package, with what was added to it, into the bucket; return how many files had to be sent.

    When the bucket has the same film's package whole as another machine made it, that one stays.
    Raises `FilmsOutOfReach`, and `PackageDamaged` when the folder does not hold what was made.
    """
    package = folder.name
    inventory = _checked_inventory(folder)
    there = listed(bucket, package)
    entries = _added(folder, inventory)
    if not _is_whole_otherwise(inventory, package, there, bucket):
        entries |= {**inventory.files, INVENTORY_FILE: entry_of(folder / INVENTORY_FILE)}
    lacking = {
        file: entry
        for file, entry in entries.items()
        if file not in there or not is_as_made(entry, there[file], bucket)
    }

    def send(file: str, count: Count) -> None:
        _again(lambda: bucket.put_file(f"{package}/{file}", folder / file, lacking[file], count))

    def check() -> None:
        sent = Inventory(files={file: entry for file, entry in entries.items() if file != MASTER})
        if wrong := damage_told(sent, listed(bucket, package), bucket):
            raise WrongBytes(f"{package}/{wrong[0]} after it was sent")

    _move_all({file: entry.size for file, entry in lacking.items()}, send, check, tell)
    return len(lacking)


def fetch_package(package: str, bucket: Bucket, store: LocalStore, tell: Tell | None = None) -> int:
    """Bring a package from the bucket to this machine; return how many files had to be fetched.

    When this machine has the same film's package whole as it made it itself, that one stays.
    Raises `FilmsOutOfReach`, also when the bucket gives out wrong bytes: those never get a file's name.
    """
    folder = store.root / package
    inventory = inventory_in_bucket(package, bucket)
    if inventory is None:
        raise WrongBytes(f"{package}/{INVENTORY_FILE} is missing")
    if store.has(package) and not store.damage(package, deep=True):
        inventory = inventory_in(folder)
    own = {
        file: entry.size
        for file, entry in inventory.files.items()
        if not (folder / file).is_file() or entry_of(folder / file) != entry
    }
    there = listed(bucket, package)
    added = {
        file: stored.size
        for file, stored in there.items()
        if file not in inventory.files and is_served(package, file) and not _is_alike(folder / file, stored)
    }

    with store.scratch() as scratch:

        def fetch(file: str, count: Count) -> None:
            if file in added:
                write_atomically(folder / file, fetched(bucket, f"{package}/{file}") or b"")
            else:
                part = scratch / file
                _again(lambda: _fetch_checked(bucket, f"{package}/{file}", part, inventory.files[file]))
                folder.mkdir(exist_ok=True)
                part.chmod(0o644)  # a web server may send it
                part.replace(folder / file)
            count((own | added)[file])

        _move_all(own | added, fetch, lambda: None, tell)
    write_atomically(folder / INVENTORY_FILE, inventory.model_dump_json())
    return len(own) + len(added)


def _is_whole_otherwise(inventory: Inventory, package: str, there: dict[str, Stored], bucket: Bucket) -> bool:
    """Whether the bucket has the package whole with other bytes: another ffmpeg made it of the same film."""
    if MASTER not in there:
        return False
    try:
        theirs = inventory_in_bucket(package, bucket)
    except WrongBytes:
        return False
    return theirs is not None and theirs != inventory and not damage_told(theirs, there, bucket)


def _move_all(
    sizes: dict[str, int], move: Callable[[str, Count], None], check: Callable[[], None], tell: Tell | None
) -> None:
    """Move files, several at once, and the one that makes them a package after a check of all others."""
    moved = _Moved(sum(sizes.values()), tell)
    pool = ThreadPoolExecutor(AT_ONCE)
    try:
        pending = {pool.submit(move, file, moved.count) for file in sizes if file != MASTER}
        while pending:
            done, pending = wait(pending, timeout=TOLD_EVERY_S, return_when=FIRST_COMPLETED)
            for each in done:
                each.result()
            moved.tell()
    finally:
        pool.shutdown(cancel_futures=True)
    check()
    if MASTER in sizes:
        move(MASTER, moved.count)
    moved.tell(at_last=True)


class _Moved:
    """How many bytes are done."""

    def __init__(self, size: int, tell: Tell | None) -> None:
        self._size = size
        self._tell = tell
        self._done = 0
        self._told_at = 0.0
        self._lock = threading.Lock()

    def count(self, more: int) -> None:
        with self._lock:
            self._done += more

    def tell(self, *, at_last: bool = False) -> None:
        if self._tell and (at_last or time.monotonic() - self._told_at >= TOLD_EVERY_S):
            self._told_at = time.monotonic()
            self._tell(min(self._done, self._size), self._size)


def _again(move: Callable[[], None]) -> None:
    """Try again when bytes changed on the way; a service that is away is waited for in `bucket`."""
    for pause_s in PAUSES_S:
        try:
            return move()
        except WrongBytes:
            time.sleep(pause_s)
    return move()


def _fetch_checked(bucket: Bucket, key: str, path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    bucket.fetch(key, path)
    if entry_of(path) != entry:
        raise WrongBytes(f"{key} holds other bytes than it was made with")
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _checked_inventory(folder: Path) -> Inventory:
    """Return what a folder holds, which is what was made. Raises `PackageDamaged`."""
    try:
        inventory = inventory_in(folder)
    except FileNotFoundError as error:
        raise PackageDamaged(folder.name, f"{Path(error.filename).name} {GONE}") from error
    sizes = {file: (folder / file).stat().st_size for file in inventory.files if (folder / file).is_file()}
    if wrong := [*sizes_wrong(inventory, sizes), *bytes_wrong(inventory, folder)]:
        raise PackageDamaged(folder.name, str(wrong[0]))
    return inventory


def _added(folder: Path, inventory: Inventory) -> dict[str, Entry]:
    """Return what was put beside a package's own files."""
    names = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        name: entry_of(folder / name) for name in names if name not in inventory.files and is_served(folder.name, name)
    }


def _is_alike(path: Path, stored: Stored) -> bool:
    return path.is_file() and path.stat().st_size == stored.size and entry_of(path).etag == stored.etag
