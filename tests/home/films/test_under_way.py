"""Films under way: how much is here, how far packaging is, stopping, giving up, trying again."""

import json
from pathlib import Path

from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.media.errors import Fault
from elearn.media.models import Film, FilmUpload, Packaging, PackagingState
from tests.client import PageClient
from tests.home.films.steps import FILM
from tests.world import World


def package(session: Session, upload: FilmUpload, **changed: object) -> Packaging:
    upload.whole_at = clock.now()
    values = {"state": PackagingState.RUNNING, "percent": 41, "cancel_asked": False, "problem": None} | changed
    packaging = Packaging(
        film_key=upload.film_key,
        course_house_id=upload.course_house_id,
        upload_id=upload.id,
        asked_at=clock.now(),
        **values,
    )
    session.add(packaging)
    session.commit()
    return packaging


def test_a_film_on_its_way_says_how_much_is_here(owner: PageClient, upload: FilmUpload) -> None:
    page = owner.page(FILM)

    assert "0.0 of 0.0 MB of “<b>film</b>.mp4” have arrived." in page.text
    config = page.select_one("[data-upload-config]")
    assert config
    assert json.loads(str(config.string))["begun"] == {
        "url": f"/owner/films/uploads/{upload.id}",
        "name": "<b>film</b>.mp4",
        "size": 1000,
    }
    assert "Being uploaded" in owner.page("/owner/films").text
    assert "why-we-ask" in owner.page("/owner/new-film").text
    assert owner.get(FILM + "/replace").location == FILM


def test_an_upload_is_given_up_without_script(owner: PageClient, upload: FilmUpload, session: Session) -> None:
    assert owner.press(FILM + "/upload/drop").location == "/owner/films"

    assert session.get(FilmUpload, upload.id, populate_existing=True) is None
    assert owner.press(FILM + "/upload/drop").status_code == 404


def test_a_film_being_packaged_shows_how_far_it_is_and_can_be_stopped(
    owner: PageClient, upload: FilmUpload, session: Session
) -> None:
    packaging = package(session, upload)

    page = owner.page(FILM)
    bar = page.select_one("[data-progress-page] progress")
    assert bar
    assert bar["value"] == "41"
    assert "41% done" in page.text
    assert "Learners see the old film meanwhile." in page.text
    dropped = owner.press(FILM + "/upload/drop")
    assert dropped.location == FILM
    assert "This film is being packaged." in owner.page(FILM).text
    owner.press(FILM + "/packaging/cancel")
    session.refresh(packaging)
    assert packaging.cancel_asked
    assert "It stops in a moment." in owner.page(FILM).text


def test_a_film_that_failed_says_why_and_is_tried_again(
    owner: PageClient, upload: FilmUpload, session: Session
) -> None:
    package(session, upload, state=PackagingState.FAILED, problem=Fault.DAMAGED, ended_at=clock.now())

    page = owner.page(FILM).text
    assert "The film is damaged or was not copied to its end." in page
    assert "Could not be packaged" in owner.page("/owner/films").text
    owner.press(FILM + "/packaging/retry")
    assert "Waits to be packaged" in owner.page(FILM).text
    owner.press(FILM + "/packaging/retry")
    assert "There is nothing to try again." in owner.page(FILM).text


def test_a_film_that_failed_for_its_manifest_says_what_is_wrong_there(
    owner: PageClient, upload: FilmUpload, session: Session, manifest: Path
) -> None:
    package(session, upload, state=PackagingState.FAILED, problem=Fault.MANIFEST, ended_at=clock.now())
    manifest.write_text("id: why-we-ask\nlanguage: xx\n")

    assert "Line 2" in owner.page(FILM).text


def test_what_is_not_on_its_way_can_be_neither_stopped_nor_thrown_away(owner: PageClient) -> None:
    for press in ("/upload/drop", "/packaging/cancel", "/packaging/retry"):
        assert owner.press(FILM + press).status_code == 404


def test_a_film_nobody_has_written_about_can_be_uploaded(owner: PageClient, session: Session, world: World) -> None:
    session.add(Film(key="new-one", course_house_id=world.ours.house.id))
    session.commit()

    assert "Nothing has come of this film yet." in owner.page("/owner/films/new-one").text
    owner.page("/owner/films/new-one/replace")
