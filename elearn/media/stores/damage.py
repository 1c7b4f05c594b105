"""What is wrong with a package: files that are gone, or are no longer as they were made."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from elearn.media.stores.inventory import Inventory

GONE = "is missing"
OTHER = "holds other bytes than it was made with"


@dataclass(frozen=True)
class Damage:
    """One file that is not as it was made."""

    file: str
    what: str
    """Completes the sentence that begins with the file's name."""

    def __str__(self) -> str:
        return f"{self.file} {self.what}"


def sizes_wrong(inventory: Inventory, sizes: dict[str, int]) -> list[Damage]:
    """Return the files of an inventory that are gone or have another size, given the sizes of those that are there."""
    found = []
    for file, entry in inventory.files.items():
        if file not in sizes:
            found.append(Damage(file, GONE))
        elif sizes[file] != entry.size:
            found.append(Damage(file, f"has {sizes[file]} bytes instead of {entry.size}"))
    return found


def bytes_wrong(inventory: Inventory, folder: Path) -> list[Damage]:
    """Return the files of a package in a folder whose bytes changed; those that are gone are not looked at."""
    return [
        Damage(file, OTHER)
        for file, entry in inventory.files.items()
        if (folder / file).is_file() and sha256_of(folder / file) != entry.sha256
    ]


def sha256_of(path: Path) -> str:
    """Return a file's checksum."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
