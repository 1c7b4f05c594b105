"""A course's files: begun, thrown away, broken, not to be written; nobody's but the house's."""

import pytest
from sqlalchemy import select

from elearn.catalogue.course_folder import DECIDED
from elearn.catalogue.models import Course
from tests.home.courses.steps import SLUG, fill_in, kinds, words

pytestmark = pytest.mark.looks


def test_unpublished_changes_are_thrown_away(owner, files, session):
    before = {name: files.path(name).read_text() for name in ("course.yaml", "da.yaml", "en.yaml")}
    fill_in(owner, f"/owner/edit/{SLUG}/facts", added=["nb"])
    fill_in(owner, f"/owner/edit/{SLUG}/words/da", summary="Andet.")
    owner.press(f"/owner/edit/{SLUG}/modules/listening/remove")
    files.edit("da.yaml", "title: Svære", "# a remark\ntitle: Svære")
    assert "Everything written since then is lost" in words(owner, f"/owner/edit/{SLUG}/take-back")

    assert owner.press(f"/owner/edit/{SLUG}/take-back").status_code == 303

    assert "Learners see all of this." in words(owner, f"/owner/edit/{SLUG}")
    assert not files.path("nb.yaml").exists()
    assert files.path("da.yaml").read_text().startswith("# a remark\ntitle: Svære")
    assert files.path("course.yaml").read_text().startswith(before["course.yaml"].split("  - id: listening")[0])
    assert "The texts are those of version 1." in words(owner, f"/owner/files/{SLUG}")
    assert kinds(session)[-1] == "catalogue.course.taken-back"


def test_broken_files_are_named_and_can_be_taken_back(owner, files):
    files.path("da.yaml").write_text("title: [\n")
    path = f"/owner/edit/{SLUG}"
    said = words(owner, path, 422)
    assert "cannot be read as a course" in said
    assert "Throw these changes away" in said
    assert owner.press(f"{path}/move", module="listening", to="up").status_code == 422
    assert owner.press(f"{path}/take-back").status_code == 303
    assert files.problems() == []


def test_what_is_wrong_is_said_in_the_language_of_the_reader(owner, files):
    owner.press("/language", language="da")
    files.edit("course.yaml", "minutes: 8", "minutes: 0")
    files.edit("da.yaml", "title: At lytte\n", "\n")

    page = owner.page(f"/owner/files/{SLUG}")

    said = [each.get_text(" ", strip=True) for each in page.select("main .own-list li")]
    assert [each for each in said if "minutes" in each] == [
        "”0” er for lille. Skriv et helt antal minutter fra 1 til 600: film, tekst og spørgsmål. "
        "hard-talks/course.yaml · Linje 8 · modules[0].minutes"
    ]
    assert not page.select_one("main").select('[lang="en"]')
    assert "Skriv et helt antal" in owner.page(f"/owner/edit/{SLUG}", 422).select_one("main").get_text()


def test_a_course_is_begun_and_belongs_to_the_house_that_began_it(owner, stranger, files, session, installation):
    form = {"title": "Ny begyndelse", "first": "da", "others": ["en", "nn"], "audience": ["school"], "slug": ""}
    answer = fill_in(owner, "/owner/begin-course", **form)
    assert answer.location == "/owner/edit/ny-begyndelse"
    assert "The course has no module yet." in words(owner, answer.location)
    assert "ny-begyndelse" in words(owner, "/owner")
    assert "ny-begyndelse" not in words(stranger, "/owner")
    for path in ("/owner/edit/ny-begyndelse", "/owner/files/ny-begyndelse", "/owner/edit/ny-begyndelse/take-back"):
        assert stranger.get(path).status_code == 404
    assert owner.get("/owner/edit/ny-begyndelse/take-back").status_code == 404

    for client in (owner, stranger):
        again = fill_in(client, "/owner/begin-course", **form)
        assert again.status_code == 422
        assert "There is a course with the id “ny-begyndelse” already." in again.text

    here = "/owner/edit/ny-begyndelse"
    assert fill_in(owner, f"{here}/words/da", summary="Kort.", description="Længere.").status_code == 303
    answer = fill_in(owner, f"{here}/modules/new", title="Først", summary="Kort.", film="listening")
    assert fill_in(owner, answer.location, text="Læs.").status_code == 303
    assert owner.press("/owner/files/ny-begyndelse").status_code == 303
    course = session.scalars(select(Course).where(Course.slug == "ny-begyndelse")).one()
    session.refresh(course)
    assert course.current_version.number == 1
    assert "catalogue.course.begun" in kinds(session)


@pytest.mark.parametrize("slug", ["Ny", "../etc", "ny--x", "a" * 61, "other-talks"])
def test_a_bad_or_taken_id_is_refused(owner, files, slug):
    answer = fill_in(owner, "/owner/begin-course", title="Ny", first="da", audience=["school"], slug=slug)
    assert answer.status_code == 422
    assert sorted(path.name for path in files.folder.parent.iterdir()) == [SLUG]


def test_a_folder_that_cannot_be_written_is_told_and_nothing_typed_is_lost(owner, files, monkeypatch):
    def refuse(*_args):
        raise PermissionError("read-only")

    monkeypatch.setattr("elearn.catalogue.course_folder._prepare", refuse)
    answer = fill_in(owner, f"/owner/edit/{SLUG}/words/da", summary="Mit resumé.")
    assert answer.status_code == 422
    assert "cannot be written on this server" in answer.text
    assert "Mit resumé." in answer.text
    assert owner.press(f"/owner/edit/{SLUG}/modules/listening/remove").status_code == 422
    files.edit("da.yaml", "Et kort kursus.", "Andet.")
    assert owner.press(f"/owner/edit/{SLUG}/take-back").status_code == 422
    moved = owner.press(f"/owner/edit/{SLUG}/move", module="listening", to="up")
    assert "cannot be written" in owner.page(moved.location).text
    begun = fill_in(owner, "/owner/begin-course", title="Ny", first="da", audience=["school"])
    assert begun.status_code == 422
    assert files.problems() == []


def test_a_save_that_a_crash_cut_short_is_finished_by_whoever_comes_next(owner, files):
    decided = files.folder / DECIDED
    decided.mkdir()
    (decided / "da.yaml").write_text(files.path("da.yaml").read_text().replace("Et kort kursus.", "Færdig."))
    (decided / "en.yaml").write_text(files.path("en.yaml").read_text())

    assert "Færdig." in owner.page(f"/owner/edit/{SLUG}/words/da").text
    assert not decided.exists()


def test_another_house_finds_nothing_of_it(stranger, files):
    for path in ("", "/words/da", "/facts", "/modules/new", "/modules/why-we-ask", "/take-back"):
        assert stranger.get(f"/owner/edit/{SLUG}{path}").status_code == 404
    for path in ("/move", "/modules/why-we-ask/remove", "/take-back"):
        assert stranger.press(f"/owner/edit/{SLUG}{path}", module="listening", to="up").status_code == 404


def test_what_is_not_there_leads_nowhere(owner):
    for path in (
        "words/nb",
        "words/xx",
        "modules/nowhere",
        "modules/nowhere/remove",
        "modules/why-we-ask/words/da",
        "modules/why-we-ask/words/nb",
        "modules/why-we-ask/lessons/nowhere",
        "modules/nowhere/lessons/new",
    ):
        assert owner.get(f"/owner/edit/{SLUG}/{path}").status_code == 404, path
    assert owner.press(f"/owner/edit/{SLUG}/move", module="nowhere").status_code == 404
