"""Changing what is written about a film, from the browser: the same files and the same checks as by hand.

Whoever saves names the state they looked at; when somebody else has written meanwhile, nothing is changed.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.media import manifest_parts, manifest_text
from elearn.media.captions import Captions, read_captions
from elearn.media.checks import CAPTIONS_FOLDER
from elearn.media.errors import ChangedMeanwhile
from elearn.media.manifest import Chapter, Described, Manifest, Passage, read_manifest
from elearn.media.models import Film
from elearn.media.services import caption_name, check_text

FILM_CHANGED = audit.kind("media.film.changed", "film", "part")


@dataclass(frozen=True)
class FilmDesk:
    """A film whose files somebody is about to change, and the state of them that this somebody looked at."""

    scope: HouseScope
    manifest: Path
    state: str

    @property
    def key(self) -> str:
        """The film's id."""
        return self.manifest.stem

    def captions(self, language: str) -> Path:
        """Return where captions written in the browser are kept."""
        return self.manifest.parent / CAPTIONS_FOLDER / caption_name(self.key, language)


def file_state(manifest: Path) -> str:
    """Return a word that changes when anything does that is written about a film."""
    found = hashlib.sha256()
    with suppress(FileNotFoundError):
        found.update(manifest.read_bytes())
    for captions in sorted((manifest.parent / CAPTIONS_FOLDER).glob(f"{manifest.stem}.??.vtt")):
        found.update(captions.name.encode() + captions.read_bytes())
    return found.hexdigest()[:20]


def change_chapters(session: Session, *, desk: FilmDesk, chapters: Sequence[Chapter]) -> None:
    """Write a film's chapters. Raises `ChangedMeanwhile`, `FileProblems`."""
    _rewrite(session, desk, "chapters", lambda text: manifest_parts.with_chapters(text, chapters))


def change_passages(session: Session, *, desk: FilmDesk, passages: Sequence[Passage]) -> None:
    """Write the parts of a film that may be skipped. Raises `ChangedMeanwhile`, `FileProblems`."""
    _rewrite(session, desk, "passages", lambda text: manifest_parts.with_passages(text, passages))


def change_poster(session: Session, *, desk: FilmDesk, poster_s: float) -> None:
    """Write where a film's still picture is taken. Raises `ChangedMeanwhile`, `FileProblems`."""
    _rewrite(session, desk, "poster", lambda text: manifest_parts.with_poster(text, poster_s))


def change_described(session: Session, *, desk: FilmDesk, described: Described) -> None:
    """Write how a film's picture is put into words. Raises `ChangedMeanwhile`, `FileProblems`."""
    _rewrite(session, desk, "described", lambda text: manifest_parts.with_described(text, described))


def put_captions(session: Session, *, desk: FilmDesk, language: str, file_name: str, content: bytes) -> Captions:
    """Take a caption file in a language, in the place of what was there. Raises `ChangedMeanwhile`, `FileProblems`."""
    manifest = read_manifest(desk.manifest).value
    captions = check_captions(file_name, content, manifest)
    with manifest_text.alone_with(desk.manifest.parent):
        _refuse_if_changed(desk)
        text = manifest_text.with_captions(_text(desk), {language: caption_name(desk.key, language)})
        check_text(desk.manifest, text)
        _record(session, desk, f"captions {language}")
        manifest_text.write_atomically(desk.captions(language), captions.as_vtt())
        manifest_text.write_atomically(desk.manifest, text)
    return captions


def remove_captions(session: Session, *, desk: FilmDesk, language: str) -> None:
    """Take a film's captions in a language away. Raises `ChangedMeanwhile`."""
    _rewrite(
        session,
        desk,
        f"captions {language}",
        lambda text: manifest_parts.without_captions(text, language),
        no_longer_named=desk.captions(language),
    )


def check_captions(file_name: str, content: bytes, film: Manifest) -> Captions:
    """Return what a caption file from somewhere says, checked against the film's length. Raises `FileProblems`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"captions{'.srt' if file_name.lower().endswith('.srt') else '.vtt'}"
        path.write_bytes(content)
        return read_captions(path, film.duration)


def own_film(session: Session, *, scope: HouseScope, key: str, may_claim: bool) -> None:
    """Make sure that a film's files are the house's to change; `may_claim`: also those that are nobody's yet.

    The film's row is locked, so that two who save at once wait in line. Raises `NotFound`.
    """
    if may_claim:
        mine = {"key": key, "course_house_id": scope.course_house_id}
        session.execute(insert(session, Film).values(**mine).on_conflict_do_nothing())
    film = session.scalar(select(Film).where(Film.key == key).with_for_update())
    if film is None or film.course_house_id != scope.course_house_id:
        raise NotFound("no such film")


def _rewrite(
    session: Session,
    desk: FilmDesk,
    part: str,
    rewrite: Callable[[str], str],
    no_longer_named: Path | None = None,
) -> None:
    with manifest_text.alone_with(desk.manifest.parent):
        _refuse_if_changed(desk)
        before = _text(desk)
        text = rewrite(before)
        if text == before:
            return
        check_text(desk.manifest, text)
        _record(session, desk, part)
        manifest_text.write_atomically(desk.manifest, text)
        if no_longer_named:
            no_longer_named.unlink(missing_ok=True)


def _refuse_if_changed(desk: FilmDesk) -> None:
    if desk.state != file_state(desk.manifest):
        raise ChangedMeanwhile(desk.key)


def _text(desk: FilmDesk) -> str:
    return desk.manifest.read_text(encoding="utf-8")


def _record(session: Session, desk: FilmDesk, part: str) -> None:
    """Note the change first: what the trail refuses is not written."""
    scope = desk.scope
    audit.record(
        session,
        FILM_CHANGED,
        actor_id=scope.person_id,
        course_house_id=scope.course_house_id,
        film=desk.key,
        part=part,
    )
    session.flush()
