"""What was begun by mistake is removed in the browser, by its house alone, never once published, and comes back."""

import pytest
from sqlalchemy import select

from elearn.catalogue.authoring import has_version, remove_course
from elearn.catalogue.errors import CourseIsPublished
from elearn.catalogue.models import Course
from elearn.catalogue.put_away import AWAY, state_of
from elearn.core.audit import AuditEvent
from tests.home.courses.steps import SLUG, kinds, words

pytestmark = pytest.mark.looks

REMOVE = "/owner/edit/by-mistake/remove"
LANGUAGE = f"/owner/edit/{SLUG}/languages/en/remove"


@pytest.fixture
def begun(owner, files):
    """The folder of a course that was begun and never published."""
    asked = {"title": "By mistake", "first": "da", "others": "en", "audience": "school", "slug": "by-mistake"}
    assert owner.press("/owner/begin-course", **asked).status_code == 303
    return files.folder.parent / "by-mistake"


def stand(client, path) -> str:
    return client.page(path).find("input", {"name": "stand"})["value"]


def press(client, path, **fields):
    """Open a confirmation and press its button."""
    return client.press(path, **{"stand": stand(client, path)} | fields)


def texts_in(folder) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_course_begun_by_mistake_goes_and_comes_back_to_the_letter(owner, begun, session):
    (begun / "forms").mkdir()
    (begun / "forms" / "before.yaml").write_text("# to be written\n")
    (begun / "da.yaml").write_text("# a comment\ntitle: By mistake\n")
    before = texts_in(begun)
    asked = words(owner, REMOVE)
    assert "course.yaml da.yaml en.yaml forms/before.yaml" in asked

    gone = press(owner, REMOVE)

    assert (gone.status_code, begun.exists()) == (303, False)
    assert "by-mistake” is removed" in words(owner, gone.headers["Location"])
    assert "by-mistake" not in words(owner, "/owner")
    assert owner.get("/owner/edit/by-mistake").status_code == 404
    back = owner.press("/owner/edit/by-mistake/bring-back")
    assert back.headers["Location"].endswith("/owner/edit/by-mistake")
    assert texts_in(begun) == before
    assert "is removed" not in words(owner, gone.headers["Location"])
    assert kinds(session)[-2:] == ["catalogue.course.removed", "catalogue.course.brought-back"]
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.kind == "catalogue.course.removed"))
    assert event.data == {"course": "by-mistake"}


def test_a_published_course_stays_and_its_page_says_why_and_what_else_can_be_done(owner, files, session, world):
    path = f"/owner/edit/{SLUG}/remove"
    page = owner.page(path)

    assert "The course cannot be removed" in page.select_one("main h1").get_text()
    assert "Take modules out of it" in page.select_one("main").get_text()
    assert not page.select("main form")
    assert owner.press(path, stand=state_of(files.folder)).status_code == 422
    assert files.folder.is_dir()
    assert has_version(session, SLUG)
    with pytest.raises(CourseIsPublished):
        remove_course(
            session, house=world.ours.house, folder=files.folder, seen=state_of(files.folder), by=world.ours.owner
        )


def test_what_changed_since_it_was_looked_at_is_shown_before_it_goes(owner, begun):
    seen = stand(owner, REMOVE)
    (begun / "en.yaml").write_text("title: Written by somebody else\n")

    refused = owner.press(REMOVE, stand=seen)

    assert refused.status_code == 422
    assert "Somebody changed the course meanwhile" in refused.text
    assert (begun / "en.yaml").is_file()
    assert press(owner, REMOVE).status_code == 303


def test_of_two_owners_the_second_finds_it_gone(owner, browser, world, begun):
    other, seen = browser().signed_in_as(world.ours.owner), stand(owner, REMOVE)

    assert other.press(REMOVE, stand=seen).status_code == 303
    assert owner.press(REMOVE, stand=seen).status_code == 404
    assert other.press("/owner/edit/by-mistake/bring-back").status_code == 303
    assert begun.is_dir()


def test_another_begun_under_its_id_is_not_written_over_by_bringing_back(owner, begun):
    press(owner, REMOVE)
    asked = {"title": "Anew", "first": "da", "audience": "school", "slug": "by-mistake"}
    assert owner.press("/owner/begin-course", **asked).status_code == 303

    owner.press("/owner/edit/by-mistake/bring-back")

    assert "Anew" in (begun / "da.yaml").read_text()
    press(owner, REMOVE)
    owner.press("/owner/edit/by-mistake/bring-back")
    assert "Anew" in (begun / "da.yaml").read_text()


def test_another_house_can_neither_remove_it_nor_bring_it_back_nor_take_its_id(owner, stranger, begun):
    seen = stand(owner, REMOVE)
    assert stranger.get(REMOVE).status_code == 404
    assert stranger.press(REMOVE, stand=seen).status_code == 404
    press(owner, REMOVE)

    assert stranger.press("/owner/edit/by-mistake/bring-back").status_code == 404
    assert "by-mistake" not in words(stranger, "/owner?removed=by-mistake")
    asked = {"title": "Ours now", "first": "da", "audience": "school", "slug": "by-mistake"}
    assert stranger.press("/owner/begin-course", **asked).status_code == 422
    assert not begun.exists()


