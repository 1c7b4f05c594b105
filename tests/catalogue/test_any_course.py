"""Any course, changed in any way: its files read back as what was meant, and remarks stay."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elearn.catalogue.course_changes import like
from elearn.catalogue.course_folder import read_draft, write_draft
from elearn.catalogue.editing import Draft, begun, with_texts
from elearn.catalogue.errors import CannotBeSaved
from elearn.core.yaml_writing import said, written
from tests.catalogue.any_course import changed, drafts

HEALTHY = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def files_of(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def fresh(folder: Path) -> Path:
    for path in folder.iterdir():
        path.unlink()
    return folder


def as_read(draft: Draft) -> str:
    return json.dumps([said(draft.course), said(draft.texts)])


def with_remarks(text: str) -> str:
    """Return a file with a remark above every module and key at its left edge, and behind a line that ends there."""
    return re.sub(r"^(id|languages|title|minutes|modules|  - id|  [a-z0-9-]+):", r"# above \1\n\g<0>", text, flags=re.M)


@HEALTHY
@given(drafts())
def test_a_course_that_is_written_reads_back_the_same(tmp_path, draft):
    folder = fresh(tmp_path)

    write_draft(folder, draft)

    assert as_read(read_draft(folder)) == as_read(draft)


@HEALTHY
@given(drafts(), st.data())
def test_whatever_is_changed_the_files_say_it_and_nothing_else(tmp_path, draft, data):
    folder = fresh(tmp_path)
    write_draft(folder, draft)
    before = read_draft(folder)

    after = data.draw(changed(before))
    write_draft(folder, after)

    assert as_read(read_draft(folder)) == as_read(after)
    assert write_draft(folder, read_draft(folder)) == []


@HEALTHY
@given(drafts())
def test_what_nobody_changed_stays_to_the_letter(tmp_path, draft):
    folder = fresh(tmp_path)
    write_draft(folder, draft)
    (folder / "course.yaml").write_text(with_remarks((folder / "course.yaml").read_text()))
    before = files_of(folder)

    assert write_draft(folder, read_draft(folder)) == []
    assert files_of(folder) == before


@HEALTHY
@given(drafts(), st.data())
def test_a_remark_stays_as_long_as_what_it_stands_above(tmp_path, draft, data):
    folder = fresh(tmp_path)
    write_draft(folder, draft)
    path = folder / "course.yaml"
    path.write_text(with_remarks(path.read_text()))

    after = data.draw(changed(read_draft(folder)))
    write_draft(folder, after)

    expected = 3 + len(after.course["modules"] if after.course["modules"] else [])
    known = {module["id"] for module in draft.course["modules"]}
    new = [module for module in after.course["modules"] if module["id"] not in known]
    remarks = path.read_text().count("# above")
    if draft.course["modules"]:
        assert remarks >= expected - len(new)
    assert as_read(read_draft(folder)) == as_read(after)


@given(drafts(), drafts())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_course_in_the_order_of_another_says_the_same(one, other):
    assert said(like(one.course, other.course)) == said(one.course)
    assert written(like(one.course, one.course)) == written(one.course)


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    """Nobody could write in the course any more, nor make it shorter."""
    draft = begun("a-course", "Kursus", ["da"], ["school"])
    write_draft(tmp_path, draft)
    before = files_of(tmp_path)
    texts = {("modules", f"module-{number}", "text"): "æ" * 50_000 for number in range(11)}

    with pytest.raises(CannotBeSaved):
        write_draft(tmp_path, with_texts(draft, "da", texts))
    assert files_of(tmp_path) == before
