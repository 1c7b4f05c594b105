"""`elearn data …`."""

import click

from elearn.core.installation import Installation
from elearn.personal_data import erasure


@click.group()
def data() -> None:
    """People's data."""


@data.command("replay-erasures")
@click.pass_obj
def replay_erasures(installation: Installation) -> None:
    """Delete again whoever a restored backup has brought back. Doing it again changes nothing.

    `elearn backup restore` does this by itself: it is for databases that were put back by other means. Reads the ledger
    in the database and the file erasures.txt in the data folder: keep that file when you put an older backup back.
    """
    folder = installation.settings.data
    with installation.database.transaction() as session:
        entries = erasure.ledger(session) | erasure.ledger_in(folder)
        count = erasure.erase_again(session, installation.tokens, entries)
    click.echo(f"{count} people were deleted again.")
