"""The owner writes a course in the browser: into the same files, with comments kept, and never over somebody else."""

import dataclasses
import re

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from elearn.catalogue.course_folder import DECIDED, read_draft
from elearn.catalogue.models import Course, Module
from elearn.core.audit import AuditEvent
from elearn.media.models import Film
from tests.client import check_page

SLUG = "hard-talks"


@pytest.fixture
def files(installation, world):
    """Our course's files, where the installation looks for courses and films."""
    files = world.ours.files
    installation.settings = dataclasses.replace(
        installation.settings, courses=files.folder.parent, manifests=files.manifests, data=files.store.root.parent
    )
    return files


@pytest.fixture
def owner(browser, world, files):
    return browser().signed_in_as(world.ours.owner)


@pytest.fixture
def stranger(browser, world, files):
    return browser().signed_in_as(world.theirs.owner)


def filled_in(client, path, **fields):
    """Return a form as it stands on its page, some fields filled in otherwise."""
    sent = {}
    for each in client.page(path).select("main form[novalidate] [name]"):
        if each.name == "button":
            continue
        if each.name == "input" and each.get("type") in ("checkbox", "radio") and not each.has_attr("checked"):
            continue
        if each.name == "textarea":
            value = each.get_text().removeprefix("\r\n")
        elif each.name == "select":
            chosen = each.select_one("option[selected]") or each.select_one("option")
            value = chosen.get("value", "")
        else:
            value = each.get("value", "")
        sent.setdefault(each["name"], []).append(value)
    return sent | fields


def fill_in(client, path, **fields):
    return client.post(path, data=filled_in(client, path, **fields))


def words(client, path, status=200) -> str:
    return client.page(path, status).select_one("main").get_text(" ", strip=True)


def kinds(session) -> list[str]:
    return list(session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.startswith("catalogue.")).order_by("id")))


def test_a_course_is_shown_as_its_files_say_it_with_what_is_missing_in_each_language(owner):
    said = words(owner, f"/owner/edit/{SLUG}")

    assert "Learners see version 1 until you publish" in said
    assert "Dansk all written English 2 texts missing" in said
    assert "1. Why we ask Open to everybody Dansk all written English" in said
    assert "Learners see all of this." in said


def test_a_changed_text_stands_in_the_file_and_nothing_else_is_touched(owner, files, session):
    files.edit("da.yaml", "title: Svære", "# the heading\ntitle: Svære")
    before = files.path("da.yaml").read_text()

    answer = fill_in(owner, f"/owner/edit/{SLUG}/words/da", summary="Et helt kort kursus.")

    assert answer.status_code == 303, answer.text
    assert files.path("da.yaml").read_text() == before.replace("Et kort kursus.", "Et helt kort kursus.")
    assert files.problems() == []
    assert kinds(session)[-1] == "catalogue.course.edited"
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event.data == {"course": SLUG, "files": ["da.yaml"]}


def test_saving_what_stands_there_changes_no_file_and_leaves_no_event(owner, files, session):
    before = {name: files.path(name).read_text() for name in ("course.yaml", "da.yaml", "en.yaml")}
    known = kinds(session)
    for path in ("words/da", "words/en", "modules/why-we-ask", "modules/why-we-ask/words/en", "facts"):
        answer = fill_in(owner, f"/owner/edit/{SLUG}/{path}")
        assert answer.status_code == 303, answer.text
    answer = fill_in(owner, f"/owner/edit/{SLUG}/modules/why-we-ask/lessons/film")
    assert answer.status_code == 303, answer.text

    assert {name: files.path(name).read_text() for name in before} == before
    assert kinds(session) == known


def test_a_text_is_translated_beside_the_first_language(owner, files):
    path = f"/owner/edit/{SLUG}/modules/listening/words/en"
    assert "At være stille." in words(owner, path)

    answer = fill_in(owner, path, title="Listening", text="Wait.\r\n\r\n### And then\r\nWait more.")

    assert answer.status_code == 303, answer.text
    assert read_draft(files.folder).texts["en"]["modules"]["listening"] == {
        "title": "Listening",
        "text": "Wait.\n\n### And then\nWait more.\n",
    }
    assert "text: |\n      Wait.\n" in files.path("en.yaml").read_text()
    assert files.problems() == []


def test_a_module_is_written_with_its_questions_links_and_notice(owner, files):
    path = f"/owner/edit/{SLUG}/modules/why-we-ask"
    answer = fill_in(
        owner,
        path,
        **{
            "minutes": "12",
            "practice": "",
            "questions-0-words": "",
            "questions-1-words": "Hvilke ord?",
            "questions-2-words": "Hvem kan du spørge?",
            "resources-1-url": "https://www.bufdir.no/",
            "resources-1-words": "Bufdir",
            "notices-0-closeness": "heard",
        },
    )

    assert answer.status_code == 303, answer.text
    module = read_draft(files.folder).course["modules"][0]
    assert module["minutes"] == "12"
    assert module["questions"] == ["a-sentence", "hvem-kan-du-sporge"]
    assert module["resources"][1] == {"id": "bufdir", "url": "https://www.bufdir.no/"}
    assert module["notices"] == [{"passage": "memory", "lesson": "film", "closeness": "heard"}]
    assert "practice" not in module
    texts = read_draft(files.folder).texts["da"]["modules"]["why-we-ask"]
    assert texts["questions"] == {"a-sentence": "Hvilke ord?", "hvem-kan-du-sporge": "Hvem kan du spørge?"}
    assert "practice" not in texts
    assert files.problems() == []


