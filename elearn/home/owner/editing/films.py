"""The films that an owner may choose for a lesson."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from elearn.core.content_files import FileProblems
from elearn.core.i18n import format_timecode
from elearn.core.scope import HouseScope
from elearn.media.house_films import film_keys
from elearn.media.manifest import Manifest, Passage, read_manifest


@dataclass(frozen=True)
class Choice:
    """A film on offer."""

    key: str
    language: str
    """Spoken in it."""
    length: str
    """Its duration as people read it; empty before it is packaged."""


def choices(session: Session, scope: HouseScope, manifests: Path) -> list[Choice]:
    """Return the house's films that have a manifest."""
    return [
        Choice(film.id, film.language, format_timecode(film.duration) if film.duration else "")
        for film in manifests_of(manifests, film_keys(session, scope, manifests))
    ]


def common_passages(manifests: Path, keys: list[str]) -> list[Passage]:
    """Return the passages that all of a lesson's films have, with their times in the first."""
    films = list(manifests_of(manifests, keys))
    if not films or len(films) < len(keys):
        return []
    shared = set.intersection(*({passage.id for passage in film.passages} for film in films))
    return [passage for passage in films[0].passages if passage.id in shared]


def manifests_of(folder: Path, keys: list[str]) -> Iterator[Manifest]:
    """Yield the manifests of films, leaving out what is not there or cannot be read."""
    for key in keys:
        path = folder / f"{key}.yaml"
        if path.is_file():
            try:
                yield read_manifest(path).value
            except FileProblems:
                continue  # the films' own pages say what is wrong