@pytest.mark.parametrize(
    "slug", ["..", "%2e%2e", "..%2fours", ".removed", "by-mistake.", "by-mistake.*", "by%00mistake"]
)
def test_names_lead_nowhere(owner, begun, slug, monkeypatch):
    monkeypatch.setattr("elearn.home.owner.folders.is_only_house", lambda *_: True)  # it may use unclaimed folders
    before = texts_in(begun.parent)

    assert owner.press(f"/owner/edit/{slug}/remove", stand="x").status_code in (404, 405)
    assert owner.press(f"/owner/edit/{slug}/bring-back").status_code in (404, 405)
    assert owner.press(f"/owner/edit/by-mistake/languages/{slug}/remove", stand="x").status_code in (404, 405)
    assert owner.press(f"/owner/edit/by-mistake/languages/{slug}/bring-back").status_code in (404, 405)
    assert owner.get(f"/owner?removed={slug}").status_code == 200
    assert owner.get(f"/owner/edit/by-mistake?removed={slug}&place=-1").status_code == 200
    assert texts_in(begun.parent) == before


def test_where_nothing_was_removed_nothing_is_brought_back(owner, begun):
    assert owner.press("/owner/edit/by-mistake/bring-back").headers["Location"].endswith("/owner")
    assert owner.press("/owner/edit/by-mistake/languages/nb/bring-back").status_code == 303
    assert not (begun / "nb.yaml").exists()


def test_a_folder_that_cannot_be_written_keeps_the_course(owner, begun):
    (begun.parent / AWAY).write_text("in the way")

    refused = press(owner, REMOVE)

    assert refused.status_code == 422
    assert "nothing is saved" in refused.text
    assert (begun / "course.yaml").is_file()


def test_a_course_whose_files_cannot_be_read_can_be_removed(owner, begun):
    (begun / "course.yaml").write_text("id: [")

    assert press(owner, REMOVE).status_code == 303
    assert not begun.exists()


def test_the_house_keeps_the_id_of_what_it_removed(owner, begun, session, world):
    press(owner, REMOVE)

    kept = session.scalars(select(Course).where(Course.slug == "by-mistake")).one()
    assert (kept.course_house_id, kept.current_version_id) == (world.ours.house.id, None)


def test_a_language_goes_with_its_texts_and_comes_back_to_the_letter(owner, files, session):
    files.edit("en.yaml", "title: Hard talks", "# by Anna\ntitle: Hard talks")
    before = texts_in(files.folder)
    asked = words(owner, LANGUAGE)
    assert "texts in it go out of the course" in asked
    assert "reads it in Dansk once you publish" in asked

    gone = press(owner, LANGUAGE)

    assert gone.status_code == 303, gone.text
    assert "languages: [da]" in files.path("course.yaml").read_text()
    assert not files.path("en.yaml").exists()
    assert files.problems() == []
    page = owner.page(gone.headers["Location"])
    undo = page.select_one(".own-done form")
    place = undo.find("input", {"name": "place"})["value"]
    assert owner.press(undo["action"], place=place).status_code == 303
    assert texts_in(files.folder) == before
    assert "Learners see all of this" in words(owner, f"/owner/edit/{SLUG}")
    assert kinds(session)[-2:] == ["catalogue.course.edited"] * 2


def test_a_language_comes_back_to_its_place(owner, files):
    files.edit("course.yaml", "[da, en]", "[da, nb, en]")
    files.write("nb.yaml", "title: Vanskelige samtaler\n")
    gone = press(owner, f"/owner/edit/{SLUG}/languages/nb/remove")
    undo = owner.page(gone.headers["Location"]).select_one(".own-done form")

    owner.press(undo["action"], place=undo.find("input", {"name": "place"})["value"])

    assert "languages: [da, nb, en]" in files.path("course.yaml").read_text()


def test_the_first_language_stays(owner, files):
    path = f"/owner/edit/{SLUG}/languages/da/remove"

    assert owner.get(path).status_code == 404
    assert owner.press(path, stand="x").status_code == 404
    assert "it stays" in words(owner, f"/owner/edit/{SLUG}/facts")
    assert files.path("da.yaml").is_file()


def test_texts_that_changed_since_they_were_looked_at_are_not_thrown_away_unasked(owner, files):
    seen = stand(owner, LANGUAGE)
    files.edit("en.yaml", "title: Hard talks", "title: Difficult talks")

    refused = owner.press(LANGUAGE, stand=seen)

    assert refused.status_code == 422
    assert "Somebody changed these texts meanwhile" in refused.text
    assert "Difficult talks" in files.path("en.yaml").read_text()


def test_a_language_that_was_written_anew_is_not_written_over_by_bringing_back(owner, files):
    press(owner, LANGUAGE)
    files.write("en.yaml", "title: Written anew\n")

    for languages in ("[da]", "[da, en]"):
        files.edit("course.yaml", "[da]", languages)
        assert owner.press(f"/owner/edit/{SLUG}/languages/en/bring-back", place="1").status_code == 303
        assert files.path("en.yaml").read_text() == "title: Written anew\n"


def test_another_house_cannot_touch_its_languages(stranger, files):
    assert stranger.get(LANGUAGE).status_code == 404
    assert stranger.press(LANGUAGE, stand="x").status_code == 404
    assert stranger.press(f"/owner/edit/{SLUG}/languages/en/bring-back").status_code == 404
    assert files.path("en.yaml").is_file()


def test_throwing_changes_away_brings_a_published_language_back_as_well(owner, files):
    press(owner, LANGUAGE)

    assert owner.press(f"/owner/edit/{SLUG}/take-back").status_code == 303

    assert "languages: [da, en]" in files.path("course.yaml").read_text()
    assert "Hard talks" in files.path("en.yaml").read_text()
