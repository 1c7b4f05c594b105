"""Captions: read from WebVTT or SubRip, checked line by line, and written anew as plain, safe WebVTT.

Only cues survive: their times, text, voices and customary settings. Scripts, styles and foreign tags are refused.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from elearn.core.content_files import FileProblems, read_text, shown_path
from elearn.core.file_rules import FileProblem
from elearn.media.film_rules import CaptionRule

LARGEST_FILE_BYTES = 2_000_000
MOST_LINES = 2
FASTEST_CHARS_PER_S = 20
SLACK_S = 1.0
"""A last cue may end this much after the film; it is cut to the film's end."""

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_TIMING = re.compile(rf"{_TIME}\s+-->\s+{_TIME}(?:\s+(.*\S))?")
"""Of a line without spaces around it: looking for the end of many takes longer than anybody waits."""
_SETTING = re.compile(
    r"(?:line:(?:-?\d+|\d{1,3}(?:\.\d+)?%)(?:,(?:start|center|end))?"
    r"|position:\d{1,3}(?:\.\d+)?%(?:,(?:line-left|center|line-right))?"
    r"|size:\d{1,3}(?:\.\d+)?%|align:(?:start|center|end|left|right)|vertical:(?:rl|lr))"
)
_TAG = re.compile(r"<[^>]*>?")
_KNOWN_TAG = re.compile(r"</?(?:i|b|u|c|ruby|rt|v|lang)(?:\.[\w-]+)*(?:\s[^<>&]*)?>|<\d[\d:.]*>")
_VOICE = re.compile(r"<v(?:\.[\w-]+)*\s+([^>]*)>")
_SUBRIP_ONLY = re.compile(r"</?font[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)


@dataclass(frozen=True)
class Cue:
    """One caption: when it stands, and what it says, tags included."""

    line: int
    from_s: float
    to_s: float
    settings: str
    text: str

    @property
    def plain(self) -> str:
        """The text without tags."""
        return html.unescape(_TAG.sub("", self.text))


@dataclass(frozen=True)
class HardToRead:
    """A caption that holds much for its time."""

    cue: Cue
    lines: int
    chars_per_s: float

    @property
    def has_many_lines(self) -> bool:
        """Whether more lines stand at once than are read easily."""
        return self.lines > MOST_LINES

    @property
    def is_fast(self) -> bool:
        """Whether it is gone before it can be read along."""
        return self.chars_per_s > FASTEST_CHARS_PER_S


@dataclass(frozen=True)
class Captions:
    """A checked caption file."""

    cues: list[Cue]
    warnings: list[str]
    """What a viewer will find hard to read, one sentence each with file and line."""

    def covered_s(self) -> float:
        """Return for how many seconds of the film a caption stands."""
        total, end = 0.0, 0.0
        for cue in self.cues:
            total += max(0.0, cue.to_s - max(cue.from_s, end))
            end = max(end, cue.to_s)
        return total

    def as_vtt(self) -> str:
        """Return the captions as WebVTT that holds nothing but cues."""
        blocks = []
        for cue in self.cues:
            timing = f"{timestamp(cue.from_s)} --> {timestamp(cue.to_s)} {cue.settings}".rstrip()
            blocks.append(f"{timing}\n{cue.text}\n")
        return "WEBVTT\n\n" + "\n".join(blocks)


@dataclass(frozen=True)
class TranscriptLine:
    """Something that is said, or shown as text, for reading beside the film."""

    from_s: float | None
    to_s: float | None
    speaker: str | None
    text: str


def read_captions(path: Path, duration_s: float | None) -> Captions:
    """Read a .vtt or .srt file and check it against the film's length. Raises `FileProblems`."""
    text = read_text(path, LARGEST_FILE_BYTES).replace("\r\n", "\n").replace("\r", "\n")
    blocks = list(_blocks(text))
    file = shown_path(path)
    is_subrip = path.suffix.lower() == ".srt"
    if not is_subrip and not (blocks and re.match(r"WEBVTT(?:[ \t]|$)", blocks[0][1][0])):
        raise FileProblems([FileProblem(file, 1, "", CaptionRule.NO_WEBVTT)])
    problems: list[FileProblem] = []
    cues = []
    for line, lines in blocks if is_subrip else blocks[1:]:
        if not _is_skipped(lines):
            cues.append(_cue(file, line, lines, is_subrip, problems))
    kept = [cue for cue in cues if cue]
    problems += _time_problems(file, kept, duration_s)
    if not kept and not problems:
        problems.append(FileProblem(file, 0, "", CaptionRule.NO_CAPTION))
    if problems:
        raise FileProblems(sorted(problems, key=lambda problem: problem.line))
    captions = Captions(_cut_at_end(kept, duration_s), list(_warnings(file, kept)))
    _agree_with_library(file, captions)
    return captions


def transcript_of(cues: list[Cue]) -> list[TranscriptLine]:
    """Return what captions say, one line per voice."""
    lines = []
    for cue in cues:
        parts = _VOICE.split(cue.text)
        # split() gives what stands before the first voice, then name and text in turn
        voices = [(None, parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
        for speaker, text in voices:
            said = " ".join(html.unescape(_TAG.sub("", text)).split())
            if said:
                name = html.unescape(speaker).strip() if speaker else None
                lines.append(TranscriptLine(cue.from_s, cue.to_s, name or None, said))
    return lines


def cues_of(vtt: bytes) -> list[Cue]:
    """Return the cues of captions that were written by `Captions.as_vtt`."""
    cues = [_cue("", line, lines, False, []) for line, lines in list(_blocks(vtt.decode()))[1:]]
    return [cue for cue in cues if cue]


def _blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line's number and the lines of every block between empty lines."""
    block: list[str] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _is_skipped(lines: list[str]) -> bool:
    return re.match(r"NOTE(?:\s|$)", lines[0]) is not None


def _cue(file: str, line: int, lines: list[str], is_subrip: bool, problems: list[FileProblem]) -> Cue | None:
    def refuse(rule: CaptionRule, at: int = 0, **names: object) -> None:
        problems.append(FileProblem(file, line + at, "", rule, names))

    if lines[0].strip() in ("STYLE", "REGION"):
        refuse(CaptionRule.BLOCK, block=lines[0].strip())
        return None
    at = 0 if "-->" in lines[0] else 1
    timing = _TIMING.fullmatch(lines[at].strip()) if at < len(lines) else None
    if timing is None:
        refuse(CaptionRule.NO_TIME, min(at, len(lines) - 1))
        return None
    if at + 1 == len(lines):
        refuse(CaptionRule.NOTHING_SAID, at)
        return None
    text = "\n".join(row.strip() for row in lines[at + 1 :])
    if is_subrip:
        text = _SUBRIP_ONLY.sub("", text)
    if "-->" in text:
        refuse(CaptionRule.TOGETHER, at + 1)
    for tag in _TAG.findall(text):
        if not _KNOWN_TAG.fullmatch(tag):
            refuse(CaptionRule.MARKUP, at + 1, tag=tag[:40])
            break
    start, end = _seconds(*timing.groups()[:4]), _seconds(*timing.groups()[4:8])
    settings = "" if is_subrip else _settings(timing[9] or "")
    return Cue(line + at, start, end, settings, text)


def _settings(words: str) -> str:
    """Return the customary settings of a cue; of one that is written twice the last, as players have it."""
    known = {word.partition(":")[0]: word for word in words.split() if _SETTING.fullmatch(word)}
    return " ".join(known.values())


def _seconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + int(thousandths) / 1000


def _time_problems(file: str, cues: list[Cue], duration_s: float | None) -> Iterator[FileProblem]:
    before = 0.0
    for cue in cues:
        if cue.to_s <= cue.from_s:
            yield FileProblem(file, cue.line, "", CaptionRule.BACKWARDS)
        if cue.from_s < before:
            yield FileProblem(file, cue.line, "", CaptionRule.ORDER)
        if duration_s is not None and cue.to_s > duration_s + SLACK_S:
            yield FileProblem(file, cue.line, "", CaptionRule.AFTER_END, {"length": timestamp(duration_s)})
        before = cue.from_s


def hard_to_read(cues: list[Cue]) -> Iterator[HardToRead]:
    """Yield the captions that a viewer will find hard to read, and why."""
    for cue in cues:
        lines = cue.text.count("\n") + 1
        speed = len(cue.plain.replace("\n", " ")) / (cue.to_s - cue.from_s)
        found = HardToRead(cue, lines, speed)
        if found.has_many_lines or found.is_fast:
            yield found


def _warnings(file: str, cues: list[Cue]) -> Iterator[str]:
    for hard in hard_to_read(cues):
        place = f"{file}, line {hard.cue.line}"
        if hard.has_many_lines:
            yield f"{place}: {hard.lines} lines at once; {MOST_LINES} are easier to read."
        if hard.is_fast:
            speed = f"{hard.chars_per_s:.0f} characters a second"
            yield f"{place}: {speed}; at most {FASTEST_CHARS_PER_S} can be read along."


def _cut_at_end(cues: list[Cue], duration_s: float | None) -> list[Cue]:
    if duration_s is None:
        return cues
    return [
        Cue(cue.line, cue.from_s, min(cue.to_s, duration_s), cue.settings, cue.text)
        for cue in cues
        if cue.from_s < duration_s
    ]


def _agree_with_library(file: str, captions: Captions) -> None:
    """An independent parser must find the same captions in what we serve."""
    times = [(timestamp(cue.from_s), timestamp(cue.to_s)) for cue in captions.cues]
    if _times_by_library(captions.as_vtt()) != times:
        raise FileProblems([FileProblem(file, 0, "", CaptionRule.NOT_ALIKE)])


def _times_by_library(vtt: str) -> list[tuple[str, str]] | None:
    try:
        return [(cue.start, cue.end) for cue in webvtt.WebVTT.from_string(vtt, strict=True).captions]
    except (MalformedFileError, MalformedCaptionError):
        return None


def timestamp(seconds: float) -> str:
    """Return a place in a film as WebVTT writes it."""
    thousandths = round(seconds * 1000)
    hours, rest = divmod(thousandths, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
