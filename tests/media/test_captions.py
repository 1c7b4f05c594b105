import re
import time
from contextlib import suppress
from pathlib import Path

import pytest

from elearn.core.content_files import FileProblems
from elearn.media.captions import read_captions, transcript_of

GOOD = """WEBVTT - a note

NOTE written by hand

1
00:00:00.000 --> 00:00:02.000 line:0 onclick:evil
[Soft tone]

00:02.000 --> 00:05.000
<v Anna>Do you sleep &amp; eat?</v>
<v.loud Bo>No.</v>
"""


def written(folder: Path, content: str | bytes, name: str = "film.da.vtt") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def cue(text: str, time: str = "00:01.000 --> 00:03.000") -> str:
    return f"WEBVTT\n\n{time}\n{text}\n"


def test_captions_are_written_anew_without_what_does_not_belong(tmp_path: Path) -> None:
    captions = read_captions(written(tmp_path, GOOD), 5)

    assert captions.as_vtt() == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000 line:0\n[Soft tone]\n\n"
        "00:00:02.000 --> 00:00:05.000\n<v Anna>Do you sleep &amp; eat?</v>\n<v.loud Bo>No.</v>\n"
    )
    assert captions.covered_s() == 5
    assert captions.warnings == []


def test_the_transcript_has_a_line_per_voice(tmp_path: Path) -> None:
    lines = transcript_of(read_captions(written(tmp_path, GOOD), 5).cues)

    assert [(line.from_s, line.speaker, line.text) for line in lines] == [
        (0, None, "[Soft tone]"),
        (2, "Anna", "Do you sleep & eat?"),
        (2, "Bo", "No."),
    ]


def test_subrip_is_converted(tmp_path: Path) -> None:
    srt = "1\r\n00:00:01,000 --> 00:00:02,500\r\n<font color=red>{\\an8}Hello</font> <i>you</i>\r\n\r\n"
    captions = read_captions(written(tmp_path, srt, "film.srt"), 5)

    assert captions.as_vtt() == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHello <i>you</i>\n"


def test_what_is_hard_to_read_is_told(tmp_path: Path) -> None:
    captions = read_captions(written(tmp_path, cue("one\ntwo\n" + "three " * 20)), 5)

    assert [warning.split(": ", 1)[1] for warning in captions.warnings] == [
        "3 lines at once; 2 are easier to read.",
        "64 characters a second; at most 20 can be read along.",
    ]


FAULTS: list[tuple[str | bytes, int, str]] = [
    ("Hello\n", 1, "this is not a WebVTT file"),
    ("WEBVTT\n", 0, "there is no caption in it"),
    (cue("<script>alert(1)</script>"), 4, "'<script>' is not used in captions"),
    (cue("<img src=x onerror=alert(1)>"), 4, "'<img src=x onerror=alert(1)>' is not used in captions"),
    (cue("<v Anna><b onclick=x>y</b"), 4, "'</b' is not used in captions"),
    ("WEBVTT\n\nSTYLE\n::cue { background: url(//x) }\n", 3, "STYLE blocks are not used here"),
    (cue("x", "00:03.000 --> 00:01.000"), 3, "the caption ends before it begins"),
    (cue("x", "00:01 --> 00:03"), 3, "this is not a caption's time"),
    (cue("x", "00:08.000 --> 00:09.000"), 3, "the caption stands after the film's end"),
    (cue("x") + "\n00:00.500 --> 00:01.000\ny\n", 6, "the caption begins before the one above it"),
    (cue(""), 3, "the caption has no text"),
    (cue("x\n00:03.000 --> 00:04.000\ny"), 4, "two captions stand together"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\nbl\xe5\n", 4, "the text is not UTF-8"),
    (b"WEBVTT\n\n00:01.000 --> 00:02.000\na\x00\n", 4, "the character U+0000 is not text"),
    ("WEBVTT\n\n" + "x" * 2_000_001, 0, "the file is larger than 2000 kB"),
]


@pytest.mark.parametrize(("content", "line", "problem"), FAULTS)
def test_a_fault_names_its_line(tmp_path: Path, content: str | bytes, line: int, problem: str) -> None:
    with pytest.raises(FileProblems, match=re.escape(problem)) as refused:
        read_captions(written(tmp_path, content), 5)

    assert refused.value.problems[0].line == line


def test_a_caption_that_outlasts_the_film_a_little_is_cut(tmp_path: Path) -> None:
    captions = read_captions(written(tmp_path, cue("x", "00:04.000 --> 00:05.600")), 5)

    assert captions.cues[0].to_s == 5


def test_a_hostile_file_is_refused_quickly(tmp_path: Path) -> None:
    with pytest.raises(FileProblems):
        read_captions(written(tmp_path, "WEBVTT\n\n" + "<" * 1_900_000), 5)
    with pytest.raises(FileProblems):
        read_captions(written(tmp_path, "WEBVTT\n\n" + "00:01.000 --> 00:02.000\n\n" * 60_000), 5)


SLOW = {
    "spaces.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000" + " " * 20_000 + "\nx\n",
    "fonts.srt": "1\n00:00:01,000 --> 00:00:02,000\n" + "<font" * 30_000 + "\n",
    "places.srt": "1\n00:00:01,000 --> 00:00:02,000\n" + "{\\" * 60_000 + "\n",
}
"""Each took seconds once, and the largest allowed of its kind hours, in which its whole process stood still."""


@pytest.mark.parametrize("name", SLOW)
def test_what_looks_for_the_end_of_something_does_so_once(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(SLOW[name])
    began = time.process_time()
    with suppress(FileProblems):
        read_captions(path, 5)

    assert time.process_time() - began < 1


def test_of_a_setting_that_stands_twice_the_last_holds(tmp_path: Path) -> None:
    captions = read_captions(written(tmp_path, cue("x", "00:01.000 --> 00:02.000 line:1 size:50% line:2")), 5)

    assert captions.cues[0].settings == "line:2 size:50%"


def test_what_another_reader_of_captions_refuses_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblems, match="cannot be read alike"):
        read_captions(written(tmp_path, cue("x", "00:01.000 --> 00:02.000 size:999%")), 5)
