"""A course's files on disk: read as a draft, and changed all at once or not at all.

A save is put together in a folder beside the files. Renaming that folder is the moment in which it counts; only then
are its files moved to their places, and whoever comes next moves what a crash left there.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from elearn.catalogue.course_checks import STRUCTURE
from elearn.catalogue.course_files import CourseDraft, TextsFile
from elearn.catalogue.editing import Content, Draft
from elearn.catalogue.errors import CannotBeSaved, FolderNotWritable
from elearn.core.content_files import LARGEST_FILE_BYTES, FileProblems, read_file, read_text
from elearn.core.i18n import LANGUAGES
from elearn.core.yaml_merging import merged
from elearn.core.yaml_writing import written

PREPARING, DECIDED = ".saving", ".saved"


def read_draft(folder: Path) -> Draft:
    """Read a course's files as they are being written. Raises `FileProblems` naming what cannot be read.

    A file of texts that is not there yet says nothing.
    """
    finish_save(folder)
    structure = read_file(folder / STRUCTURE, CourseDraft)
    texts: dict[str, Content] = {}
    problems = []
    for code in structure.value.languages:
        path = folder / f"{code}.yaml"
        try:
            texts[code] = read_file(path, TextsFile).content if path.is_file() else {}
        except FileProblems as refused:
            problems += refused.problems
    if problems:
        raise FileProblems(problems)
    return Draft(structure.content, texts)


def write_draft(folder: Path, draft: Draft) -> list[str]:
    """Make a course's files say what a draft says, and return the names of those that changed.

    Comments and whatever else is not touched stay as they were written. All files change, or none does. Files of
    languages that the course has no longer are removed. Raises `CannotBeSaved` for what would be too large to be read
    again, `FolderNotWritable`.
    """
    finish_save(folder)
    files = {STRUCTURE: _text(folder / STRUCTURE, draft.course)}
    files |= {f"{code}.yaml": _text(folder / f"{code}.yaml", texts) for code, texts in draft.texts.items()}
    changed = {name: text for name, text in files.items() if not _says(folder / name, text)}
    if any(len(text.encode()) > LARGEST_FILE_BYTES for text in changed.values()):
        raise CannotBeSaved
    gone = [f"{code}.yaml" for code in LANGUAGES if code not in draft.texts and (folder / f"{code}.yaml").is_file()]
    if changed or gone:
        try:
            _prepare(folder, changed, gone)
        except OSError as error:
            raise FolderNotWritable(folder.name) from error
        finish_save(folder)
    return [*changed, *gone]


def finish_save(folder: Path) -> None:
    """Move the files of a save that was decided to their places; nothing when there is none."""
    decided = folder / DECIDED
    if not decided.is_dir():
        return
    for path in sorted(decided.iterdir()):
        # Several may be finishing the same save: whoever comes second finds nothing left to do.
        with suppress(FileNotFoundError):
            if path.stat().st_size:
                path.replace(folder / path.name)
            else:
                (folder / path.name).unlink(missing_ok=True)
                path.unlink()
    with suppress(OSError):
        decided.rmdir()
    _sync_folder(folder)


def _prepare(folder: Path, changed: dict[str, str], gone: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    preparing = folder / PREPARING
    shutil.rmtree(preparing, ignore_errors=True)
    preparing.mkdir()
    for name, text in [*changed.items(), *((name, "") for name in gone)]:  # an empty file says: remove it
        with (preparing / name).open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    _sync_folder(preparing)
    preparing.rename(folder / DECIDED)
    _sync_folder(folder)


def _text(path: Path, content: Content) -> str:
    try:
        return merged(read_text(path), content)
    except FileProblems:  # there is no such file, or nobody can read it
        return written(content)


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
