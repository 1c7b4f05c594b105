"""What is under way with a house's films: coming, waiting, being packaged, done or failed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.core.scope import HouseScope
from elearn.media.errors import Fault
from elearn.media.models import FilmUpload, Packaging, PackagingState
from elearn.media.packagings.services import AGAIN
from elearn.media.uploads.folder import UploadFolder


class WorkState(StrEnum):
    """How far a film's file is on its way to a package."""

    COMING = "coming"
    """Its bytes are being uploaded, or their sender went away and may go on."""
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class FilmWork:
    """The newest thing that was done, or is being done, with a film's file."""

    film_key: str
    state: WorkState
    percent: int
    """Of the bytes while they come, of the film while it is packaged."""
    upload_id: str | None
    """None once the uploaded file is gone: packaged, given up, or left for three days."""
    packaging_id: int | None
    """None while bytes come."""
    file_name: str | None
    arrived_bytes: int
    size_bytes: int
    """Both 0 when the uploaded file is gone."""
    fault: Fault | None
    """Why it failed; `packagings.faults.sentence` tells it to people."""
    is_cancelling: bool
    since: datetime

    @property
    def may_retry(self) -> bool:
        """Whether the uploaded file can be packaged once more."""
        return self.upload_id is not None and self.state in (WorkState(state) for state in AGAIN)

    @property
    def is_under_way(self) -> bool:
        """Whether a page that shows it should look again soon."""
        return self.state in (WorkState.COMING, WorkState.WAITING, WorkState.RUNNING)


def film_work(session: Session, scope: HouseScope, film_key: str, folder: UploadFolder) -> FilmWork | None:
    """Return what is under way with one of a house's films, or None when nothing ever was."""
    return next((work for work in works(session, scope, folder, film_key) if work.film_key == film_key), None)


def works(session: Session, scope: HouseScope, folder: UploadFolder, film_key: str | None = None) -> list[FilmWork]:
    """Return what is under way with a house's films, by their keys; of each film the newest."""
    uploads = select(FilmUpload).where(FilmUpload.course_house_id == scope.course_house_id)
    newest = select(func.max(Packaging.id)).where(Packaging.course_house_id == scope.course_house_id)
    if film_key is not None:
        uploads, newest = uploads.where(FilmUpload.film_key == film_key), newest.where(Packaging.film_key == film_key)
    files = {upload.id: upload for upload in session.scalars(uploads)}
    packagings = session.scalars(select(Packaging).where(Packaging.id.in_(newest.group_by(Packaging.film_key))))
    found = {each.film_key: _packaged(each, files.get(each.upload_id or "")) for each in packagings}
    found |= {each.film_key: _coming(each, folder) for each in files.values() if each.whole_at is None}
    return sorted(found.values(), key=lambda work: work.film_key)


def _coming(upload: FilmUpload, folder: UploadFolder) -> FilmWork:
    arrived = folder.arrived(upload.id)
    return FilmWork(
        film_key=upload.film_key,
        state=WorkState.COMING,
        percent=arrived * 100 // upload.size_bytes,
        upload_id=upload.id,
        packaging_id=None,
        file_name=upload.file_name,
        arrived_bytes=arrived,
        size_bytes=upload.size_bytes,
        fault=None,
        is_cancelling=False,
        since=upload.begun_at,
    )


def _packaged(packaging: Packaging, upload: FilmUpload | None) -> FilmWork:
    size = upload.size_bytes if upload else 0
    return FilmWork(
        film_key=packaging.film_key,
        state=WorkState(packaging.state),
        percent=packaging.percent,
        upload_id=packaging.upload_id,
        packaging_id=packaging.id,
        file_name=upload.file_name if upload else None,
        arrived_bytes=size,
        size_bytes=size,
        fault=Fault(packaging.problem) if packaging.problem else None,
        is_cancelling=packaging.cancel_asked and packaging.state == PackagingState.RUNNING,
        since=packaging.asked_at,
    )
