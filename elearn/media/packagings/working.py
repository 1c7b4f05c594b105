"""The worker's side of a packaging: ffmpeg at work, how far it is, and how it ended.

A packaging ends once: whoever ends it finds it running, or changes nothing. A worker that dies leaves it running; the
next one begins it anew, and finds the package when that was already whole. A worker that was only taken for dead says
nothing of what the next one works at.
"""

import errno
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from elearn.core import audit, clock
from elearn.core.content_files import FileProblems
from elearn.core.errors import Away
from elearn.core.installation import Installation
from elearn.jobs.long_runs import LongRun, Stopped
from elearn.jobs.queue import MAX_RUNS
from elearn.media import ffmpeg
from elearn.media.errors import EndsTooEarly, Fault, NotAFilm
from elearn.media.films import manifest_path
from elearn.media.models import LIVE, FilmUpload, Packaging, PackagingState
from elearn.media.packagings.services import record
from elearn.media.packagings.telling import tell_how_it_ended
from elearn.media.probe import probe
from elearn.media.services import NewFilm, add_film
from elearn.media.stores.storage import open_store
from elearn.media.uploads.folder import FULL, open_uploads, room_bytes
from elearn.media.uploads.services import forget_file

LOOK_EVERY_S = 1.0
MOST_TRIES = 5
"""So often a packaging is tried by itself when nobody knows what is wrong; what is known to pass is waited for."""

PACKAGING_DONE = audit.kind("media.packaging.done", "film", "packaging")
PACKAGING_FAILED = audit.kind("media.packaging.failed", "film", "packaging", "fault")

_log = logging.getLogger(__name__)


class Cancelled(Exception):
    """Somebody asked for the packaging to end, or it has ended elsewhere."""


@dataclass(frozen=True)
class Task:
    """What is to be packaged."""

    packaging_id: int
    film_key: str
    language: str
    upload_id: str
    file_name: str


def package(installation: Installation, run: LongRun, packaging_id: int) -> None:
    """Package an uploaded film and write its manifest, and say how that ended. What has ended before is left alone."""
    task = _begin(installation, packaging_id)
    if task is None:
        return
    if run.number >= MAX_RUNS:
        _log.error("packaging %s has taken every worker down that took it up", packaging_id)
        _end(installation, run, packaging_id, PackagingState.FAILED, Fault.OURS)
        return
    try:
        _make(installation, run, task)
    except Cancelled:
        _end(installation, run, packaging_id, PackagingState.CANCELLED)
    except (NotAFilm, EndsTooEarly) as error:
        _end(installation, run, packaging_id, PackagingState.FAILED, error.fault)
    except FileProblems:
        _end(installation, run, packaging_id, PackagingState.FAILED, Fault.MANIFEST)
    except Stopped:
        _put_back(installation, run, packaging_id)
        raise
    except Exception as error:
        if run.number < MOST_TRIES or _passes(error):
            _put_back(installation, run, packaging_id)
            raise
        _log.exception("packaging %s failed for the last time", packaging_id)
        _end(installation, run, packaging_id, PackagingState.FAILED, Fault.OURS)
    else:
        _end(installation, run, packaging_id, PackagingState.DONE)


def _passes(error: Exception) -> bool:
    """Whether something is away, or the disk full: the film waits until that is over, as long as the queue does."""
    is_full = isinstance(error, OSError) and error.errno in FULL
    return is_full or isinstance(error, Away | OperationalError | InterfaceError)


def _begin(installation: Installation, packaging_id: int) -> Task | None:
    with installation.database.transaction() as session:
        packaging = session.get(Packaging, packaging_id, with_for_update=True)
        if packaging is None or packaging.state not in LIVE:
            return None
        packaging.state, packaging.percent = PackagingState.RUNNING, 0
        upload = session.get(FilmUpload, packaging.upload_id) if packaging.upload_id else None
        if packaging.cancel_asked or upload is None:
            state = PackagingState.CANCELLED if packaging.cancel_asked else PackagingState.FAILED
            _end_in(session, packaging_id, state, None if packaging.cancel_asked else Fault.FILE_GONE)
            return None
        return Task(packaging_id, packaging.film_key, upload.language, upload.id, upload.file_name)


