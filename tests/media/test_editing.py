"""Changing a film's manifest and captions from outside, without touching what people wrote around it."""

import threading
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from elearn.core.audit import AuditEvent
from elearn.core.db import Database
from elearn.core.scope import HouseScope
from elearn.media import manifest_parts
from elearn.media.editing import FILM_CHANGED, FilmDesk, change_chapters, change_poster, file_state, own_film
from elearn.media.errors import ChangedMeanwhile
from elearn.media.manifest import Chapter, Described, Passage, Statement, read_manifest, timecode
from elearn.media.models import Film
from elearn.organisations.services import add_house

TEXT = """\
# The film of the first day.
id: walk
language: da            # nothing is said

captions:
  da: walk.da.vtt       # by hand
  en: walk.en.vtt
chapters:
  # the quiet part
  - at: "00:00"
    title: {da: "Stedet", en: "The place"}   # as agreed

  - at: "00:12"
    title: {da: "Pausen"}
# where it may be skipped
passages:
- {id: memory, from: "00:05", to: "00:08"}
described:
  statement:
    by: Anna
    on: 2026-11-01
    text: >
      All that is shown
      is also said.
poster: "00:03"         # the door

# ---- below: written by `elearn media add`; what you change here is lost ----
source: {file: "walk.mp4", sha256: abc, bytes: 1}
duration: 41.500
package: "0123456789abcdef"
renditions:
  - {height: 180, width: 320, video_kbps: 400, codecs: "avc1.64000d"}
flashes_per_s: 0
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "walk.yaml"
    path.write_text(text)
    return path


def test_a_chapter_more_leaves_all_else_as_it_was(tmp_path: Path) -> None:
    before = read_manifest(written(tmp_path, TEXT)).value
    new = Chapter(at="00:20.500", title={"da": 'Et "citat": ja', "nn": "Slutt"})

    text = manifest_parts.with_chapters(TEXT, [*before.chapters, new])

    added = '  - at: "00:20.500"\n    title: {da: "Et \\"citat\\": ja", nn: "Slutt"}\n'
    assert text == TEXT.replace("# where it may", f"{added}# where it may")
    assert read_manifest(written(tmp_path, text)).value.chapters == [*before.chapters, new]


def test_a_chapter_keeps_its_comments_when_another_goes(tmp_path: Path) -> None:
    first, _second = read_manifest(written(tmp_path, TEXT)).value.chapters

    text = manifest_parts.with_chapters(TEXT, [first])

    assert "  # the quiet part\n" in text
    assert "# as agreed\n# where it may be skipped" in text
    assert "Pausen" not in text


def test_no_chapters_remove_the_part(tmp_path: Path) -> None:
    text = manifest_parts.with_chapters(TEXT, [])

    assert "chapters" not in text
    assert read_manifest(written(tmp_path, text)).value.chapters == []
    assert manifest_parts.with_chapters(text, []) == text


def test_passages_keep_the_lists_own_margin(tmp_path: Path) -> None:
    new = Passage.model_validate({"id": "b", "from": "00:10", "to": "1:00:00"})
    (old,) = read_manifest(written(tmp_path, TEXT)).value.passages

    text = manifest_parts.with_passages(TEXT, [old, new])

    assert '\n- {id: memory, from: "00:05", to: "00:08"}\n- {id: b, from: "00:10", to: "1:00:00"}\n' in text


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    film = read_manifest(written(tmp_path, TEXT)).value

    assert manifest_parts.with_chapters(TEXT, film.chapters) == TEXT
    assert manifest_parts.with_passages(TEXT, film.passages) == TEXT


def test_a_described_version_takes_the_statements_place(tmp_path: Path) -> None:
    text = manifest_parts.with_described(TEXT, Described(video="walk-described"))

    assert "described:\n  video: walk-described\nposter" in text
    assert read_manifest(written(tmp_path, text)).value.described == Described(video="walk-described")


def test_a_statement_is_written_whatever_it_holds(tmp_path: Path) -> None:
    said = Described(statement=Statement(by="O'Neil: # 1", on=date(2026, 11, 2), text='a\n"b" \\ c'))

    text = manifest_parts.with_described(TEXT, said)

    assert read_manifest(written(tmp_path, text)).value.described == said


def test_a_poster_is_put_where_there_was_none(tmp_path: Path) -> None:
    bare = "id: walk\nlanguage: da\n"

    text = manifest_parts.with_poster(bare, 61.25)

    assert read_manifest(written(tmp_path, text)).value.poster == 61.25


@pytest.mark.parametrize(
    ("captions", "left"),
    [
        ("captions:\n  da: walk.da.vtt  # mine\n  en: walk.en.vtt\n", {"da": "walk.da.vtt"}),
        ("captions: {da: walk.da.vtt, en: walk.en.vtt}\n", {"da": "walk.da.vtt"}),
        ("captions:\n  en: walk.en.vtt\n", {}),
        ("captions:\n  da: walk.da.vtt\n", {"da": "walk.da.vtt"}),
        ("", {}),
    ],
)
def test_captions_of_one_language_can_go(tmp_path: Path, captions: str, left: dict[str, str]) -> None:
    text = manifest_parts.without_captions(f"id: walk\nlanguage: da\n{captions}# the end\n", "en")

    assert read_manifest(written(tmp_path, text)).value.captions == left
    assert text.endswith("# the end\n")


@pytest.mark.race
def test_of_two_who_save_at_once_one_is_refused(own_database: Database, tmp_path: Path) -> None:
    manifest = written(tmp_path, TEXT)
    chapters = read_manifest(manifest).value.chapters
    with own_database.transaction() as session:
        house = add_house(session, slug="a", name="A", country="DK", email="a@a.example")
        scope = HouseScope(house.id, 1)
        session.add(Film(key="walk", course_house_id=house.id))
    desk = FilmDesk(scope, manifest, file_state(manifest))
    together, told = threading.Barrier(2), []

    def save(at_s: float) -> None:
        together.wait()
        try:
            with own_database.transaction() as session:
                own_film(session, scope=scope, key="walk", may_claim=False)
                new = Chapter.model_validate({"at": timecode(at_s), "title": {"da": "Ny"}})
                change_chapters(session, desk=desk, chapters=[*chapters, new])
            told.append("saved")
        except ChangedMeanwhile:
            told.append("refused")

    threads = [threading.Thread(target=save, args=(at_s,)) for at_s in (20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["refused", "saved"]
    assert len(read_manifest(manifest).value.chapters) == 3
    with own_database.reader() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.kind == FILM_CHANGED.name)).all()) == 1


def test_an_event_that_cannot_be_written_leaves_the_files_alone(own_database: Database, tmp_path: Path) -> None:
    manifest = written(tmp_path, TEXT)
    desk = FilmDesk(HouseScope(1, 1), manifest, file_state(manifest))

    with own_database.writer() as session:
        session.execute(text("DROP TABLE audit_events"))
        with pytest.raises(DBAPIError):
            change_poster(session, desk=desk, poster_s=2)
        session.rollback()

    assert manifest.read_text() == TEXT
