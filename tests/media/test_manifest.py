from datetime import date
from pathlib import Path

import pytest

from elearn.core.content_files import FileProblems
from elearn.media import manifest_text
from elearn.media.manifest import HandWritten, Rendition, Source, Statement, Written, read_manifest

BY_HAND = """# the first film
id: film
language: da       # nothing is said
captions:
  da: film.da.vtt  # by Anna

chapters:
  - {at: "00:00", title: {da: "Først"}}
  - {at: "1:00:05.5", title: {da: "Så"}}
passages:
  - {id: memory, from: "00:20", to: "00:31"}
"""
WRITTEN = Written(
    source=Source(file='a "b".mp4', sha256="0" * 64, bytes=12),
    duration=4000.5,
    package="0123456789abcdef",
    renditions=[Rendition(height=360, width=640, video_kbps=1000, codecs="avc1.64001e,mp4a.40.2")],
    flashes_per_s=0,
)


def written(folder: Path, text: str) -> Path:
    path = folder / "film.yaml"
    path.write_text(text)
    return path


def problem_in(folder: Path, text: str) -> str:
    with pytest.raises(FileProblems) as refused:
        read_manifest(written(folder, text))
    return str(refused.value.problems[0]).split(", ", 1)[1]


def test_times_are_read_as_seconds(tmp_path: Path) -> None:
    film = read_manifest(written(tmp_path, BY_HAND)).value

    assert [chapter.at for chapter in film.chapters] == [0, 3605.5]
    assert (film.passages[0].from_s, film.passages[0].to_s) == (20, 31)


def test_the_tools_part_is_replaced_and_the_rest_stays_as_it_is(tmp_path: Path) -> None:
    once = manifest_text.with_written(BY_HAND, WRITTEN)
    twice = manifest_text.with_written(once, WRITTEN.model_copy(update={"duration": 7.25}))

    assert once.startswith(BY_HAND)
    assert twice == once.replace("duration: 4000.500", "duration: 7.250")
    assert read_manifest(written(tmp_path, once)).value.source == WRITTEN.source


@pytest.mark.parametrize(
    "before",
    [
        "captions:\n  da: a.vtt",
        "captions: {da: a.vtt}",
        "captions: {}",
        "captions:",
        "captions:\n    da: a.vtt # x\n",
        "",
    ],
)
@pytest.mark.parametrize("after", ["", "poster: '00:01'\n", f"\n{manifest_text.MARKER}\nduration: 9\n"])
def test_captions_are_added_beside_what_is_there(tmp_path: Path, before: str, after: str) -> None:
    text = f"id: film\nlanguage: da\n{before}\n{after}"
    changed = manifest_text.with_captions(text, {"nb": "film.nb.vtt", "da": "film.da.vtt"})

    film = read_manifest(written(tmp_path, changed)).value
    assert film.captions == {"nb": "film.nb.vtt", "da": "film.da.vtt"}
    assert ("# x" in changed) == ("# x" in text)


def test_a_new_manifest_says_what_was_said(tmp_path: Path) -> None:
    statement = Statement(by="Anna: owner", on=date(2026, 11, 30), text='All is "said".')
    film = read_manifest(
        written(tmp_path, manifest_text.new_text(HandWritten("film", "nn", {"nn": "x.vtt"}, statement)))
    ).value

    assert (film.language, film.captions) == ("nn", {"nn": "x.vtt"})
    assert film.described
    assert film.described.statement == statement


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BY_HAND.replace("id: film", "id: other"), "line 2, id: the id is 'other', but the file is film.yaml."),
        (BY_HAND.replace('"00:20"', '"00:40"'), "line 11, passages[0]: the passage 'memory' ends before it begins."),
        (BY_HAND.replace('"00:20"', "20"), "line 11, passages[0].from: '20' is not a place in a film. Write minutes"),
        (
            BY_HAND.replace('"1:00:05.5"', '"00:00"'),
            "line 9, chapters[1].at: a chapter begins before the one above it.",
        ),
        (BY_HAND + "described: {}\n", "line 12, described: one of video and statement belongs here."),
        (BY_HAND.replace("film.da.vtt", "../../etc/passwd"), "line 5, captions.da: '../../etc/passwd' has a character"),
        (BY_HAND + "duration: 10\n", "line 9, chapters[1].at: the chapter begins after the film's end."),
        (BY_HAND + "posters: x\n", "line 12, posters: this key is not known here. Did you mean 'poster'?"),
    ],
)
def test_a_fault_names_line_and_field(tmp_path: Path, text: str, problem: str) -> None:
    assert problem_in(tmp_path, text).startswith(problem)


def test_a_file_is_replaced_whole_and_only_when_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "new" / "film.yaml"

    assert manifest_text.write_atomically(path, "a")
    assert not manifest_text.write_atomically(path, "a")
    assert manifest_text.write_atomically(path, "b")
    assert [file.name for file in path.parent.iterdir()] == ["film.yaml"]
