"""The owner's studio: what is written around a film, changed from the browser, in the same files as by hand."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.installation import Installation
from elearn.media.captions import read_captions
from elearn.media.editing import FILM_CHANGED
from elearn.media.errors import Fault
from elearn.media.manifest import Manifest, read_manifest
from elearn.media.manifest_text import MARKER
from elearn.media.models import Film, FilmUpload, Packaging, PackagingState
from elearn.media.services import NewFilm, add_film
from elearn.media.stores.local_store import LocalStore
from tests.client import PageClient
from tests.media.clips import make_clip
from tests.world import World

FILM = "/owner/films/why-we-ask"
PAGES = ["", "/captions/da", "/captions/nn", "/captions/da/remove", "/chapters", "/passages", "/poster", "/described"]
VTT = "WEBVTT\n\n00:02.000 --> 00:05.000\nHej med dig.\n\n00:06.000 --> 00:08.000\nOg dig.\n"


@pytest.fixture(autouse=True)
def manifest(installation: Installation, world: World, session: Session) -> Path:
    """The manifest of a film of ours, where the installation reads it."""
    files = world.ours.files
    installation.settings = dataclasses.replace(
        installation.settings, courses=files.folder.parent, manifests=files.manifests, data=files.store.root.parent
    )
    session.commit()
    return files.manifests / "why-we-ask.yaml"


def film(manifest: Path) -> Manifest:
    return read_manifest(manifest).value


def send(owner: PageClient, page: str, **fields: Any) -> Any:
    """Open a form, fill fields in and press its button."""
    shown = owner.page(FILM + page)
    state = shown.find("input", {"name": "state"})
    assert state
    return owner.press(FILM + page, **({"state": state["value"]} | fields))


def send_captions(owner: PageClient, text: str | bytes, name: str = "film.vtt", language: str = "da") -> Any:
    raw = text if isinstance(text, bytes) else text.encode()
    return send(owner, f"/captions/{language}", file=(io.BytesIO(raw), name))


def rows(**cells: str) -> dict[str, str]:
    """Fields of a form with rows: at0='00:05' is the first row's `at`."""
    return {f"rows-{name[-1]}-{name[:-1]}": text for name, text in cells.items()}


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


def test_captions_are_checked_and_saved(owner: PageClient, manifest: Path, session: Session, world: World) -> None:
    assert send_captions(owner, VTT, language="nn").status_code == 303

    assert film(manifest).captions["nn"] == "why-we-ask.nn.vtt"
    kept = read_captions(manifest.parent / "captions/why-we-ask.nn.vtt", None)
    assert [cue.text for cue in kept.cues] == ["Hej med dig.", "Og dig."]
    assert "Og dig." in owner.page(FILM + "/captions/nn").text
    event = session.scalars(select(AuditEvent).where(AuditEvent.kind == FILM_CHANGED.name)).one()
    assert event.data == {"film": "why-we-ask", "part": "captions nn"}
    assert (event.actor_id, event.course_house_id) == (world.ours.owner.id, world.ours.house.id)
    fetched = owner.get(FILM + "/captions/nn/text.vtt?download=")
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="why-we-ask.nn.vtt"'
    assert fetched.content_type == "text/vtt; charset=utf-8"


def test_subrip_becomes_webvtt(owner: PageClient, manifest: Path) -> None:
    text = "1\r\n00:00:02,000 --> 00:00:05,000\r\n<font color=red>Hej</font>\r\n"

    assert send_captions(owner, text, "Film.SRT").status_code == 303
    assert "Hej" in (manifest.parent / "captions/why-we-ask.da.vtt").read_text()