def test_a_half_written_row_is_refused_beside_its_field_and_what_was_typed_stays(owner, files):
    path = f"/owner/edit/{SLUG}/modules/why-we-ask"
    before = files.path("course.yaml").read_text()
    for fields, said in (
        ({"resources-1-url": "https://www.bufdir.no/"}, "Write this text."),
        ({"resources-1-url": "javascript:alert(1)", "resources-1-words": "x"}, "Write the whole address"),
        ({"minutes": "0"}, "Write a whole number from 1 to 600."),
        ({"title": ""}, "Write this text."),
        ({"title": "x" * 121}, "Write at most 120 characters."),
        ({"title": "a\x07b"}, "This holds a character that is no text."),
        ({"text": "![a](https://x.example/a.png)"}, "a text holds no pictures"),
        ({"text": "fine\r\n\r\n[a](/b)"}, "Line 3: write the link’s whole address"),
        ({"questions-0-place": "many", "summary": "typed"}, "Write a whole number"),
        ({"notices-0-where": "film:nowhere"}, "Not a valid choice"),
    ):
        answer = fill_in(owner, path, **fields)
        assert answer.status_code == 422, fields
        page = BeautifulSoup(answer.text, "html.parser")
        assert said in page.select_one(".ds-error-summary").get_text(" "), fields
        assert all(each in answer.text for each in fields.values() if each.isalnum())
    assert files.path("course.yaml").read_text() == before


def test_how_it_will_look_is_shown_and_nothing_is_saved(owner, files):
    before = files.path("da.yaml").read_text()

    answer = fill_in(
        owner, f"/owner/edit/{SLUG}/modules/listening", text="### Se\r\n<script>x</script> *godt*", look="1"
    )

    assert answer.status_code == 200
    page = check_page(SLUG, answer)
    assert page.select_one(".edt-look h2").text == "Se"
    assert page.select_one(".edt-look em").text == "godt"
    assert not page.select_one(".edt-look script")
    assert files.path("da.yaml").read_text() == before


def test_what_somebody_changed_meanwhile_is_not_written_over_unasked(owner, files):
    path = f"/owner/edit/{SLUG}/words/da"
    mine = filled_in(owner, path, summary="Mit resumé.")
    files.edit("da.yaml", "Et kort kursus.", "Deres resumé.")

    answer = owner.post(path, data=mine)
    assert answer.status_code == 422
    page = check_page(path, answer)
    assert "Somebody changed this meanwhile" in page.text
    assert "Deres resumé." in page.select_one(".edt-now").text
    assert page.select_one("#summary").get_text(strip=True) == "Mit resumé."
    assert "Deres resumé." in files.path("da.yaml").read_text()

    again = mine | {"stand": page.select_one("#stand")["value"]}
    assert owner.post(path, data=again).status_code == 303
    assert "Mit resumé." in files.path("da.yaml").read_text()


def test_what_was_changed_elsewhere_in_the_course_stands_in_nobodys_way(owner, files):
    path = f"/owner/edit/{SLUG}/words/da"
    mine = filled_in(owner, path, summary="Mit resumé.")
    files.edit("da.yaml", "title: At lytte", "title: At kunne lytte")

    assert owner.post(path, data=mine).status_code == 303
    assert "title: At kunne lytte" in files.path("da.yaml").read_text()


def test_a_module_with_a_film_is_added_published_and_kept_by_its_id(owner, files, session, world):
    answer = fill_in(
        owner, f"/owner/edit/{SLUG}/modules/new", title="Gå videre", summary="Næste skridt.", film="listening"
    )
    assert answer.location == f"/owner/edit/{SLUG}/modules/ga-videre"
    assert fill_in(owner, answer.location, text="Tag det næste skridt.").status_code == 303
    said = words(owner, f"/owner/edit/{SLUG}")
    assert "Not published yet New module: Gå videre" in said

    assert owner.press(f"/owner/files/{SLUG}").status_code == 303

    outline = world.ours.outline(session)
    assert [module.key for module in outline.modules] == ["why-we-ask", "listening", "ga-videre"]
    assert "Learners see all of this." in words(owner, f"/owner/edit/{SLUG}")


def test_a_module_without_a_film_may_be_written_and_is_named_before_publishing(owner, files):
    answer = fill_in(owner, f"/owner/edit/{SLUG}/modules/new", title="Senere")
    assert answer.status_code == 303
    assert "No film yet." in words(owner, f"/owner/edit/{SLUG}")
    assert "modules[2].lessons" in words(owner, f"/owner/files/{SLUG}")


