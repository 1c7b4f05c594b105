"""The command `elearn`: gathers each feature's commands, and holds those of the installation itself."""

import logging
import sys

import click

import elearn.background  # noqa: F401 - jobs find their handlers
from elearn.accounts.cli import accounts
from elearn.catalogue.cli import course
from elearn.config import SettingError, Settings
from elearn.core import migrations
from elearn.core.installation import Installation
from elearn.home.demo_cli import demo
from elearn.home.setup_cli import setup
from elearn.jobs.cli import jobs
from elearn.media.cli import media
from elearn.organisations.reference import load_reference_data
from elearn.personal_data.cli import data
from elearn.serving import serve_until_stopped


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Run and look after an installation. Settings come from the environment: see docs/settings.md."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        context.obj = Installation(Settings.from_environment())
    except SettingError as error:
        click.echo(f"elearn: {error}", err=True)
        sys.exit(2)


@main.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(installation: Installation) -> None:
    """Bring the tables, and the municipalities in them, up to date. Doing it again changes nothing."""
    installation.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrations.upgrade(installation.database)
    with installation.database.transaction() as session:
        count = load_reference_data(session)
    click.echo(f"The database is up to date; it knows {count} municipalities.")


@main.command()
@click.pass_obj
def serve(installation: Installation) -> None:
    """Serve the product, with its background work, until stopped."""
    sys.exit(serve_until_stopped(installation.settings))


for group in (accounts, course, media, jobs, data, demo, setup):
    main.add_command(group)