def test_every_fault_of_a_caption_file_is_named_and_nothing_changes(owner: PageClient, manifest: Path) -> None:
    before = (manifest.parent / "captions/why-we-ask.da.vtt").read_text(), manifest.read_text()
    text = "WEBVTT\n\n00:05.000 --> 00:02.000\nA\n\nnonsense\n\n00:20.000 --> 02:00.000\n<script>alert(1)</script>\n"

    refused = send_captions(owner, text)

    assert refused.status_code == 422
    for said in (
        "ends before it begins",
        "not a caption&#39;s time",
        "after the film&#39;s end",
        "not used in captions",
    ):
        assert said in refused.text
    assert "<script>alert" not in refused.text
    assert ((manifest.parent / "captions/why-we-ask.da.vtt").read_text(), manifest.read_text()) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a WebVTT file"),
        (b"WEBVTT\n\n\xff\xfe", "is not UTF-8"),
        (b"WEBVTT\n\n\x00", "is not text"),
        (b"\x7fELF" * 40, "is not text"),
        (b"WEBVTT\n\n" + b"-" * 100_000, "not a caption&#39;s time"),
    ],
)
def test_hostile_caption_files_are_refused_in_words(owner: PageClient, content: bytes, said: str) -> None:
    refused = send_captions(owner, content)

    assert refused.status_code == 422
    assert said in refused.text


def test_names_of_files_lead_nowhere(owner: PageClient, manifest: Path) -> None:
    send_captions(owner, VTT, "../../../../etc/passwd.vtt")

    assert sorted(path.name for path in (manifest.parent / "captions").iterdir()) == [
        f"{key}.{code}.vtt" for key in ("listening", "why-we-ask") for code in ("da", "en")
    ]


def test_no_file_is_a_fault(owner: PageClient) -> None:
    refused = send(owner, "/captions/da")

    assert refused.status_code == 422
    assert "Choose a file." in refused.text


def test_captions_can_be_removed(owner: PageClient, manifest: Path) -> None:
    assert send(owner, "/captions/en/remove").status_code == 303

    assert list(film(manifest).captions) == ["da"]
    assert not (manifest.parent / "captions/why-we-ask.en.vtt").exists()


def test_chapters_are_sorted_and_saved_beside_peoples_comments(owner: PageClient, manifest: Path) -> None:
    manifest.write_text("# by Anna\n" + manifest.read_text())
    cells = rows(at0="0:20", da0="Slut", en0="End", at1="00:05,5", da1='Et "citat": #1', at2="", da2="")

    assert send(owner, "/chapters", **cells).status_code == 303

    assert [(each.at, each.title) for each in film(manifest).chapters] == [
        (5.5, {"da": 'Et "citat": #1'}),
        (20.0, {"da": "Slut", "en": "End"}),
    ]
    assert manifest.read_text().startswith("# by Anna\n")
    assert "Et “citat”" not in owner.page(FILM).text
    assert "00:05.500" in str(owner.page(FILM + "/chapters"))


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"at0": "nonsense", "da0": "A"}, "is no place in a film"),
        ({"at0": "0:75", "da0": "A"}, "is no place in a film"),
        ({"at0": "", "da0": "A"}, "Write where the chapter begins."),
        ({"at0": "9:00", "da0": "A"}, "The film ends at"),
        ({"at0": "0:05", "en0": "A"}, "in the film’s own language"),
        ({"at0": "0:05", "da0": "A", "at1": "0:05", "da1": "B"}, "Another chapter begins there."),
        ({"at0": "0:05", "da0": "A" * 201}, "at most 200 characters"),
        ({"at0": "0:05", "da0": "A\u0000B"}, "on one line"),
    ],
)
def test_chapters_that_cannot_be_are_refused_with_what_was_written(
    owner: PageClient, manifest: Path, cells: dict[str, str], said: str
) -> None:
    before = manifest.read_text()

    refused = send(owner, "/chapters", **rows(**cells))

    assert refused.status_code == 422
    assert said in refused.text
    assert manifest.read_text() == before


