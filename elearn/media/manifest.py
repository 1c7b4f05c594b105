"""What a file in media_manifest/ says about a film. The schema is described in docs/video-manifests.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from elearn.core.content_files import FileProblems, Loaded, read_file
from elearn.core.file_rules import FileProblem, Wrong
from elearn.core.i18n import lazy_gettext as _l
from elearn.media.film_rules import ManifestRule

Language = Literal["da", "nb", "nn", "en"]
LONGEST_ID = 80
"""Of a film or a passage; courses name both."""
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=LONGEST_ID)]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=120)]
TIMECODE = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2}(?:\.\d{1,3})?)")
SAME_LENGTH_S = 1.0
"""Two films are equally long when they differ by no more than this."""


def seconds_of(timecode: object) -> float:
    """Return the seconds of a place in a film written as MM:SS or H:MM:SS, with thousandths if wanted."""
    match = TIMECODE.fullmatch(str(timecode))
    if match is None or float(match[3]) >= 60 or (match[1] and int(match[2]) >= 60):
        raise Wrong(ManifestRule.NO_PLACE, given=str(timecode)[:60])
    return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3])


def timecode(seconds: float) -> str:
    """Return a place in a film as manifests write it: `seconds_of` reads it back, to the thousandth."""
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    part = f".{rest % 1000:03}" if rest % 1000 else ""
    return f"{hours}:{minutes:02}:{rest // 1000:02}{part}" if hours else f"{minutes:02}:{rest // 1000:02}{part}"


Timecode = Annotated[float, BeforeValidator(seconds_of)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class Statement(_Part):
    """Who answers for it that the picture carries nothing that the sound and the captions do not."""

    by: str = Field(min_length=1, max_length=200, description=_l("the name of whoever says so"))
    on: date = Field(description=_l("the day as 2026-11-30"))
    text: str = Field(min_length=1, max_length=2000, description=_l("the statement itself, a sentence or two"))


class Described(_Part):
    """How people who do not see the picture get what it carries: a described version, or the statement."""

    video: Id | None = None
    statement: Statement | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "Described":
        if (self.video is None) == (self.statement is None):
            raise Wrong(ManifestRule.VIDEO_OR_STATEMENT)
        return self


class Chapter(_Part):
    """A place in the film with a name."""

    at: Timecode
    title: dict[Language, Annotated[str, Field(min_length=1, max_length=200)]] = Field(min_length=1)


class Passage(_Part):
    """A part that may be skipped. Its id is stable; times may move."""

    id: Id
    from_s: Timecode = Field(alias="from")
    to_s: Timecode = Field(alias="to")

    @model_validator(mode="after")
    def _runs_forwards(self) -> "Passage":
        if self.to_s <= self.from_s:
            raise Wrong(ManifestRule.PASSAGE_BACKWARDS, passage=self.id)
        return self


class Source(_Part):
    """The file that was packaged."""

    file: str
    sha256: str
    bytes: int


class Rendition(_Part):
    """One size in which the film is offered."""

    height: int
    width: int
    video_kbps: int
    """The ceiling of the picture's bit rate."""
    codecs: str


class Written(_Part):
    """The part of a manifest that `media add` writes."""

    source: Source
    duration: float = Field(gt=0)
    package: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    renditions: list[Rendition] = Field(min_length=1)
    flashes_per_s: int = Field(ge=0)
    """The most flashes counted in any second."""


class Manifest(_Part):
    """One film: what people wrote about it, and what packaging found."""

    id: Id = Field(description=_l("the film's name in small letters, digits and hyphens"))
    language: Language = Field(description=_l("the language that is spoken: da, nb, nn or en"))
    captions: dict[Language, FileName] = Field(default={})
    transcript: dict[Language, FileName] = Field(default={})
    described: Described | None = None
    chapters: list[Chapter] = Field(default=[])
    passages: list[Passage] = Field(default=[])
    poster: Timecode | None = None
    source: Source | None = None
    duration: float | None = None
    package: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")] | None = None
    renditions: list[Rendition] = Field(default=[])
    flashes_per_s: int | None = None

    @property
    def poster_s(self) -> float:
        """Where the poster is taken, seconds."""
        return 1.0 if self.poster is None else self.poster

    @property
    def length_s(self) -> int:
        """How many seconds there are to see: 0 before the film is packaged."""
        return max(1, round(self.duration)) if self.duration else 0


def read_manifest(path: Path) -> Loaded[Manifest]:
    """Read and check a manifest. Raises `FileProblems`."""
    loaded = read_file(path, Manifest)
    problems = list(_inner_problems(loaded))
    if problems:
        raise FileProblems(problems)
    return loaded


def read_manifests(folder: Path) -> dict[str, Loaded[Manifest]]:
    """Read every manifest of a folder, by id. Raises `FileProblems` naming what is wrong in all of them."""
    found: dict[str, Loaded[Manifest]] = {}
    problems: list[FileProblem] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded = read_manifest(path)
        except FileProblems as error:
            problems += error.problems
        else:
            found[loaded.value.id] = loaded
    if problems:
        raise FileProblems(problems)
    return found


def _inner_problems(loaded: Loaded[Manifest]) -> Iterator[FileProblem]:
    manifest = loaded.value
    if manifest.id != loaded.path.stem:
        names = {"id": manifest.id, "file": loaded.path.name, "stem": loaded.path.stem}
        yield loaded.problem(("id",), ManifestRule.ID_NOT_FILE, **names)
    yield from _order_problems(loaded)
    yield from _end_problems(loaded)


def _order_problems(loaded: Loaded[Manifest]) -> Iterator[FileProblem]:
    manifest = loaded.value
    places = [chapter.at for chapter in manifest.chapters]
    for index in range(1, len(places)):
        if places[index] <= places[index - 1]:
            yield loaded.problem(("chapters", index, "at"), ManifestRule.CHAPTER_ORDER)
    ids = [passage.id for passage in manifest.passages]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            yield loaded.problem(("passages", index, "id"), ManifestRule.PASSAGE_TWICE, passage=name)


def _end_problems(loaded: Loaded[Manifest]) -> Iterator[FileProblem]:
    manifest = loaded.value
    if manifest.duration is None:
        return
    seconds = f"{manifest.duration:.1f}"
    if manifest.poster is not None and manifest.poster >= manifest.duration:
        yield loaded.problem(("poster",), ManifestRule.POSTER_AFTER_END, seconds=seconds)
    for index, chapter in enumerate(manifest.chapters):
        if chapter.at >= manifest.duration:
            yield loaded.problem(("chapters", index, "at"), ManifestRule.CHAPTER_AFTER_END, seconds=seconds)
    for index, passage in enumerate(manifest.passages):
        if passage.to_s > manifest.duration + SAME_LENGTH_S:
            yield loaded.problem(("passages", index, "to"), ManifestRule.PASSAGE_AFTER_END, seconds=seconds)


@dataclass(frozen=True)
class HandWritten:
    """What `media add` writes into the upper part of a manifest that it makes or completes."""

    id: str
    language: str
    captions: dict[str, str]
    statement: Statement | None
