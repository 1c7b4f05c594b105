"""The command `elearn`: gathers each feature's commands, and holds those of the installation itself."""

import importlib
import sys

import click

from elearn.config import SettingError, Settings
from elearn.core import logs
from elearn.core.installation import Installation

COMMANDS = {
    "accounts": "elearn.accounts.cli",
    "backup": "elearn.operations.cli",
    "billing": "elearn.billing.cli",
    "buyers": "elearn.organisations.cli",
    "course": "elearn.home.course_cli",
    "data": "elearn.personal_data.cli",
    "demo": "elearn.home.demo_cli",
    "jobs": "elearn.jobs.cli",
    "media": "elearn.media.cli",
    "setup": "elearn.home.setup_cli",
    "status": "elearn.operations.cli",
}
"""Each feature's commands: where the one of that name is written."""
RUN_JOBS = {"demo", "jobs", "setup"}


class Commands(click.Group):
    """Imports a command's modules when it is called: adding a film should not wait for all the others'."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names there are."""
        return sorted([*super().list_commands(ctx), *COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by its name, or None."""
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        if cmd_name in RUN_JOBS:
            importlib.import_module("elearn.background")  # jobs find their handlers
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        return command


@click.group(cls=Commands)
@click.pass_context
def main(context: click.Context) -> None:
    """Run and look after an installation. Settings come from the environment: see docs/settings.md."""
    try:
        settings = Settings.from_environment()
    except SettingError as error:
        click.echo(f"elearn: {error}", err=True)
        sys.exit(2)
    logs.set_up(settings.log)
    context.obj = Installation(settings)


@main.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(installation: Installation) -> None:
    """Bring the tables, and the municipalities in them, up to date. Doing it again changes nothing."""
    from elearn.core import migrations
    from elearn.organisations.reference import load_reference_data

    installation.settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    migrations.upgrade(installation.database)
    with installation.database.transaction() as session:
        count = load_reference_data(session)
    click.echo(f"The database is up to date; it knows {count} municipalities.")


@db.command()
@click.option("--to", "address", required=True, help="An empty PostgreSQL database: postgresql://user@host/name.")
@click.pass_obj
def move(installation: Installation, address: str) -> None:
    """Copy everything from SQLite into PostgreSQL, and check it row for row. The product must not run meanwhile."""
    from sqlalchemy.exc import OperationalError

    from elearn.core.errors import DomainError
    from elearn.operations.moving import move as move_to

    def tell(table: str, rows: int) -> None:
        click.echo(f"{table:32} {rows:>12} rows")

    try:
        rows = move_to(installation.settings.database_url, address, tell)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except OperationalError as error:
        raise click.ClickException(f"A database did not answer: {error.orig}") from error
    click.echo(f"All {rows} rows are there and the same. Now set ELEARN_DATABASE to that address, and start.")


@main.command()
@click.option("--only-web", is_flag=True, help="Without the background work: where systemd runs that beside it.")
@click.pass_obj
def serve(installation: Installation, *, only_web: bool) -> None:
    """Serve the product, with its background work, until stopped."""
    from elearn.serving import become_web, serve_until_stopped

    if only_web:
        become_web(installation.settings)
    sys.exit(serve_until_stopped(installation.settings))
