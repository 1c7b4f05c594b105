"""What follows a deletion, after the commit, and the nightly look at what has been kept long enough."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every
from elearn.mail import transport
from elearn.personal_data import departures, erasure, retention


@handles("personal_data.forget_files")
def forget_files(installation: Installation, *, names: list[str]) -> None:
    """Delete the files of letters that are no more, and write the ledger beside the database and the backups."""
    for name in names:
        transport.forget(installation.settings, name)
    with installation.database.reader() as session:
        entries = erasure.ledger(session)
    for folder in (installation.settings.data, installation.settings.backups):
        erasure.keep_ledger(folder, entries)


@every("personal_data.retention", timedelta(days=1))
def forget_what_is_old(installation: Installation, session: Session) -> None:
    """Delete what has been kept as long as the settings say."""
    retention.forget_what_is_old(session, installation.settings)


@every("personal_data.departures", timedelta(hours=1))
def carry_out_departures(_installation: Installation, session: Session) -> None:
    """Carry out the departures whose day has come; hourly, since days begin locally."""
    departures.carry_out_due(session)
