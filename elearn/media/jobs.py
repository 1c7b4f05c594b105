"""Background work of films: packaging what was uploaded, and keeping rows and files of uploads in step."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.long_runs import LongRun
from elearn.jobs.queue import handles, handles_long
from elearn.jobs.schedule import every
from elearn.media.packagings.working import package
from elearn.media.uploads.folder import open_uploads
from elearn.media.uploads.services import drop_abandoned, note_whole_ones, remove_orphans


@handles_long("media.package")
def package_film(installation: Installation, run: LongRun, *, packaging_id: int) -> None:
    """Package an uploaded film."""
    package(installation, run, packaging_id)


@handles("uploads.remove_file")
def remove_file(installation: Installation, *, upload_id: str) -> None:
    """Remove the file of an upload that was dropped or packaged."""
    open_uploads(installation.settings).remove(upload_id)


@every("uploads.note_whole_ones", timedelta(minutes=1))
def note_what_is_whole(installation: Installation, session: Session) -> None:
    """Have films packaged whose last byte arrived while the server died."""
    note_whole_ones(session, open_uploads(installation.settings))


@every("uploads.tidy", timedelta(hours=1))
def tidy_uploads(installation: Installation, session: Session) -> None:
    """Remove uploads that nobody goes on with, and files that belong to none."""
    drop_abandoned(session)
    remove_orphans(session, open_uploads(installation.settings))