def test_modules_move_and_are_removed_and_their_progress_stays(owner, files, session, world):
    move = {"module": "listening", "to": "up"}
    assert owner.press(f"/owner/edit/{SLUG}/move", **move).status_code == 303
    assert [each["id"] for each in read_draft(files.folder).course["modules"]] == ["listening", "why-we-ask"]
    assert "The order of the modules" in words(owner, f"/owner/edit/{SLUG}")

    path = f"/owner/edit/{SLUG}/modules/why-we-ask/remove"
    assert "stays theirs" in words(owner, path)
    assert owner.press(path).status_code == 303
    assert "why-we-ask" not in files.path("da.yaml").read_text() + files.path("en.yaml").read_text()
    assert "Removed: Why we ask" in words(owner, f"/owner/edit/{SLUG}")
    assert owner.press(f"/owner/files/{SLUG}").status_code == 303
    gone = session.scalars(
        select(Module).where(Module.key == "why-we-ask", Module.course_id == world.ours.course.id)
    ).one()
    session.refresh(gone)
    assert gone.retired_at

    # A new module of that name is another module: the old one's progress is not its own.
    answer = fill_in(owner, f"/owner/edit/{SLUG}/modules/new", title="Why we ask", film="why-we-ask")
    assert answer.location.endswith("/modules/why-we-ask-2")


def test_a_lesson_is_added_changed_and_removed(owner, files):
    base = f"/owner/edit/{SLUG}/modules/listening/lessons"
    answer = fill_in(owner, f"{base}/new", **{"title-da": "Endnu en", "film-da": "why-we-ask"})
    assert answer.status_code == 303, answer.text
    module = read_draft(files.folder).course["modules"][1]
    assert module["lessons"][1] == {"id": "endnu-en", "videos": {"da": "why-we-ask"}}
    assert files.problems() == []

    assert fill_in(owner, f"{base}/endnu-en", **{"title-en": "One more", "film-da": "listening"}).status_code == 303
    assert read_draft(files.folder).texts["en"]["modules"]["listening"] == {"lessons": {"endnu-en": "One more"}}
    assert fill_in(owner, f"{base}/endnu-en", **{"film-da": ""}).status_code == 422
    assert owner.press(f"{base}/endnu-en/remove").status_code == 303
    assert len(read_draft(files.folder).course["modules"][1]["lessons"]) == 1
    assert files.path("en.yaml").read_text().count("listening") == 0


def test_a_film_is_offered_in_the_language_that_is_spoken_in_it(owner, files, session, world):
    english = files.path("listening.yaml").read_text().replace("id: listening", "id: english")
    (files.manifests / "english.yaml").write_text(english.replace("language: da", "language: en"))
    session.add(Film(key="english", course_house_id=world.ours.house.id))
    session.flush()
    path = f"/owner/edit/{SLUG}/modules/listening/lessons/film"

    assert fill_in(owner, path, **{"film-da": "english"}).status_code == 422
    assert fill_in(owner, path, **{"film-en": "english"}).status_code == 303


def test_another_houses_film_cannot_be_chosen(owner, files, session, world):
    theirs = files.path("listening.yaml").read_text().replace("listening", "theirs")
    (files.manifests / "theirs.yaml").write_text(theirs)
    session.add(Film(key="theirs", course_house_id=world.theirs.house.id))
    session.flush()
    path = f"/owner/edit/{SLUG}/modules/why-we-ask/lessons/film"
    assert "theirs" not in words(owner, path)
    assert fill_in(owner, path, **{"film-da": "theirs"}).status_code == 422

    # What a lesson shows already may stay, whosever it is.
    files.edit("course.yaml", "videos: {da: why-we-ask}", "videos: {da: theirs}")
    assert fill_in(owner, path, **{"title-da": "En titel"}).status_code == 303
    assert "videos: {da: theirs}" in files.path("course.yaml").read_text()


def test_languages_are_added_and_their_file_is_there_to_be_written(owner, files):
    answer = fill_in(
        owner, f"/owner/edit/{SLUG}/facts", added=["nb", "nn"], share="100", own_word="", audience=["school"]
    )
    assert answer.status_code == 303, answer.text
    assert files.problems() == []
    draft = read_draft(files.folder)
    assert draft.languages == ["da", "en", "nb", "nn"]
    assert draft.course["audience"] == ["school"]
    assert fill_in(owner, f"/owner/edit/{SLUG}/words/nb", title="Vanskelige samtaler").status_code == 303
    assert files.path("nb.yaml").read_text() == "title: Vanskelige samtaler\n"
    assert files.check().warnings


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


HOSTILE = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    "!!python/object:os.system",
    "&a *a",
    "- x\n- y: z",
    "\u2028\x85#",
    "'\"|>-",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_words_and_nothing_else(owner, files, text):
    answer = fill_in(
        owner, f"/owner/edit/{SLUG}/modules/listening", title="a " + text.replace("\n", " "), text=text, practice=text
    )
    assert answer.status_code in (303, 422)
    assert files.problems() == []
    page = owner.page(f"/owner/edit/{SLUG}").select_one("main")
    assert not page.select("script")
    assert not re.search(r"\b49\b", page.get_text())
