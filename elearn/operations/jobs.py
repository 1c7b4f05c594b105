"""A backup every day, and a look every hour at whether somebody has to be told of trouble."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.long_runs import LongRun
from elearn.jobs.queue import enqueue, handles_long
from elearn.jobs.schedule import every
from elearn.operations import alerts
from elearn.operations.backups.making import make


@every("operations.daily_backup", timedelta(days=1))
def ask_for_backup(installation: Installation, session: Session) -> None:
    """Have a backup made, unless somebody else makes them."""
    if installation.settings.keep_backups:
        enqueue(session, "backup.make")


@every("operations.alerts", timedelta(hours=1))
def look_after_alerts(installation: Installation, session: Session) -> None:
    """Mail the installation's operator what is new, where one is named."""
    if installation.settings.alerts_to:
        alerts.look_after(session, installation.settings)


@handles_long("backup.make")
def make_backup(installation: Installation, run: LongRun) -> None:
    """Make a backup; one that failed is tried again by the queue."""
    make(installation.settings, installation.database, run.check)