def test_more_rows_come_without_saving_and_without_script(owner: PageClient, manifest: Path) -> None:
    before = manifest.read_text()

    more = send(owner, "/chapters", more="1", **rows(at0="0:05", da0="Kept"))

    assert more.status_code == 200
    assert 'value="Kept"' in more.text
    assert "rows-2-at" in more.text
    assert manifest.read_text() == before


def test_parts_that_may_be_skipped_are_saved(owner: PageClient, manifest: Path) -> None:
    cells = rows(id0="memory", begins0="0:10", ends0="0:12", id1="a-voice", begins1="0:20", ends1="0:31")

    assert send(owner, "/passages", **cells).status_code == 303
    assert [(each.id, each.from_s, each.to_s) for each in film(manifest).passages] == [
        ("memory", 10.0, 12.0),
        ("a-voice", 20.0, 31.0),
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"id0": "Not An Id", "begins0": "0:10", "ends0": "0:12"}, "small letters"),
        ({"id0": "a", "begins0": "0:12", "ends0": "0:10"}, "after the beginning"),
        ({"id0": "a", "begins0": "0:12", "ends0": ""}, "Write a place in the film"),
        ({"id0": "a", "begins0": "0:12", "ends0": "1:00:00"}, "The film ends at"),
        ({"id0": "a", "begins0": "0:1", "ends0": "0:10"}, "is no place"),
    ],
)
def test_parts_that_cannot_be_are_refused(owner: PageClient, cells: dict[str, str], said: str) -> None:
    refused = send(owner, "/passages", **rows(**cells))

    assert refused.status_code == 422
    assert said in refused.text


def test_a_statement_takes_a_described_versions_place_and_back(owner: PageClient, manifest: Path) -> None:
    assert send(owner, "/described", kind="video", video="listening").status_code == 303
    described = film(manifest).described
    assert described
    assert described.video == "listening"

    assert send(owner, "/described", kind="statement", by="Anna", text="Alt siges.").status_code == 303
    described = film(manifest).described
    assert described
    assert described.statement
    assert (described.statement.by, described.statement.text) == ("Anna", "Alt siges.")


def test_words_of_the_tools_own_line_are_words(owner: PageClient, manifest: Path) -> None:
    said = f"Billedet bærer intet. {MARKER}"
    saved = send(owner, "/described", kind="statement", by="Ane", text=said)
    also_saved = send(owner, "/chapters", **rows(at0="0:01", da0="Først"))

    assert (saved.status_code, also_saved.status_code) == (303, 303)
    statement = film(manifest).described.statement  # type: ignore[union-attr]
    assert statement.text == said  # type: ignore[union-attr]
    assert len(film(manifest).chapters) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "statement", "by": "", "text": "A"},
        {"kind": "statement", "by": "A", "text": ""},
        {"kind": "video", "video": ""},
        {"kind": "video", "video": "why-we-ask"},
        {"kind": "video", "video": "nowhere"},
        {"kind": "else"},
        {},
    ],
)
def test_half_a_statement_is_refused(owner: PageClient, manifest: Path, fields: dict[str, str]) -> None:
    before = manifest.read_text()

    assert send(owner, "/described", **({"by": "", "text": ""} | fields)).status_code == 422
    assert manifest.read_text() == before


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("/chapters", rows(at0="0:05", da0="A")),
        ("/passages", rows(id0="a", begins0="0:05", ends0="0:06")),
        ("/described", {"kind": "statement", "by": "A", "text": "B"}),
        ("/captions/da/remove", {}),
    ],
)
def test_who_saves_what_somebody_changed_meanwhile_is_refused(
    owner: PageClient, manifest: Path, page: str, fields: dict[str, str]
) -> None:
    shown = owner.page(FILM + page)
    state = shown.find("input", {"name": "state"})
    assert state
    (manifest.parent / "captions/why-we-ask.da.vtt").write_text(VTT)  # another owner's captions
    before = manifest.read_text()

    refused = owner.press(FILM + page, state=str(state["value"]), **fields)

    assert refused.status_code == 409
    assert "Somebody changed this meanwhile" in refused.text
    assert str(state["value"]) in refused.text, "a second press is refused, too"
    assert manifest.read_text() == before


