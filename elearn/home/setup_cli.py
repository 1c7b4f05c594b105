"""`elearn setup`: the first steps of a real installation."""

import os

import click

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.services import find_or_add_person, send_link
from elearn.config import SettingError, Settings, keep_settings
from elearn.core import migrations
from elearn.core.i18n import LANGUAGES
from elearn.core.installation import Installation
from elearn.jobs.queue import run_due
from elearn.organisations.reference import load_reference_data
from elearn.organisations.services import add_house, make_owner


@click.command()
@click.option("--house", prompt="Name of the course house", help="As it stands on pages and certificates.")
@click.option("--slug", prompt="Short name for addresses (a-z, 0-9, -)", help="For example kursushuset.")
@click.option("--country", prompt="Country", type=click.Choice(["DK", "NO"]), help="Where the house is registered.")
@click.option("--owner-name", prompt="Your name", help="The first owner.")
@click.option("--owner-email", prompt="Your email address", help="Gets the first sign-in link.")
@click.option(
    "--public-url",
    prompt="Public address (https://…)",
    envvar="ELEARN_PUBLIC_URL",
    show_envvar=True,
    help="The address people will open.",
)
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="da", show_default=True)
@click.pass_obj
def setup(
    installation: Installation,
    house: str,
    slug: str,
    country: str,
    owner_name: str,
    owner_email: str,
    public_url: str,
    language: str,
) -> None:
    """Make the database, the course house and its first owner, and mail the owner a link to sign in.

    The public address and the house's name are kept in settings.env in the data folder. Running it again adds what
    lacks and sends a new link.
    """
    installation = _with_kept_settings(installation, ELEARN_PUBLIC_URL=public_url, ELEARN_NAME=house)
    migrations.upgrade(installation.database)
    with installation.database.transaction() as session:
        load_reference_data(session)
        try:
            person, _email = find_or_add_person(session, address=owner_email, name=owner_name, language=language)
        except NotAnAddress as error:
            raise click.ClickException(f"'{owner_email}' is no email address. Write name@example.dk.") from error
        owned = add_house(session, slug=slug, name=house, country=country, email=owner_email)
        make_owner(session, person=person, house=owned)
        send_link(session, installation.tokens, address=owner_email, next_path="/owner", house=house)
    run_due(installation)
    where = installation.settings.mail_folder if installation.settings.mail_url == "file:" else owner_email
    click.echo(
        f"Ready. A link to sign in was sent: {where}. Start the product with `elearn serve`; where it runs, restart it."
    )
    click.echo("Before the owner's pages open you will be asked to add a passkey or an authenticator app.")


def _with_kept_settings(installation: Installation, **values: str) -> Installation:
    """Keep settings for the next start, and go on under them."""
    try:
        Settings.from_environment({**os.environ, **values})
    except SettingError as error:
        raise click.ClickException(str(error)) from error
    installation.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep_settings(installation.settings.data, values)
    return Installation(Settings.from_environment())
