"""A course house's films as its owner sees them: what is on its way, what lacks something, what is published."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from elearn.core.content_files import FileProblems, Loaded
from elearn.core.errors import NotFound
from elearn.core.file_rules import FileProblem
from elearn.core.scope import HouseScope
from elearn.media.checks import Lack, LackKind, lacks
from elearn.media.errors import FilmsOutOfReach
from elearn.media.manifest import Manifest, read_manifest
from elearn.media.models import Film, FilmUpload, Packaging, PackagingState, Video
from elearn.media.services import is_published_so
from elearn.media.stores.storage import MediaStore, known_missing
from elearn.organisations.queries import is_only_house


class FilmState(StrEnum):
    """How a film stands, the most pressing thing first."""

    UPLOADING = "uploading"
    WAITING = "waiting"
    """To be packaged."""
    PACKAGING = "packaging"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNREADABLE = "unreadable"
    """Its manifest cannot be taken as it is written."""
    EMPTY = "empty"
    """Nothing has come of it yet."""
    BROKEN = "broken"
    """It is published, and files of it are gone."""
    LACKING = "lacking"
    UNKNOWN = "unknown"
    """Nothing is known to be lacking, and where films lie does not answer."""
    READY = "ready"
    """It may be published, and is not."""
    CHANGED = "changed"
    """It is published as it was; what was changed since waits for the next time."""
    PUBLISHED = "published"


KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_KEY = 80
LIVE = {PackagingState.WAITING: FilmState.WAITING, PackagingState.RUNNING: FilmState.PACKAGING}
ON_ITS_WAY = (FilmState.UPLOADING, FilmState.WAITING, FilmState.PACKAGING)
ENDED = {PackagingState.FAILED: FilmState.FAILED, PackagingState.CANCELLED: FilmState.CANCELLED}


@dataclass(frozen=True)
class HouseFilm:
    """A film of a house, from all that is known of it."""

    key: str
    loaded: Loaded[Manifest] | None
    problems: list[FileProblem]
    """Why its manifest cannot be read."""
    lacks: list[Lack]
    """What it lacks to be published, as its files stand."""
    video: Video | None
    """As it is published."""
    is_current: bool
    """Whether it is published just as its files say."""
    upload: FilmUpload | None
    packaging: Packaging | None
    """The newest attempt."""
    missing_files: list[str]
    """Of what is published."""
    may_change: bool
    """False for another house's film that this house shows."""

    @property
    def manifest(self) -> Manifest | None:
        """What its files say."""
        return self.loaded.value if self.loaded else None

    @property
    def language(self) -> str | None:
        """The language spoken in it."""
        known = self.manifest or self.video or self.upload
        return known.language if known else None

    @property
    def duration_s(self) -> float | None:
        """How long it is, once that is known."""
        if self.manifest and self.manifest.duration:
            return self.manifest.duration
        return self.video.duration_ms / 1000 if self.video else None

    @property
    def state(self) -> FilmState:
        """How it stands."""
        attempt = PackagingState(self.packaging.state) if self.packaging else None
        if attempt in LIVE:
            return LIVE[attempt]
        if self.upload and self.upload.whole_at is None:
            return FilmState.UPLOADING
        if self.upload and attempt in ENDED:
            return ENDED[attempt]
        return self._state_of_files()

    @property
    def is_packaging(self) -> bool:
        """Whether it is being packaged, or waits for it."""
        return self.state in LIVE.values()

    @property
    def is_on_its_way(self) -> bool:
        """Whether bytes of it are coming, or what came is being packaged."""
        return self.state in ON_ITS_WAY

    def _state_of_files(self) -> FilmState:
        if self.video and self.missing_files:
            return FilmState.BROKEN
        if self.problems:
            return FilmState.UNREADABLE
        if self.manifest is None:
            return FilmState.PUBLISHED if self.video else FilmState.EMPTY
        if self.lacks:
            is_known = any(lack.kind is not LackKind.AWAY for lack in self.lacks)
            return FilmState.LACKING if is_known else FilmState.UNKNOWN
        if self.video is None:
            return FilmState.READY
        return FilmState.PUBLISHED if self.is_current else FilmState.CHANGED