def test_captions_sent_twice_from_one_page_are_taken_once(owner: PageClient) -> None:
    state = owner.page(FILM + "/captions/da").find("input", {"name": "state"})
    assert state
    answers = [
        owner.press(FILM + "/captions/da", state=str(state["value"]), file=(io.BytesIO(text.encode()), "a.vtt"))
        for text in (VTT, VTT.replace("Hej", "Nej"))
    ]

    assert [answer.status_code for answer in answers] == [303, 409]


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


def test_the_preview_opens_the_package_and_nothing_is_recorded(owner: PageClient, manifest: Path) -> None:
    package = film(manifest).package
    assert owner.get(f"/media/0/{package}/master.m3u8").status_code == 403

    ticket = owner.send(FILM + "/preview-ticket", {"player": "p", "claims": None, "language": "da"})

    assert ticket.json
    assert ticket.json["report"] is False
    assert owner.get(ticket.json["master"]).status_code == 200
    for track in ticket.json["tracks"]:
        assert owner.get(track["src"]).status_code == 200
    report = {"claims": ticket.json["claims"], "id": "a" * 8, "seq": 1, "ranges": [[0, 5]], "position": 5}
    assert owner.post("/learn/lessons/0/watched", json=report | {"ended": False}).status_code in (400, 403)


def test_a_preview_ticket_opens_no_other_package(owner: PageClient, world: World) -> None:
    owner.send(FILM + "/preview-ticket", {"player": "p", "claims": None, "language": "da"})
    other = film(world.ours.files.manifests / "listening.yaml").package

    assert owner.get(f"/media/0/{other}/master.m3u8").status_code == 403


@pytest.fixture
def upload(session: Session, world: World, installation: Installation) -> FilmUpload:
    """A film of which half has arrived."""
    begun = FilmUpload(
        id="0" * 32,
        film_key="why-we-ask",
        course_house_id=world.ours.house.id,
        language="da",
        file_name="<b>film</b>.mp4",
        size_bytes=1000,
        begun_by_id=world.ours.owner.id,
        begun_at=clock.now(),
        touched_at=clock.now(),
    )
    session.add(begun)
    session.commit()
    installation.settings.uploads.mkdir(parents=True, exist_ok=True)
    (installation.settings.uploads / begun.id).write_bytes(b"x" * 500)
    return begun


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


def test_what_is_not_on_its_way_can_be_neither_stopped_nor_thrown_away(owner: PageClient) -> None:
    for press in ("/upload/drop", "/packaging/cancel", "/packaging/retry"):
        assert owner.press(FILM + press).status_code == 404


def test_a_film_nobody_has_written_about_can_be_uploaded(owner: PageClient, session: Session, world: World) -> None:
    session.add(Film(key="new-one", course_house_id=world.ours.house.id))
    session.commit()

    assert "Nothing has come of this film yet." in owner.page("/owner/films/new-one").text
    owner.page("/owner/films/new-one/replace")


def test_an_edit_made_while_a_film_is_packaged_is_kept(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4", seconds=2, size="64x64")
    manifest = tmp_path / "manifests" / "walk.yaml"

    def edit(_done_s: float) -> None:
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text('id: walk\nlanguage: da\nposter: "00:01.500"  # edited meanwhile\n')

    add_film(clip, manifest_path=manifest, store=LocalStore(tmp_path / "media"), new=NewFilm("da"), watch=edit)

    assert "# edited meanwhile" in manifest.read_text()
    assert film(manifest).package


def test_what_a_film_lacks_is_said_where_the_course_is_published(owner: PageClient, manifest: Path) -> None:
    send(owner, "/captions/da/remove")

    page = owner.page("/owner/files/hard-talks")

    assert "Captions in the spoken language, Dansk." in page.text
    assert page.find("a", href=FILM)
