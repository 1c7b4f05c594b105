"""What is removed in the browser is moved aside, not deleted: it lies in `.removed` beside the courses."""

import hashlib
import shutil
from pathlib import Path

from elearn.catalogue.course_folder import PREPARING, finish_save
from elearn.catalogue.errors import FolderNotWritable
from elearn.core import clock

AWAY = ".removed"


def state_of(folder: Path) -> str:
    """Return a mark that tells whether a course's files are as they were."""
    finish_save(folder)
    said = hashlib.sha256()
    for path in files_of(folder):
        content = path.read_bytes()
        said.update(f"{path.relative_to(folder)} {len(content)} ".encode() + content)
    return said.hexdigest()[:24]


def files_of(folder: Path) -> list[Path]:
    """Return a course's files, those in the folders below it last."""
    found = [path for path in folder.rglob("[!.]*") if path.is_file() and path.parent.name != PREPARING]
    return sorted(found, key=lambda path: (len(path.parts), path))


def put_away(folder: Path, language: str | None = None) -> None:
    """Move a course's folder aside, or copy its texts in a language there. Raises `FolderNotWritable`."""
    finish_save(folder)
    aside = folder.parent / AWAY / f"{_name(folder, language)}.{clock.now():%Y%m%d%H%M%S%f}"
    try:
        aside.parent.mkdir(exist_ok=True)
        if language:
            shutil.copy2(folder / f"{language}.yaml", aside)
        else:
            folder.rename(aside)
    except OSError as error:
        raise FolderNotWritable(folder.name) from error


def put_back(folder: Path, language: str | None = None) -> bool:
    """Move back what was put away last, unless something stands in its place; return whether it was.

    Raises `FolderNotWritable`.
    """
    moved = folder / f"{language}.yaml" if language else folder
    found = away(folder, language)
    if found is None or moved.exists():
        return False
    try:
        found.rename(moved)
    except OSError as error:
        raise FolderNotWritable(folder.name) from error
    return True


def away(folder: Path, language: str | None = None) -> Path | None:
    """Return where that lies which was put away last; None when nothing was."""
    return max((folder.parent / AWAY).glob(f"{_name(folder, language)}.[0-9]*"), default=None)


def _name(folder: Path, language: str | None) -> str:
    return f"{folder.name}.{language}" if language else folder.name
