"""What people write about a film: chapters, parts that may be skipped, the statement."""

from pathlib import Path

import pytest

from elearn.media.manifest_text import MARKER
from elearn.media.services import NewFilm, add_film
from elearn.media.stores.local_store import LocalStore
from tests.client import PageClient
from tests.home.films.steps import FILM, VTT, film, rows, send
from tests.media.clips import make_clip

pytestmark = pytest.mark.looks


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


def test_an_edit_made_while_a_film_is_packaged_is_kept(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "walk.mp4", seconds=2, size="64x64")
    manifest = tmp_path / "manifests" / "walk.yaml"

    def edit(_done_s: float) -> None:
        manifest.parent.mkdir(exist_ok=True)
        manifest.write_text('id: walk\nlanguage: da\nposter: "00:01.500"  # edited meanwhile\n')

    add_film(clip, manifest_path=manifest, store=LocalStore(tmp_path / "media"), new=NewFilm("da"), watch=edit)

    assert "# edited meanwhile" in manifest.read_text()
    assert film(manifest).package
