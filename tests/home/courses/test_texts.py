"""The owner writes a course in the browser: into the same files, with comments kept, and never over somebody else."""

import re

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from elearn.catalogue.course_folder import read_draft
from elearn.core.audit import AuditEvent
from tests.client import check_page
from tests.home.courses.steps import SLUG, fill_in, filled_in, kinds, words

pytestmark = pytest.mark.looks


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


def test_a_notice_stays_while_its_passage_is_not_marked_in_the_film(owner, files):
    path = f"/owner/edit/{SLUG}/modules/why-we-ask"
    film = files.manifests / "why-we-ask.yaml"
    film.write_text(film.read_text().replace("id: memory", "id: other"))

    answer = fill_in(owner, path, summary="En anden sætning.")

    assert answer.status_code == 303, answer.text
    assert read_draft(files.folder).course["modules"][0]["notices"] == [
        {"passage": "memory", "lesson": "film", "closeness": "told"}
    ]
    assert read_draft(files.folder).text("da", ("modules", "why-we-ask", "notices", "memory"))
    assert "memory · not marked in every film of its lesson" in words(owner, path)
    assert any("'memory'" in str(problem) for problem in files.problems())
    twice = {"notices-1-where": "film:memory", "notices-1-words": "again", "notices-1-closeness": "told"}
    assert "There is a notice of “memory” already." in fill_in(owner, path, **twice).text
    removed = fill_in(owner, path, **{"notices-0-where": "", "notices-0-words": ""})
    assert removed.status_code == 303, removed.text
    assert "notices" not in read_draft(files.folder).course["modules"][0]


def test_a_notice_that_the_file_has_twice_is_shown_twice_and_one_of_them_can_be_removed(owner, files):
    path = f"/owner/edit/{SLUG}/modules/why-we-ask"
    notice = "      - {passage: memory, lesson: film, closeness: told}\n"
    files.edit("course.yaml", notice, notice * 2)

    answer = fill_in(owner, path, **{"notices-1-where": "", "notices-1-words": ""})

    assert answer.status_code == 303, answer.text
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
