"""Every rule of a film's files can be broken, and a breach is said in every language."""

from pathlib import Path

import pytest

from elearn.core.content_files import FileProblems
from elearn.media import captions
from elearn.media.captions import read_captions
from elearn.media.checks import all_captions
from elearn.media.drawing import read_film
from elearn.media.film_rules import CaptionRule, DrawingRule, ManifestRule
from elearn.media.manifest import read_manifest
from elearn.media.services import NewFilm, add_film
from elearn.media.stores.local_store import LocalStore
from tests.core.said import said_in_four_languages

TOP = "id: film\nlanguage: da\n"
MANIFESTS = {
    ManifestRule.NO_PLACE: TOP + "poster: 20\n",
    ManifestRule.VIDEO_OR_STATEMENT: TOP + "described: {}\n",
    ManifestRule.PASSAGE_BACKWARDS: TOP + 'passages: [{id: a, from: "00:20", to: "00:10"}]\n',
    ManifestRule.ID_NOT_FILE: TOP.replace("film", "other"),
    ManifestRule.CHAPTER_ORDER: TOP + 'chapters: [{at: "00:02", title: {da: A}}, {at: "00:01", title: {da: B}}]\n',
    ManifestRule.PASSAGE_TWICE: TOP
    + 'passages: [{id: a, from: "00:01", to: "00:02"}, {id: a, from: "00:03", to: "00:04"}]\n',
    ManifestRule.POSTER_AFTER_END: TOP + 'poster: "00:30"\nduration: 10\n',
    ManifestRule.CHAPTER_AFTER_END: TOP + 'chapters: [{at: "00:30", title: {da: A}}]\nduration: 10\n',
    ManifestRule.PASSAGE_AFTER_END: TOP + 'passages: [{id: a, from: "00:01", to: "00:30"}]\nduration: 10\n',
    ManifestRule.LANGUAGE_UNKNOWN: None,
    ManifestRule.OTHER_LANGUAGE: TOP.replace("da", "nb"),
    ManifestRule.TRANSCRIPT_GONE: TOP + "transcript: {da: film.md}\n",
}
CUE = "WEBVTT\n\n{time}\n{text}\n"
TIME = "00:01.000 --> 00:02.000"
CAPTIONS = {
    CaptionRule.NO_WEBVTT: "Hello\n",
    CaptionRule.NO_CAPTION: "WEBVTT\n",
    CaptionRule.BLOCK: "WEBVTT\n\nSTYLE\nx\n",
    CaptionRule.NO_TIME: CUE.format(time="00:01 --> 00:03", text="x"),
    CaptionRule.NOTHING_SAID: f"WEBVTT\n\n{TIME}\n",
    CaptionRule.TOGETHER: CUE.format(time=TIME, text=f"x\n{TIME}\ny"),
    CaptionRule.MARKUP: CUE.format(time=TIME, text="<script>"),
    CaptionRule.BACKWARDS: CUE.format(time="00:03.000 --> 00:01.000", text="x"),
    CaptionRule.ORDER: CUE.format(time=TIME, text="x") + "\n00:00.500 --> 00:01.000\ny\n",
    CaptionRule.AFTER_END: CUE.format(time="00:08.000 --> 00:09.000", text="x"),
    CaptionRule.NOT_ALIKE: CUE.format(time=TIME, text="x"),
}
FILM = "id: {id}\ntone: 196\nscenes: [{{drawing: red.svg, seconds: 2}}]\n"
DRAWINGS = {DrawingRule.ID_NOT_FOLDER: FILM.format(id="run"), DrawingRule.NO_DRAWING: FILM.format(id="walk")}


def test_every_rule_has_a_file_that_breaks_it() -> None:
    assert {*MANIFESTS, *CAPTIONS, *DRAWINGS} == {*ManifestRule, *CaptionRule, *DrawingRule}


@pytest.mark.parametrize("rule", MANIFESTS)
def test_a_breach_in_a_manifest_is_found_and_said_in_every_language(tmp_path: Path, rule: ManifestRule) -> None:
    path, text = tmp_path / "film.yaml", MANIFESTS[rule]
    if text is not None:
        path.write_text(text)

    with pytest.raises(FileProblems) as refused:
        _read(path, rule)

    (found,) = refused.value.problems
    assert found.rule is rule
    said_in_four_languages(found)


def _read(path: Path, rule: ManifestRule) -> None:
    """Read a manifest, or add a film to it where only that can break the rule."""
    if rule in (ManifestRule.LANGUAGE_UNKNOWN, ManifestRule.OTHER_LANGUAGE):
        new = NewFilm(language="da" if path.exists() else None)
        add_film(path.with_name("none.mp4"), manifest_path=path, store=LocalStore(path.parent), new=new)
    all_captions(read_manifest(path))


@pytest.mark.parametrize("rule", CAPTIONS)
def test_a_breach_in_captions_is_found_and_said_in_every_language(
    tmp_path: Path, rule: CaptionRule, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film.da.vtt"
    path.write_text(CAPTIONS[rule])
    if rule is CaptionRule.NOT_ALIKE:
        monkeypatch.setattr(captions, "_times_by_library", lambda _vtt: None)

    with pytest.raises(FileProblems) as refused:
        read_captions(path, 5)

    (found, *_) = [each for each in refused.value.problems if each.rule is rule]
    said_in_four_languages(found)


@pytest.mark.parametrize("rule", DRAWINGS)
def test_a_breach_in_a_drawn_film_is_found_and_said_in_every_language(tmp_path: Path, rule: DrawingRule) -> None:
    path = tmp_path / "walk" / "film.yaml"
    path.parent.mkdir()
    path.write_text(DRAWINGS[rule])

    with pytest.raises(FileProblems) as refused:
        read_film(path)

    (found, *_) = [each for each in refused.value.problems if each.rule is rule]
    said_in_four_languages(found)
