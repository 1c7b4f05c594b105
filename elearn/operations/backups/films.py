"""Films in backups: packages never change, so each is kept once for all backups, and only what is new is copied."""

from collections.abc import Callable
from pathlib import Path

from elearn.media.errors import WrongBytes
from elearn.media.stores.damage import GONE, OTHER
from elearn.media.stores.inventory import Entry, inventory_in
from elearn.media.stores.packages import MASTER, is_kept
from elearn.operations.backups.folder import POOL
from elearn.operations.backups.sealing import SUFFIX, Key, seal, unseal
from elearn.operations.errors import BrokenBackup
from elearn.operations.files import fault_of, files_in, link_or_copy, read_sums, sha256_of, write_sums, wrong_files

READABLE = 0o644


def pool_name(key: Key | None) -> str:
    """Return the folder of the films that are encrypted to a key, or not at all."""
    return f"{POOL}-{key.mark}" if key else POOL


def forget_damaged(pool: Path, packages: set[str], check: Callable[[], None]) -> None:
    """Forget the files of packages in the pool that are not as they were taken, so that `take` takes them anew.

    `check` is called between packages, to end the work by raising.
    """
    for package in sorted(packages):
        check()
        sums = read_sums(pool / package)
        whole = {stored: sum_ for stored, sum_ in sums.items() if not fault_of(pool / package / stored, sum_)}
        if whole != sums:
            write_sums(pool / package, whole)


def take(package: Path, pool: Path, key: Key | None, check: Callable[[], None]) -> list[str]:
    """Bring what is new of a package into the pool; return what is damaged in it and so left out, in sentences.

    `check` is called between files, to end the work by raising.
    """
    try:
        made = inventory_in(package).files
    except (WrongBytes, OSError) as error:
        return [f"film {package.name}: {error}"]
    kept = pool / package.name
    sums = {stored: sum_ for stored, sum_ in read_sums(kept).items() if is_kept(stored.removesuffix(SUFFIX))}
    damaged = [f"film {package.name}: {name} {GONE}" for name in made if not (package / name).is_file()]
    for name in filter(is_kept, files_in(package)):  # `put_back` refuses others
        stored = name + (SUFFIX if key else "")
        if stored in sums and (kept / stored).is_file():
            continue
        check()
        if damage := _damage(package / name, made.get(name)):
            damaged.append(f"film {package.name}: {name} {damage}")
            continue
        if key:
            seal(key, package / name, kept / stored)
        else:
            link_or_copy(package / name, kept / stored)
        sums[stored] = sha256_of(kept / stored)
    if sums != read_sums(kept):
        write_sums(kept, sums)
    return damaged


def _damage(file: Path, made: Entry | None) -> str:
    """Return why a file of a package cannot be kept, to follow its name: a disk that is dying reads no more of it."""
    try:
        sum_ = sha256_of(file)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return OTHER if made and sum_ != made.sha256 else ""


def put_back(kept: Path, key: Key | None, media: Path, *, leave_out_damaged: bool = False) -> list[str]:
    """Write a package of the pool into the media folder, the file that makes it one last; what is there whole stays.

    Return what was left out, in sentences. Raises `BrokenBackup` when the pool names a file that no package has:
    somebody else wrote it.
    """
    sums, left_out = read_sums(kept), []
    if not sums:
        return [f"film {kept.name}: none of it is there"]
    for stored in sorted(sums, key=lambda name: name.removesuffix(SUFFIX) == MASTER):
        name = stored.removesuffix(SUFFIX)
        if not is_kept(name):
            raise BrokenBackup(f"The film {kept.name} in the backup names a file that no film has: {name}.")
        if leave_out_damaged and (fault := fault_of(kept / stored, sums[stored])):
            left_out.append(f"film {kept.name}: {name} {fault}")
            continue
        target = media / kept.name / name
        # Sums are of what lies in the pool: whether a file is what an encrypted one holds, only opening it tells.
        if not target.is_file() or sha256_of(target) != sums[stored]:
            unseal(key, kept / stored, target, READABLE)
    for folder in (media / kept.name, *(media / kept.name).rglob("*/")):
        if folder.is_dir():
            folder.chmod(0o755)
    return left_out


def of_which_there_is_some(pool: Path, packages: set[str]) -> list[str]:
    """Return those of some packages that the pool has anything of, by name."""
    return sorted(package for package in packages if read_sums(pool / package))


def wrong(pool: Path, packages: list[str]) -> list[str]:
    """Return what is wrong with packages of the pool, in sentences."""
    return [problem for package in packages for problem in wrong_files(pool / package)]
