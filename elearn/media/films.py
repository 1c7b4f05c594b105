"""Whose a film is: the house that first brought or published it decides about its files."""

from pathlib import Path

from sqlalchemy.orm import Session

from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.media.errors import OtherLanguage
from elearn.media.manifest import read_manifest
from elearn.media.models import Film
from elearn.organisations.queries import is_only_house


def manifest_path(manifests: Path, key: str) -> Path:
    """Return where a film's manifest lies, or will lie."""
    return manifests / f"{key}.yaml"


def claim_film(session: Session, scope: HouseScope, key: str, *, language: str, manifests: Path) -> Film:
    """Return a house's film, which is the house's from now on if it was nobody's.

    A manifest that nobody has claimed names no house, so it goes to the only house there is. Raises `NotFound` for
    another house's film, `OtherLanguage` and `FileProblems` for what its manifest says.
    """
    path = manifest_path(manifests, key)
    film = session.get(Film, key)
    if film is None:
        if path.exists() and not is_only_house(session, scope):
            raise NotFound("film")
        values = {"key": key, "course_house_id": scope.course_house_id}
        session.execute(insert(session, Film).values(**values).on_conflict_do_nothing())
        film = session.get_one(Film, key)
    if film.course_house_id != scope.course_house_id:
        raise NotFound("film")
    if path.exists() and (spoken := read_manifest(path).value.language) != language:
        raise OtherLanguage(key, spoken)
    return film
