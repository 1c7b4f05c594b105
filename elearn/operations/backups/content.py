"""The small files of an installation: courses, manifests with captions, kept settings; as one tar file.

The kept settings hold secrets: the product's key, and whatever else was written into the data folder.
"""

import io
import tarfile
from contextlib import suppress
from pathlib import Path

from elearn.config import KEPT_SETTINGS, KEY_FILE, Settings
from elearn.operations.errors import BrokenBackup
from elearn.operations.files import OWN_FILE, copy_whole, files_in, scratch

COURSES, MANIFESTS, KEPT = "courses", "media_manifest", "data"
READABLE = 0o644


def pack(settings: Settings, target: Path) -> None:
    """Write the tar file. A file that is removed meanwhile is left out."""
    target.touch(mode=OWN_FILE)
    with tarfile.open(target, "w") as packed:
        for name in (KEPT_SETTINGS, KEY_FILE):
            _add(packed, settings.data / name, f"{KEPT}/{name}")
        for tree, folder in ((COURSES, settings.courses), (MANIFESTS, settings.manifests)):
            for name in files_in(folder):
                _add(packed, folder / name, f"{tree}/{name}")


def unpack_kept(packed: Path, settings: Settings) -> None:
    """Put the kept settings and the key back; from then on the installation is the one that was backed up."""
    _put_back(packed, {KEPT: settings.data}, OWN_FILE)


def unpack_content(packed: Path, settings: Settings) -> None:
    """Put courses and manifests back over what is there; files that the backup does not know stay."""
    _put_back(packed, {COURSES: settings.courses, MANIFESTS: settings.manifests}, READABLE)


def _add(packed: tarfile.TarFile, path: Path, name: str) -> None:
    with suppress(FileNotFoundError):
        content = path.read_bytes()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = len(content), int(path.stat().st_mtime), OWN_FILE
        packed.addfile(entry, io.BytesIO(content))


def _unpack(packed: tarfile.TarFile, folder: Path) -> None:
    """Unpack plain files below a folder and nothing else; tarfile's own filter is not in every Python 3.11."""
    for entry in packed:
        path, content = folder / entry.name, packed.extractfile(entry) if entry.isfile() else None
        if content is None or not path.resolve().is_relative_to(folder.resolve()):
            raise BrokenBackup(f"files.tar holds {entry.name}, which no backup has.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read())


def _put_back(packed: Path, places: dict[str, Path], mode: int) -> None:
    with scratch(packed.with_suffix(".unpacked")) as folder, tarfile.open(packed) as opened:
        _unpack(opened, folder)
        for tree, place in places.items():
            for name in files_in(folder / tree):
                copy_whole(folder / tree / name, place / name, mode)
