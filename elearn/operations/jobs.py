"""A backup every day, by itself."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.long_runs import LongRun
from elearn.jobs.queue import enqueue, handles_long
from elearn.jobs.schedule import every
from elearn.operations.backups.making import make


@every("operations.daily_backup", timedelta(days=1))
def ask_for_backup(installation: Installation, session: Session) -> None:
    """Have a backup made, unless somebody else makes them."""
    if installation.settings.keep_backups:
        enqueue(session, "backup.make")


@handles_long("backup.make")
def make_backup(installation: Installation, run: LongRun) -> None:
    """Make a backup; one that failed is tried again by the queue."""
    make(installation.settings, installation.database, run.check)
