"""`elearn buyers …`."""

import click
from sqlalchemy import select

from elearn.accounts import addresses
from elearn.accounts.models import EmailAddress
from elearn.core.installation import Installation
from elearn.organisations.models import Membership, Municipality, Role
from elearn.organisations.services import end_role


@click.group()
def buyers() -> None:
    """Who buys for a municipality."""


@buyers.command()
@click.argument("address")
@click.pass_obj
def end(installation: Installation, address: str) -> None:
    """End the role of the buyer who has ADDRESS, where they can no longer hand over and nobody else buys.

    The course house then adds the next buyer on the municipality's page. Ask the municipality first: it stands in the
    trail.
    """
    with installation.database.transaction() as session:
        found = session.execute(
            select(Membership.id, Municipality)
            .join(Municipality, Municipality.id == Membership.municipality_id)
            .join(EmailAddress, EmailAddress.person_id == Membership.person_id)
            .where(EmailAddress.normalised == addresses.normalise(address))
            .where(Membership.role == Role.BUYER, Membership.ended_at.is_(None))
        ).all()
        if not found:
            raise click.ClickException(f"'{address}' buys for nobody. Check the spelling.")
        for membership_id, municipality in found:
            end_role(session, municipality=municipality, membership_id=membership_id, by_id=None, may_be_last=True)
            click.echo(f"{address} no longer buys for {municipality.official_name}.")
