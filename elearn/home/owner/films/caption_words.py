"""What is wrong in a caption file, in the reader's language: the checks themselves speak English, for commands."""

import re
from dataclasses import dataclass

from elearn.core.content_files import FileProblem
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.media.captions import FASTEST_CHARS_PER_S, MOST_LINES, HardToRead

SENTENCES = [
    (
        r"this is not a WebVTT file",
        _l("This is not a WebVTT file. Write WEBVTT in its first line, or call a SubRip file .srt."),
    ),
    (r"there is no caption in it", _l("There is no caption in the file. Write at least one.")),
    (
        r"(?P<what>STYLE|REGION) blocks are not used here",
        _l("%(what)s blocks are not used here: captions look the same in all films. Remove the block."),
    ),
    (r"this is not a caption's time", _l("This is not a caption’s time. Write it as 00:01:02.500 --> 00:01:05.000.")),
    (r"the caption has no text", _l("The caption has no text. Write it on the next line, or remove the caption.")),
    (r"two captions stand together", _l("Two captions stand together. Leave an empty line between them.")),
    (
        r"'(?P<what>.*)' is not used in captions",
        _l("“%(what)s” is not used in captions. Remove it; a lone < is written &lt;."),
    ),
    (r"the caption ends before it begins", _l("The caption ends before it begins. Write a later end.")),
    (
        r"the caption begins before the one above it",
        _l("The caption begins before the one above it. Put the captions in the film’s order."),
    ),
    (r"the caption stands after the film's end", _l("The caption stands after the film’s end. Write an earlier time.")),
    (
        r"the captions cannot be read alike by every player",
        _l("Players would read this file differently. Open it in a caption editor and save it as WebVTT."),
    ),
    (r"there is no such file", _l("The file is gone. Upload it again.")),
    (r"the file is larger than (?P<what>\d+) kB", _l("The file is larger than %(what)s kB. That is no caption file.")),
    (r"the text is not UTF-8", _l("The text is not in UTF-8. Save the file as UTF-8.")),
    (r"the character (?P<what>U\+[0-9A-F]+) is not text", _l("The character %(what)s is not text. Remove it.")),
]
_PATTERNS = [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in SENTENCES]


@dataclass(frozen=True)
class Said:
    """What is wrong, and on which line; 0 is the file itself."""

    line: int
    sentence: str


def said(problem: FileProblem) -> Said:
    """Return a problem in words; one we have no words for as the check says it."""
    for pattern, sentence in _PATTERNS:
        if match := pattern.fullmatch(problem.problem):
            return Said(problem.line, str(sentence) % match.groupdict())
    return Said(problem.line, f"{problem.problem}. {problem.cure}.")


def hard(found: HardToRead) -> str:
    """Return why a caption is hard to read."""
    sentences = []
    if found.has_many_lines:
        lines = _("%(lines)s lines at once; %(most)s are easier to read.", lines=found.lines, most=MOST_LINES)
        sentences.append(lines)
    if found.is_fast:
        speed = round(found.chars_per_s)
        sentences.append(
            _(
                "%(speed)s characters a second; at most %(most)s can be read along.",
                speed=speed,
                most=FASTEST_CHARS_PER_S,
            )
        )
    return " ".join(sentences)
