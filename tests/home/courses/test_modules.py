"""Modules and lessons: added, moved and removed, and the films they may show."""

import pytest
from sqlalchemy import select

from elearn.catalogue.course_folder import read_draft
from elearn.catalogue.models import Module
from elearn.media.models import Film
from tests.home.courses.steps import SLUG, fill_in, words

pytestmark = pytest.mark.looks


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


def test_a_film_and_a_passage_of_the_longest_name_may_be_shown_and_announced(owner, files, session, world):
    film, passage = f"film-{'x' * 75}", f"passage-{'x' * 72}"
    for captions in (files.manifests / "captions").glob("why-we-ask.*.vtt"):
        captions.with_name(captions.name.replace("why-we-ask", film)).write_text(captions.read_text())
    manifest = files.path("why-we-ask.yaml").read_text().replace("why-we-ask", film).replace("memory", passage)
    (files.manifests / f"{film}.yaml").write_text(manifest)
    session.add(Film(key=film, course_house_id=world.ours.house.id))
    session.flush()

    lesson = fill_in(owner, f"/owner/edit/{SLUG}/modules/why-we-ask/lessons/film", **{"film-da": film})
    assert lesson.status_code == 303, lesson.text
    files.edit("course.yaml", "passage: memory", f"passage: {passage}")
    files.edit("da.yaml", "notices: {memory:", f"notices: {{{passage}:")

    assert files.problems() == []
    assert owner.press(f"/owner/files/{SLUG}").status_code == 303


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
