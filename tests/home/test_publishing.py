"""Publishing a course's files from the owner's pages, and what is asked and said there."""

import pytest
from sqlalchemy.orm import Session

from elearn.media.manifest import read_manifest
from elearn.media.services import FilmChoice, publish_video
from tests.client import PageClient, check_page
from tests.world import World


@pytest.mark.usefixtures("_files_of_ours")
def test_changed_files_are_published_by_a_button(owner: PageClient, world: World) -> None:
    texts = world.ours.files.folder / "da.yaml"
    texts.write_text(texts.read_text().replace("Et kort kursus.", "Et helt kort kursus."))
    page = owner.page(f"/owner/files/{world.ours.course.slug}")
    assert "Publishing makes version 2" in page.text

    page = owner.page(owner.press(f"/owner/files/{world.ours.course.slug}").location)

    assert "Version 2 is published." in page.text
    assert "This is an earlier version" in owner.page(f"/owner/courses/{world.ours.course.id}?version=1").text


@pytest.mark.usefixtures("_files_of_ours")
def test_films_of_a_module_that_was_removed_play_in_the_preview_of_an_earlier_version(
    owner: PageClient, world: World
) -> None:
    slug, wanted = world.ours.course.slug, {"player": "p", "claims": None, "language": "da"}
    ours, theirs = (
        next(module for module in side.course.modules if module.key == "listening").lessons[0].id
        for side in (world.ours, world.theirs)
    )
    owner.press(f"/owner/edit/{slug}/modules/listening/remove")
    owner.press(f"/owner/files/{slug}")

    assert owner.send(f"/owner/preview/lessons/{ours}/ticket", wanted).status_code == 200
    assert owner.send(f"/owner/preview/lessons/{theirs}/ticket", wanted).status_code == 404


@pytest.mark.usefixtures("_files_of_ours")
def test_of_each_film_of_another_length_it_is_asked_whether_what_was_seen_counts(
    owner: PageClient, world: World
) -> None:
    world.ours.files.write_film("why-we-ask", duration=61)
    world.ours.files.write_film("listening", duration=80)
    path = f"/owner/files/{world.ours.course.slug}"

    assert "Everyone’s progress is kept" not in owner.page(path).text
    asked = check_page(path, owner.press(path, **{"film-listening": "start-over"}))
    assert [legend.text for legend in asked.select("legend")] == ["The film “why-we-ask” has got another length"]
    assert asked.fieldset
    assert "were written for the old film. Look through them" in asked.fieldset.text
    assert asked.select_one("input[type=hidden][name=film-listening][value=start-over]")
    assert "Everyone’s progress is kept" not in asked.text
    answers = {"film-listening": "start-over", "film-why-we-ask": "keep"}
    page = owner.page(owner.press(path, **answers).location)

    assert "Version 2 is published. Everybody starts over with listening. All other progress is kept." in page.text


@pytest.mark.usefixtures("_files_of_ours")
def test_a_film_that_starts_over_since_another_course_was_published_is_named(
    owner: PageClient, session: Session, world: World
) -> None:
    files = world.ours.files
    files.write_film("listening", duration=80)
    manifest = read_manifest(files.manifests / "listening.yaml")
    publish_video(session, house=world.ours.house, manifest=manifest, store=files.store, choice=FilmChoice.START_OVER)
    session.commit()
    path = f"/owner/files/{world.ours.course.slug}"

    assert "Everyone’s progress is kept" not in owner.page(path).text
    page = owner.page(owner.press(path, **{"film-why-we-ask": "start-over"}).location)

    assert "Version 2 is published. Everybody starts over with listening. All other progress is kept." in page.text


@pytest.mark.usefixtures("_files_of_ours")
def test_what_is_wrong_in_the_files_is_shown_with_its_cure_and_nothing_is_published(
    owner: PageClient, world: World
) -> None:
    structure = world.ours.files.folder / "course.yaml"
    structure.write_text(structure.read_text().replace("minutes: 8", "minutes: eight"))
    path = f"/owner/files/{world.ours.course.slug}"

    for response in (owner.get(path), owner.press(path)):
        page = check_page(path, response)
        assert "1 thing to correct first" in page.text
        assert "modules[0].minutes" in page.text
        assert "Write a whole number of minutes from 1 to 600" in page.text
    assert response.status_code == 422


@pytest.mark.parametrize("path", ["/owner/files/..", "/owner/files/nowhere", "/owner/files/%2e%2e%2fetc"])
@pytest.mark.usefixtures("_files_of_ours")
def test_no_other_folder_is_looked_into(path: str, owner: PageClient) -> None:
    assert owner.get(path).status_code == 404
