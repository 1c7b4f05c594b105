"""What follows a deletion, after the commit."""

from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.mail import transport
from elearn.personal_data import erasure


@handles("personal_data.forget_files")
def forget_files(installation: Installation, *, names: list[str]) -> None:
    """Delete the files of letters that are no more, and write the ledger beside the database."""
    for name in names:
        transport.forget(installation.settings, name)
    with installation.database.reader() as session:
        entries = erasure.ledger(session)
    erasure.keep_ledger(installation.settings.data, entries)
