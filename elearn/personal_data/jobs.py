"""What follows a deletion, after the commit, and the nightly look at what has been kept long enough."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every
from elearn.mail import transport
from elearn.personal_data import departed, departures, erasure, retention


@handles("personal_data.forget_files")
def forget_files(installation: Installation, *, names: list[str]) -> None:
    """Delete the files of letters that are no more, and write down that somebody was deleted."""
    for name in names:
        transport.forget(installation.settings, name)
    keep_ledgers(installation)


@handles("personal_data.keep_ledgers")
def keep_ledgers(installation: Installation) -> None:
    """Write who was deleted, as hashes, and who left, beside the database and beside the backups."""
    with installation.database.reader() as session:
        people, municipalities = erasure.ledger(session), departed.ledger(session)
    for folder in (installation.settings.data, installation.settings.backups):
        erasure.keep_ledger(folder, people)
        departed.keep_ledger(folder, municipalities)


@every("personal_data.retention", timedelta(days=1))
def forget_what_is_old(installation: Installation, session: Session) -> None:
    """Delete what has been kept as long as the settings say."""
    retention.forget_what_is_old(session, installation.settings)


@every("personal_data.departures", timedelta(hours=1))
def carry_out_departures(_installation: Installation, session: Session) -> None:
    """Carry out the departures whose day has come; hourly, since days begin locally."""
    departures.carry_out_due(session)
