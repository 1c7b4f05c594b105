"""What a film owes its viewers before it may be published, and the captions that belong to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from elearn.core.content_files import FileProblems, Loaded
from elearn.core.file_rules import FileProblem
from elearn.media import flashes
from elearn.media.captions import Captions, read_captions
from elearn.media.errors import FilmsOutOfReach, NotPublishable
from elearn.media.film_rules import ManifestRule
from elearn.media.manifest import Manifest
from elearn.media.stores.storage import MediaStore

CAPTIONS_FOLDER = "captions"


class LackKind(StrEnum):
    """What a film can lack to be published."""

    PACKAGE = "package"
    FILES = "files"
    AWAY = "away"
    """Whether it lacks files cannot be known: where they lie does not answer."""
    CAPTIONS = "captions"
    CAPTION_FILE = "caption-file"
    DESCRIBED = "described"
    DESCRIBED_FILM = "described-film"
    FLASHES = "flashes"


@dataclass(frozen=True)
class Lack:
    """One thing that a film lacks to be published."""

    kind: LackKind
    sentence: str
    """What to do, for whoever works with files and commands."""


def check_publishable(loaded: Loaded[Manifest], store: MediaStore) -> list[str]:
    """Return what a film lacks to be published, one sentence each; an empty list when it lacks nothing."""
    return [lack.sentence for lack in lacks(loaded, store)]


def refusal(loaded: Loaded[Manifest], store: MediaStore) -> NotPublishable | None:
    """Return what stands in the way of publishing a film, or None."""
    found = lacks(loaded, store)
    is_away = any(lack.kind is LackKind.AWAY for lack in found)
    return NotPublishable(loaded.value.id, [lack.sentence for lack in found], is_away=is_away) if found else None


def lacks(loaded: Loaded[Manifest], store: MediaStore) -> list[Lack]:
    """Return what a film lacks to be published."""
    return list(_lacks(loaded, store))


def _lacks(loaded: Loaded[Manifest], store: MediaStore) -> Iterator[Lack]:
    manifest = loaded.value
    if manifest.package is None:
        yield Lack(LackKind.PACKAGE, f"It is not packaged: run elearn media add FILE --id {manifest.id}.")
    else:
        yield from _file_lacks(manifest.id, manifest.package, store)
    if manifest.language not in manifest.captions:
        yield Lack(
            LackKind.CAPTIONS,
            f"Captions in the spoken language are missing: add --captions {manifest.language}=FILE.",
        )
    yield from _described_lacks(loaded)
    if (manifest.flashes_per_s or 0) > flashes.MOST_PER_S:
        yield Lack(
            LackKind.FLASHES,
            f"It flashes {manifest.flashes_per_s} times in a second, and more than {flashes.MOST_PER_S} can "
            "bring on a seizure: change the film.",
        )
    try:
        all_captions(loaded)
    except FileProblems as error:
        yield from (Lack(LackKind.CAPTION_FILE, str(problem)) for problem in error.problems)


def _file_lacks(film: str, package: str, store: MediaStore) -> Iterator[Lack]:
    try:
        missing = store.missing_files(package)
    except FilmsOutOfReach as away:
        yield Lack(LackKind.AWAY, str(away))
    else:
        if missing:
            cure = f"run elearn media add FILE --id {film} with the film's file."
            yield Lack(LackKind.FILES, f"Its package {package} lacks {missing[0]} here: {cure}")


def _described_lacks(loaded: Loaded[Manifest]) -> Iterator[Lack]:
    described = loaded.value.described
    if described is None:
        yield Lack(
            LackKind.DESCRIBED,
            "A described version or a statement is missing: write described: with video: <id>, or with statement: "
            "(by, on, text) when the picture carries nothing that the sound does not.",
        )
    elif described.video and not (loaded.path.parent / f"{described.video}.yaml").is_file():
        yield Lack(LackKind.DESCRIBED_FILM, f"The described version '{described.video}' has no manifest.")


def all_captions(loaded: Loaded[Manifest]) -> dict[str, Captions]:
    """Return a film's captions by language. Raises `FileProblems` naming the faults of all of them."""
    manifest = loaded.value
    found: dict[str, Captions] = {}
    problems: list[FileProblem] = []
    for language, name in manifest.captions.items():
        try:
            found[language] = read_captions(loaded.path.parent / CAPTIONS_FOLDER / name, manifest.duration)
        except FileProblems as error:
            problems += error.problems
    for language, name in manifest.transcript.items():
        if not (loaded.path.parent / name).is_file():
            problems.append(loaded.problem(("transcript", language), ManifestRule.TRANSCRIPT_GONE, name=name))
    if problems:
        raise FileProblems(problems)
    return found
