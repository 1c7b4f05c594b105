"""Putting files in their places whole, on disk for good, and checksums that any machine's `sha256sum -c` reads."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SUMS = "SHA256SUMS"
OWN_FILE, OWN_FOLDER = 0o600, 0o700
"""Backups hold everybody's data: nobody but the product's account may look into them."""


def sha256_of(path: Path) -> str:
    """Return a file's checksum."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(target: Path, write: Callable[[Path], object], mode: int = OWN_FILE) -> None:
    """Have a file written beside its place, then put it there: whole or not at all."""
    target.parent.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=mode)
        write(part)
        force_to_disk(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def copy_whole(source: Path, target: Path, mode: int = OWN_FILE) -> None:
    """Copy a file, whole or not at all."""
    write_whole(target, lambda part: shutil.copyfile(source, part), mode)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file that never changes a second name where both lie on one disk, else copy it."""
    target.parent.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    with suppress(OSError):
        os.link(source, target)
        return
    copy_whole(source, target)


def force_to_disk(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def files_in(folder: Path) -> list[str]:
    """Return the files below a folder by their names from there; none of those that are being written."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    )


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Open a folder of this name, without what a killed run left in it; it is gone when the block ends."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=OWN_FOLDER, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_sums(folder: Path) -> dict[str, str]:
    """Return the checksums written in a folder, by file name; none when there are none."""
    path = folder / SUMS
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    return {name: sum_ for sum_, _gap, name in (line.partition("  ") for line in lines)}


def write_sums(folder: Path, sums: dict[str, str]) -> None:
    """Write checksums into a folder."""
    text = "".join(f"{sum_}  {name}\n" for name, sum_ in sorted(sums.items()))
    write_whole(folder / SUMS, lambda part: part.write_text(text, encoding="utf-8"))


def wrong_files(folder: Path) -> list[str]:
    """Return what is wrong with a folder's files, by its checksums, in sentences."""
    sums = read_sums(folder)
    if not sums:
        return [f"{folder.name} has no checksums"]
    return [f"{folder.name}/{name} {fault}" for name, sum_ in sums.items() if (fault := fault_of(folder / name, sum_))]


def fault_of(path: Path, sum_: str) -> str:
    """Return what is wrong with a file whose checksum is known, to follow its name; '' when nothing is."""
    if not path.is_file():
        return "is missing"
    try:
        return "" if sha256_of(path) == sum_ else "holds other bytes than it was made with"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