def _make(installation: Installation, run: LongRun, task: Task) -> None:
    settings = installation.settings
    store = open_store(settings, patient=True)
    with store.scratch() as folder:
        film = folder / task.file_name  # the name stands in the manifest, as if the file had been added by hand
        film.symlink_to(open_uploads(settings).path(task.upload_id))
        add_film(
            film,
            manifest_path=manifest_path(settings.manifests, task.film_key),
            store=store,
            new=NewFilm(language=task.language),
            watch=_Watch(installation, run, task.packaging_id, probe(film).duration_s, folder),
        )


class _Watch:
    """Notes how far a packaging is, about once a second, and ends it when it is not to go on."""

    def __init__(
        self, installation: Installation, run: LongRun, packaging_id: int, length_s: float | None, folder: Path
    ) -> None:
        self._installation, self._run, self._folder = installation, run, folder
        self._packaging_id, self._length_s = packaging_id, length_s
        self._looked_at, self._percent = 0.0, 0

    def __call__(self, done_s: float) -> None:
        """Go on, or raise `Cancelled`, `Stopped`, or `OSError` while there is still room for everything but films.

        A database that is away for a moment ends nothing.
        """
        self._run.check()
        if time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = time.monotonic()
        if room_bytes(self._folder) < 0:
            raise OSError(errno.ENOSPC, ffmpeg.NO_ROOM)
        if self._length_s:  # what comes after ffmpeg tells of no seconds
            self._percent = max(self._percent, min(99, int(done_s * 100 / self._length_s)))
        try:
            goes_on = self._note(self._percent)
        except SQLAlchemyError:
            _log.warning("how far packaging %s is could not be noted", self._packaging_id, exc_info=True)
            return
        if not goes_on:
            raise Cancelled

    def _note(self, percent: int) -> bool:
        with self._installation.database.transaction() as session:
            cancel_asked = session.scalar(
                update(Packaging)
                .where(Packaging.id == self._packaging_id, Packaging.state == PackagingState.RUNNING)
                .values(percent=percent)
                .returning(Packaging.cancel_asked)
            )
        return cancel_asked is False


def _put_back(installation: Installation, run: LongRun, packaging_id: int) -> None:
    with installation.database.transaction() as session:
        if run.has_its_job(session):
            _change(session, packaging_id, state=PackagingState.WAITING, percent=0)


def _end(
    installation: Installation, run: LongRun, packaging_id: int, state: PackagingState, fault: Fault | None = None
) -> None:
    with installation.database.transaction() as session:
        if run.has_its_job(session):
            _end_in(session, packaging_id, state, fault)


def _end_in(session: Session, packaging_id: int, state: PackagingState, fault: Fault | None) -> None:
    """End a running packaging, and write of it; only what is done needs the uploaded file no more."""
    if not _change(session, packaging_id, state=state, problem=fault, ended_at=clock.now()):
        return
    packaging = session.get_one(Packaging, packaging_id, populate_existing=True)
    if state is PackagingState.DONE:
        packaging.percent = 100
        record(session, PACKAGING_DONE, packaging, packaging.asked_by_id)
        tell_how_it_ended(session, packaging)
        if packaging.upload_id:
            forget_file(session, packaging.upload_id)
    elif state is PackagingState.FAILED:
        record(session, PACKAGING_FAILED, packaging, packaging.asked_by_id, fault=fault)
        tell_how_it_ended(session, packaging)


def _change(session: Session, packaging_id: int, **values: object) -> bool:
    session.flush()
    changed = session.execute(
        update(Packaging)
        .where(Packaging.id == packaging_id, Packaging.state == PackagingState.RUNNING)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]  # an UPDATE has one
