"""A save of several files is whole or none, wherever it is cut off, and says so where it cannot be made."""

import os
from pathlib import Path

import pytest

from elearn.catalogue import editing
from elearn.catalogue.course_folder import read_draft, write_draft
from elearn.catalogue.editing import Draft
from elearn.catalogue.errors import FolderNotWritable
from elearn.core.yaml_writing import said


class Killed(BaseException):
    """The process ends here."""


def changed(draft: Draft) -> Draft:
    """A change of every file of the course, with a new one."""
    added = editing.with_facts(draft, added_languages=["nb"], audience=["ppr"], share=70, own_word=False)
    removed = editing.without_module(added, "why-we-ask")
    meant = editing.with_texts(removed, "nb", {("title",): "Vanskelige samtaler"})
    return Draft(said(meant.course), said(meant.texts))


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """End the process before the step-th thing that it does to the disk."""
    left = [step]

    def counted(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def call(*args: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return real(*args, **named)

        monkeypatch.setattr(owner, name, call)

    counted(os, "fsync")
    for name in ("rename", "replace", "mkdir", "rmdir", "unlink"):
        counted(Path, name)


@pytest.mark.parametrize("step", range(30))
def test_whenever_a_save_is_cut_off_all_its_files_have_changed_or_none(files, step, monkeypatch):
    before = read_draft(files.folder)
    after = changed(before)
    with monkeypatch.context() as deadly:
        kill_at(step, deadly)
        try:
            write_draft(files.folder, after)
        except Killed:
            pass
        else:
            assert step > 12, "a save of four files takes more steps"

    assert read_draft(files.folder) in (before, after)
    write_draft(files.folder, after)
    assert read_draft(files.folder) == after
    assert sorted(path.name for path in files.folder.iterdir()) == ["course.yaml", "da.yaml", "en.yaml", "nb.yaml"]


def test_a_language_that_is_gone_takes_its_file_along_in_the_same_save(files):
    before = read_draft(files.folder)
    write_draft(files.folder, changed(before))

    assert "nb.yaml" in write_draft(files.folder, before)
    assert read_draft(files.folder) == before
    assert not (files.folder / "nb.yaml").exists()


def test_a_folder_that_is_no_folder_is_refused_by_name(files):
    (files.folder / ".saving").write_text("in the way")

    with pytest.raises(FolderNotWritable):
        write_draft(files.folder, changed(read_draft(files.folder)))
    assert files.problems() == []
