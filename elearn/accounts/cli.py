"""`elearn accounts …`."""

import click
from sqlalchemy import select

from elearn.accounts import addresses, factors
from elearn.accounts.models import EmailAddress
from elearn.core.installation import Installation


@click.group()
def accounts() -> None:
    """People and how they sign in."""


@accounts.command("reset-second-factor")
@click.argument("address")
@click.pass_obj
def reset_second_factor(installation: Installation, address: str) -> None:
    """Take away the passkeys and the authenticator app of whoever has ADDRESS and has lost them.

    Make sure first that it is really them who ask. They are signed out everywhere and told by mail; the mailed link
    signs them in again, and an owner then adds a new passkey or app before anything else. It stands in the trail.
    """
    with installation.database.transaction() as session:
        email = session.scalar(select(EmailAddress).where(EmailAddress.normalised == addresses.normalise(address)))
        if email is None:
            raise click.ClickException(f"Nobody has the address '{address}'. Check the spelling.")
        had = factors.reset(session, email.person, house=installation.settings.name)
    click.echo(f"{had} taken away. {address} signs in by mailed link and can add a new one.")
