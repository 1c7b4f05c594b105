"""The owner's studio: pages about films are sound, are the house's alone, and say how each film stands."""

import dataclasses
import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.media.models import Film
from tests.client import PageClient
from tests.home.films.steps import FILM, film, send
from tests.world import World

pytestmark = pytest.mark.looks

PAGES = ["", "/captions/da", "/captions/nn", "/captions/da/remove", "/chapters", "/passages", "/poster", "/described"]


def test_films_are_listed_while_the_place_where_they_lie_is_away(owner: PageClient, installation: Installation) -> None:
    installation.settings = dataclasses.replace(
        installation.settings, s3_bucket="films", s3_endpoint="http://127.0.0.1:9", s3_key_id="id", s3_secret="secret"
    )

    listed = owner.page("/owner/films")
    assert [row.th.a.text for row in listed.select("tbody tr")] == ["listening", "why-we-ask"]
    assert all("Not known just now It is published." in " ".join(row.text.split()) for row in listed.select("tbody tr"))
    assert "how 2 films stand is not known just now" in listed.text
    assert "does not answer just now" in owner.page(FILM).select_one(".film-stands").text


@pytest.mark.parametrize("page", PAGES)
def test_every_page_about_a_film_is_sound(owner: PageClient, page: str) -> None:
    owner.page(FILM + page)


@pytest.mark.parametrize("page", [*PAGES, "/thumbnails.vtt", "/captions/da/text.vtt", "/stills/1000.jpg"])
def test_a_film_of_another_house_does_not_exist(owner: PageClient, session: Session, world: World, page: str) -> None:
    session.get_one(Film, "why-we-ask").course_house_id = world.theirs.house.id
    session.commit()

    assert owner.get(FILM + page).status_code == 404
    if page not in ("", "/thumbnails.vtt", "/captions/da/text.vtt", "/stills/1000.jpg"):
        assert owner.press(FILM + page, state="").status_code == 404


def test_what_nobody_has_claimed_belongs_to_nobody_while_there_are_two_houses(
    owner: PageClient, session: Session, manifest: Path
) -> None:
    (manifest.parent / "nobodys.yaml").write_text("id: nobodys\nlanguage: da\n")

    assert "nobodys" not in owner.page("/owner/films").text
    assert owner.get("/owner/films/nobodys").status_code == 404


IMPOSSIBLE = ["%00", "..", "A", "why-we-ask%2F..", "why-we-ask.yaml", "æ", "captions%2Fwhy-we-ask", "a" * 300]


@pytest.mark.parametrize("key", IMPOSSIBLE)
def test_what_no_film_can_be_called_leads_nowhere(owner: PageClient, key: str) -> None:
    for page in PAGES:
        assert owner.get(f"/owner/films/{key}{page}").status_code == 404


@pytest.mark.parametrize("page", ["/captions/xx", "/captions/da%2F..", "/captions/sv/text.vtt", "/stills/-1.jpg"])
def test_what_is_no_language_or_place_does_not_exist(owner: PageClient, page: str) -> None:
    assert owner.get(FILM + page).status_code == 404


def test_the_list_says_how_films_stand_and_finds_them(owner: PageClient, session: Session, world: World) -> None:
    session.add_all(Film(key=f"film-{number}", course_house_id=world.ours.house.id) for number in range(60))
    session.commit()

    listed = owner.page("/owner/films")
    assert "1–50 of 62" in listed.text
    assert "No film yet" in listed.text
    found = owner.page("/owner/films?q=WHY")
    assert "Published" in found.text
    assert "film-1" not in found.text
    assert "No film fits" in owner.page("/owner/films?q=nothing").text


def test_a_manifest_with_a_fault_is_shown_and_not_touched(owner: PageClient, manifest: Path) -> None:
    manifest.write_text("id: why-we-ask\nlanguage: xx\n")

    assert "has a fault" in owner.page(FILM).text
    for page in PAGES[1:]:
        assert owner.get(FILM + page).status_code == 404
        assert owner.press(FILM + page, state="").status_code == 404


def test_a_film_of_another_length_says_what_publishing_will_ask(owner: PageClient, world: World) -> None:
    world.ours.files.write_film("why-we-ask", duration=61)

    page = owner.page(FILM).text

    assert "another length" in page
    assert "00:41" in page
    assert "01:01" in page
    assert "were written for the old film. Look through them" in page


def test_the_preview_opens_the_package_and_nothing_is_recorded(owner: PageClient, manifest: Path) -> None:
    package = film(manifest).package
    assert owner.get(f"/media/0/{package}/master.m3u8").status_code == 403

    ticket = owner.send(FILM + "/preview-ticket", {"player": "p", "claims": None, "language": "da"})

    assert ticket.json
    assert ticket.json["report"] is False
    config = owner.page(FILM).select_one("[data-player-config]")
    assert config is not None
    assert json.loads(config.string or "")["master"] == ticket.json["master"]
    assert owner.get(ticket.json["master"]).status_code == 200
    for track in ticket.json["tracks"]:
        assert owner.get(track["src"]).status_code == 200
    report = {"claims": ticket.json["claims"], "id": "a" * 8, "seq": 1, "ranges": [[0, 5]], "position": 5}
    assert owner.post("/learn/lessons/0/watched", json=report | {"ended": False}).status_code in (400, 403)


def test_a_preview_ticket_opens_no_other_package(owner: PageClient, world: World) -> None:
    owner.send(FILM + "/preview-ticket", {"player": "p", "claims": None, "language": "da"})
    other = film(world.ours.files.manifests / "listening.yaml").package

    assert owner.get(f"/media/0/{other}/master.m3u8").status_code == 403


def test_what_a_film_lacks_is_said_where_the_course_is_published(owner: PageClient, manifest: Path) -> None:
    send(owner, "/captions/da/remove")

    page = owner.page("/owner/files/hard-talks")

    assert "Captions in the spoken language, Dansk." in page.text
    assert page.find("a", href=FILM)
