"""Beginning an upload, noting what has arrived, and dropping it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.i18n import LANGUAGES
from elearn.core.scope import HouseScope
from elearn.jobs.queue import enqueue
from elearn.media.films import claim_film
from elearn.media.manifest import Id
from elearn.media.models import LIVE, FilmUpload, Packaging
from elearn.media.packagings.services import ask_packaging, refuse_while_packaging
from elearn.media.uploads.errors import BadUpload, FilmTooLarge, NoRoom, TooManyUploads, UploadUnderWay
from elearn.media.uploads.folder import UploadFolder
from elearn.organisations.models import CourseHouse

MOST_OF_A_HOUSE = 5
"""So many films may be on their way to one house at once."""
ABANDONED_AFTER = timedelta(days=3)
LONGEST_FILE_NAME_BYTES = 200
ORPHANED_AFTER_S = 3600

UPLOAD_BEGUN = audit.kind("media.upload.begun", "film", "upload", "size_bytes")
UPLOAD_WHOLE = audit.kind("media.upload.whole", "film", "upload")
UPLOAD_DROPPED = audit.kind("media.upload.dropped", "film", "upload")

_film_key = TypeAdapter(Id)


@dataclass(frozen=True)
class NewUpload:
    """What is to come: for which film, and which file."""

    film_key: str
    language: str
    """The language spoken in the film."""
    file_name: str
    size_bytes: int


def begin_upload(
    session: Session,
    scope: HouseScope,
    *,
    new: NewUpload,
    manifests: Path,
    folder: UploadFolder,
    largest_bytes: int,
) -> FilmUpload:
    """Make ready for a film's file; a film that is nobody's becomes the house's, and what failed before goes.

    Asked again for the same file before anything of it has come, this returns the upload that is there: on a bad line
    the answer to the first request may have been lost.

    Raises `BadUpload`, `FilmTooLarge`, `NotFound` (another house's film), `OtherLanguage`, `FileProblems`,
    `UploadUnderWay`, `PackagingUnderWay`, `TooManyUploads`, `NoRoom`.
    """
    _check(new, largest_bytes)
    session.execute(select(CourseHouse.id).where(CourseHouse.id == scope.course_house_id).with_for_update())
    film = claim_film(session, scope, new.film_key, language=new.language, manifests=manifests)
    refuse_while_packaging(session, film.key)
    if begun := _asked_for_before(session, scope, new, folder):
        return begun
    _refuse_too_many(session, scope, film.key)
    _remove(session, session.scalars(select(FilmUpload).where(FilmUpload.film_key == film.key)).all())
    if not folder.has_room_for(new.size_bytes):
        raise NoRoom
    now = clock.now()
    upload = FilmUpload(
        id=secrets.token_hex(16),
        film_key=film.key,
        course_house_id=scope.course_house_id,
        language=new.language,
        file_name=shown_name(new.file_name),
        size_bytes=new.size_bytes,
        begun_by_id=scope.person_id,
        begun_at=now,
        touched_at=now,
    )
    session.add(upload)
    session.flush()
    _record(session, UPLOAD_BEGUN, upload, scope.person_id, size_bytes=upload.size_bytes)
    return upload


def note_arrival(session: Session, upload_id: str, *, arrived: int) -> None:
    """Note that so much of an upload is on the disk; with its last byte the film waits to be packaged.

    Noting the same again, or for an upload that was dropped meanwhile, changes nothing.
    """
    upload = session.get(FilmUpload, upload_id, with_for_update=True)
    if upload is None or upload.whole_at is not None:
        return
    upload.touched_at = clock.now()
    if arrived < upload.size_bytes:
        return
    upload.whole_at = upload.touched_at
    _record(session, UPLOAD_WHOLE, upload, upload.begun_by_id)
    ask_packaging(session, upload=upload, by_id=upload.begun_by_id)


def drop_upload(session: Session, *, upload: FilmUpload, by: Person) -> None:
    """Give an upload up; its file goes soon after. Raises `PackagingUnderWay`: cancel that first."""
    refuse_while_packaging(session, upload.film_key)
    _record(session, UPLOAD_DROPPED, upload, by.id)
    _remove(session, [upload])


def forget_file(session: Session, upload_id: str) -> None:
    """Remove an upload whose file nobody needs any more: its row now, its file after the commit."""
    session.execute(update(Packaging).where(Packaging.upload_id == upload_id).values(upload_id=None))
    session.execute(delete(FilmUpload).where(FilmUpload.id == upload_id))
    enqueue(session, "uploads.remove_file", upload_id=upload_id)


def note_whole_ones(session: Session, folder: UploadFolder) -> None:
    """Note uploads whose last byte is on the disk though the process that wrote it died before it could say so."""
    coming = session.execute(select(FilmUpload.id, FilmUpload.size_bytes).where(FilmUpload.whole_at.is_(None))).all()
    for upload_id, size_bytes in coming:
        if folder.arrived(upload_id) >= size_bytes:
            note_arrival(session, upload_id, arrived=size_bytes)


def drop_abandoned(session: Session) -> None:
    """Remove uploads that nobody has gone on with for some days, those whose packaging failed included."""
    live = select(Packaging.upload_id).where(Packaging.state.in_(LIVE), Packaging.upload_id.is_not(None))
    abandoned = session.scalars(
        select(FilmUpload).where(FilmUpload.touched_at < clock.now() - ABANDONED_AFTER, FilmUpload.id.not_in(live))
    ).all()
    for upload in abandoned:
        _record(session, UPLOAD_DROPPED, upload, None)
    _remove(session, abandoned)


def remove_orphans(session: Session, folder: UploadFolder) -> None:
    """Remove files that have no row: their upload was dropped while bytes came, or a restored database lacks it."""
    there = folder.ids(untouched_s=ORPHANED_AFTER_S)
    for upload_id in there - set(session.scalars(select(FilmUpload.id))):
        folder.remove(upload_id)


def shown_name(file_name: str) -> str:
    """Return a file's name as it may stand in a page and in a folder, whatever the browser said."""
    name = "".join(each for each in file_name.replace("\\", "/").rsplit("/", 1)[-1] if each.isprintable()).strip(". ")
    while len(name.encode()) > LONGEST_FILE_NAME_BYTES:
        name = name[1:]  # its end says what kind of file it is
    return name or "film"


def _check(new: NewUpload, largest_bytes: int) -> None:
    try:
        _film_key.validate_python(new.film_key)
    except ValidationError:
        raise BadUpload("film") from None
    if new.language not in LANGUAGES:
        raise BadUpload("language")
    if new.size_bytes < 1:
        raise BadUpload("size")
    if new.size_bytes > largest_bytes:
        raise FilmTooLarge


def _asked_for_before(session: Session, scope: HouseScope, new: NewUpload, folder: UploadFolder) -> FilmUpload | None:
    begun = session.scalar(
        select(FilmUpload).where(
            FilmUpload.film_key == new.film_key,
            FilmUpload.begun_by_id == scope.person_id,
            FilmUpload.language == new.language,
            FilmUpload.file_name == shown_name(new.file_name),
            FilmUpload.size_bytes == new.size_bytes,
            FilmUpload.whole_at.is_(None),
        )
    )
    return begun if begun and folder.arrived(begun.id) == 0 else None


def _refuse_too_many(session: Session, scope: HouseScope, film_key: str) -> None:
    coming = session.scalars(
        select(FilmUpload.film_key).where(
            FilmUpload.course_house_id == scope.course_house_id, FilmUpload.whole_at.is_(None)
        )
    ).all()
    if film_key in coming:
        raise UploadUnderWay
    if len(coming) >= MOST_OF_A_HOUSE:
        raise TooManyUploads


def _remove(session: Session, uploads: Sequence[FilmUpload]) -> None:
    session.flush()
    for upload in uploads:
        forget_file(session, upload.id)


def _record(session: Session, kind: audit.Kind, upload: FilmUpload, actor_id: int | None, **more: int) -> None:
    audit.record(
        session,
        kind,
        actor_id=actor_id,
        course_house_id=upload.course_house_id,
        film=upload.film_key,
        upload=upload.id,
        **more,
    )
