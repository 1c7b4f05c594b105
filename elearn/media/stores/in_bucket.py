"""What the bucket holds of a package, and whether that is what was made."""

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elearn.media.errors import WrongBytes
from elearn.media.stores.bucket import Bucket, Stored
from elearn.media.stores.damage import OTHER, Damage, sha256_of, sizes_wrong
from elearn.media.stores.inventory import Entry, Inventory, read_inventory
from elearn.media.stores.packages import INVENTORY_FILE

ASKED_AT_ONCE = 8


def listed(bucket: Bucket, package: str) -> dict[str, Stored]:
    """Return the files of a package in a bucket, by name, also those added later."""
    return {stored.key.partition("/")[2]: stored for stored in bucket.list(f"{package}/")}


def _told_wrong(inventory: Inventory, stored: dict[str, Stored], bucket: Bucket, *, deep: bool) -> list[Damage]:
    """Return the files whose bytes changed by what S3 tells of them, or with `deep` by fetching each."""

    def differs(file: str) -> bool:
        entry, there = inventory.files[file], stored[file]
        if deep:
            return _fetched_sha256(bucket, there.key) != entry.sha256
        return not is_as_made(entry, there, bucket)

    same_size = [file for file, entry in inventory.files.items() if file in stored and stored[file].size == entry.size]
    with ThreadPoolExecutor(ASKED_AT_ONCE) as pool:
        return [
            Damage(file, OTHER) for file, wrong in zip(same_size, pool.map(differs, same_size), strict=True) if wrong
        ]


def damage_told(inventory: Inventory, stored: dict[str, Stored], bucket: Bucket, *, deep: bool = False) -> list[Damage]:
    """Return all that is wrong with a package, by a listing of it and what S3 tells, or with `deep` by its bytes."""
    wrong = sizes_wrong(inventory, {file: each.size for file, each in stored.items()})
    return wrong + _told_wrong(inventory, stored, bucket, deep=deep)


def is_as_made(entry: Entry, stored: Stored, bucket: Bucket) -> bool:
    """Whether an object is what an inventory says, as far as S3 can tell without its bytes being fetched.

    Where S3 seals what it keeps, its name for it says nothing of the content: then its own checksum is asked for,
    and where it keeps none, the bytes.
    """
    if stored.size != entry.size:
        return False
    if stored.etag == entry.etag:
        return True
    counted = bucket.sha256(stored.key)
    return (counted or _fetched_sha256(bucket, stored.key)) == entry.sha256


def _fetched_sha256(bucket: Bucket, key: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fetched"
        bucket.fetch(key, path)
        return sha256_of(path)


def inventory_in_bucket(package: str, bucket: Bucket) -> Inventory | None:
    """Return the inventory of a package, or None when it is not there. Raises `FilmsOutOfReach`."""
    content = fetched(bucket, f"{package}/{INVENTORY_FILE}")
    return read_inventory(content) if content is not None else None


def fetched(bucket: Bucket, key: str) -> bytes | None:
    """Return a small object with the bytes that were sent, or None when it is not there. Raises `FilmsOutOfReach`."""
    got = bucket.get(key)
    if got is not None and got.sha256 != hashlib.sha256(got.content).hexdigest():
        raise WrongBytes(f"{key} holds other bytes than were sent")
    return got.content if got is not None else None
