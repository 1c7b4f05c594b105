"""What the files say otherwise than the published version, part by part; and the files that would say it again."""

import dataclasses

import pytest

from elearn.catalogue import editing
from elearn.catalogue.course_changes import Change, What, changes, published_draft
from elearn.catalogue.course_folder import read_draft


@pytest.fixture
def published(files):
    return files.check().stored()


@pytest.fixture
def draft(files):
    return read_draft(files.folder)


def test_files_that_are_published_differ_in_nothing(published, draft):
    assert changes(published, draft) == []
    assert changes(published, published_draft(published)) == []


def test_files_made_from_a_version_say_what_it_says(published, files):
    again, checked = published_draft(published), files.check()

    assert again.structure.model_dump() == checked.course.model_dump()
    assert again.texts == {code: texts.model_dump(exclude_defaults=True) for code, texts in checked.texts.items()}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda d: editing.with_texts(d, "en", {("summary",): "Short.", ("title",): ""}),
            Change(What.TEXTS, None, ("title", "summary"), ("en",)),
        ),
        (
            lambda d: editing.with_texts(d, "da", {("modules", "listening", "lessons", "film"): "Ny"}),
            Change(What.CHANGED, "listening", ("lessons",), ("da",)),
        ),
        (
            lambda d: editing.with_lesson(d, "listening", "film", titles={}, videos={"da": "why-we-ask"})[0],
            Change(What.CHANGED, "listening", ("lessons",)),
        ),
        (
            lambda d: editing.with_facts(d, added_languages=["nb"], audience=["ppr"], share=80, own_word=True),
            Change(What.FACTS, None, ("languages", "audience", "completion")),
        ),
        (lambda d: editing.moved(d, "listening", up=True), Change(What.ORDER)),
        (lambda d: editing.without_module(d, "listening"), Change(What.REMOVED, "listening")),
        (
            lambda d: editing.with_new_module(d, title="Nyt", summary="", minutes=3, videos={}, taken=["nyt"])[0],
            Change(What.ADDED, "nyt-2"),
        ),
    ],
)
def test_each_change_is_told_by_its_part(published, draft, change, told):
    before = dataclasses.asdict(draft)

    assert changes(published, change(draft)) == [told]
    assert dataclasses.asdict(draft) == before


def test_a_module_that_only_moved_back_is_no_change(published, draft):
    there = editing.moved(draft, "listening", up=True)
    assert changes(published, editing.moved(there, "why-we-ask", up=True)) == []
    assert editing.moved(draft, "why-we-ask", up=True) == draft


def test_what_never_had_a_place_stays_where_somebody_wrote_it(files, draft):
    files.edit("en.yaml", "modules:\n", "modules:\n  lisstening:\n    title: A slip\n")
    slipped = read_draft(files.folder)

    after = editing.without_module(slipped, "why-we-ask")

    assert after.texts["en"]["modules"] == {"lisstening": {"title": "A slip"}}
