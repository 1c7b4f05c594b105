"""The films that an owner may choose for a lesson."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.content_files import FileProblems
from elearn.core.i18n import format_timecode
from elearn.core.scope import HouseScope
from elearn.media.manifest import Manifest, Passage, read_manifest
from elearn.media.models import Film
from elearn.organisations.queries import is_only_house


@dataclass(frozen=True)
class Choice:
    """A film on offer."""

    key: str
    language: str
    """Spoken in it."""
    length: str
    """Its duration as people read it; empty before it is packaged."""


def choices(session: Session, scope: HouseScope, manifests: Path) -> list[Choice]:
    """Return the house's films; what no house has claimed yet is the only house's."""
    claimed = {film.key: film.course_house_id for film in session.scalars(select(Film))}
    keys = {key for key, house_id in claimed.items() if house_id == scope.course_house_id}
    if is_only_house(session, scope):
        keys |= {path.stem for path in manifests.glob("*.yaml")} - set(claimed)
    return [
        Choice(key, film.language, format_timecode(film.duration) if film.duration else "")
        for key in sorted(keys)
        for film in manifests_of(manifests, [key])
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