def film_keys(session: Session, scope: HouseScope, manifests: Path, text: str = "") -> list[str]:
    """Return the ids of a house's films that hold a text, in order.

    A manifest that no house has claimed names none, so it is the only house's.
    """
    claimed = _owners(session, select(Film))
    keys = {key for key, house_id in claimed.items() if house_id == scope.course_house_id}
    keys |= set(
        session.scalars(
            select(Video.key).where(Video.course_house_id == scope.course_house_id, Video.replaced_at.is_(None))
        )
    )
    if is_only_house(session, scope):
        keys |= {path.stem for path in manifests.glob("*.yaml")} - set(claimed)
    return sorted(key for key in keys if text.lower() in key)


def house_films(
    session: Session, scope: HouseScope, keys: Sequence[str], *, manifests: Path, store: MediaStore
) -> list[HouseFilm]:
    """Return some of a house's films, by ids that `film_keys` gave."""
    house_id = scope.course_house_id
    owners = _owners(session, select(Film).where(Film.key.in_(keys)))
    videos = select(Video).where(Video.course_house_id == house_id, Video.replaced_at.is_(None), Video.key.in_(keys))
    published = {video.key: video for video in session.scalars(videos)}
    coming = select(FilmUpload).where(FilmUpload.course_house_id == house_id, FilmUpload.film_key.in_(keys))
    uploads = {upload.film_key: upload for upload in session.scalars(coming)}
    newest = select(func.max(Packaging.id)).where(Packaging.film_key.in_(keys)).group_by(Packaging.film_key)
    attempts = select(Packaging).where(Packaging.course_house_id == house_id, Packaging.id.in_(newest))
    packagings = {packaging.film_key: packaging for packaging in session.scalars(attempts)}
    return [
        _film(
            key,
            manifests / f"{key}.yaml",
            store,
            published.get(key),
            uploads.get(key),
            packagings.get(key),
            may_change=owners.get(key, house_id) == house_id,
        )
        for key in keys
    ]


def films_on_their_way(session: Session, scope: HouseScope) -> list[FilmUpload]:
    """Return the uploads of a house whose last byte has not arrived, oldest first."""
    coming = select(FilmUpload).where(
        FilmUpload.course_house_id == scope.course_house_id, FilmUpload.whole_at.is_(None)
    )
    return list(session.scalars(coming.order_by(FilmUpload.begun_at, FilmUpload.id)))


def house_film(session: Session, scope: HouseScope, key: str, *, manifests: Path, store: MediaStore) -> HouseFilm:
    """Return one film that the house may change. Raises `NotFound`."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise NotFound("no film can be called that")
    owner = session.scalar(select(Film.course_house_id).where(Film.key == key))
    is_unclaimed = owner is None and (manifests / f"{key}.yaml").is_file() and is_only_house(session, scope)
    if owner != scope.course_house_id and not is_unclaimed:
        raise NotFound("no such film")
    return house_films(session, scope, [key], manifests=manifests, store=store)[0]


def _owners(session: Session, films: Select[Film]) -> dict[str, int]:
    return {film.key: film.course_house_id for film in session.scalars(films)}


def _film(
    key: str,
    path: Path,
    store: MediaStore,
    video: Video | None,
    upload: FilmUpload | None,
    packaging: Packaging | None,
    *,
    may_change: bool,
) -> HouseFilm:
    loaded, problems, lacking, is_current = None, [], [], False
    if path.is_file() and may_change:
        try:
            loaded = read_manifest(path)
        except FileProblems as refused:
            problems = refused.problems
        else:
            lacking = lacks(loaded, store)
            with suppress(FilmsOutOfReach):
                is_current = video is not None and not lacking and is_published_so(loaded, store, video)
    missing = known_missing(store, video.package) or [] if video else []
    return HouseFilm(key, loaded, problems, lacking, video, is_current, upload, packaging, missing, may_change)
