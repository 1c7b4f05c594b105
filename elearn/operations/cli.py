"""`elearn backup …` and `elearn status`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from elearn.config import Settings
from elearn.core.errors import DomainError
from elearn.core.i18n import speaking
from elearn.core.installation import Installation
from elearn.operations import alerts, emails
from elearn.operations.backups import drill as drilling
from elearn.operations.backups import making, restoring, sealing
from elearn.operations.backups.folder import NEWEST, Backups
from elearn.operations.errors import OnlyPublicHalf
from elearn.operations.state import state_of

key_option = click.option(
    "--key", "key_file", type=click.Path(path_type=Path), help="The file with the key; else ELEARN_BACKUP_KEY's."
)

WITHOUT_ALL_FILMS = 3
"""Exit code: the backup is there, but films are damaged or missing. deploy/install goes on then."""

ONLY_CHECKED = 4
"""Exit code: every byte of the backup is right; what opens it is elsewhere. elearn-drill.service takes it for well."""


@click.group()
def backup() -> None:
    """Backups (docs/backup.md)."""


@contextmanager
def saying_refusals() -> Iterator[None]:
    """Say a refusal in its own words."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(str(error)) from error


@backup.command()
@click.pass_obj
def make(installation: Installation) -> None:
    """Make a backup now, while the product runs, and remove the oldest."""
    with saying_refusals():
        made = making.make(installation.settings, installation.database)
    about, where = made.about, installation.settings.backups / made.name
    films = f"the films stay in the bucket {about.bucket}" if about.bucket else f"{len(about.films)} films"
    sealed = "encrypted" if about.suffix else "not encrypted"
    click.echo(f"{where}: {sum(about.rows.values())} rows, {films}, {sealed}.")
    if made.pruned:
        click.echo(f"Removed: {', '.join(made.pruned)}.")
    for lack in about.lacking:
        click.echo(f"Not taken: {lack}.", err=True)
    if about.lacking:
        sys.exit(WITHOUT_ALL_FILMS)


@backup.command("list")
@click.pass_obj
def list_backups(installation: Installation) -> None:
    """List the backups, the oldest first, when practising last went well, and whether it has failed since."""
    backups = Backups(installation.settings.backups)
    for name in backups.names():
        try:
            about = backups.about(name)
        except DomainError as error:
            click.echo(f"{name}  {error}")
            continue
        click.echo(f"{name}  {about.engine}, {sum(about.rows.values())} rows, {len(about.films)} films")
    last = backups.last_drill()
    click.echo(f"Last drill: {last.at:%Y-%m-%d %H:%M} UTC, {last.backup}." if last else "No drill went well yet.")
    if failed := backups.failed_drill():
        click.echo(f"It failed since: {failed.at:%Y-%m-%d %H:%M} UTC, {failed.backup}.")


@backup.command()
@click.argument("file", type=click.Path(path_type=Path))
def key(file: Path) -> None:
    """Make a key to encrypt backups to, in FILE. Keep a copy of it elsewhere: nothing opens them without it."""
    try:
        with saying_refusals():
            made = sealing.make_key(file)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"The key is in {file}. Its public half, for a server that may only make backups: {made.recipient}")


@backup.command()
@click.argument("name", default=NEWEST)
@click.option("--replace", is_flag=True, help="Put it in the place of what is there, which is then lost.")
@click.option("--without-damaged-films", is_flag=True, help="Leave out files of films that are damaged in it.")
@key_option
def restore(name: str, replace: bool, without_damaged_films: bool, key_file: Path | None) -> None:
    """Put a backup (the newest, or that of NAME) into this installation."""
    with saying_refusals():
        done = restoring.restore(
            Settings.from_environment,
            name,
            key_file=key_file,
            replace=replace,
            without_damaged_films=without_damaged_films,
        )
    click.echo(
        f"The backup is back. {done.erased} people were deleted again, {done.departed} municipalities left again, "
        f"{done.signed_out} sign-ins were ended, {done.receipts} answers to feedback forms are asked for again."
    )
    for house, number in done.next_numbers:
        click.echo(
            f"The next invoice of {house} gets the number {number}. If invoices with it or later numbers were sent, "
            "say the last before you start the product: elearn billing numbers --after NUMBER."
        )
    for left_out in done.left_out:
        click.echo(f"Not put back: {left_out}. Add it again from the original.", err=True)
    click.echo("Look in docs/backup.md for what to look after now: invoices, withdrawn invitations and keys.")


@backup.command()
@key_option
@click.pass_obj
def drill(installation: Installation, key_file: Path | None) -> None:
    """Practise: put the newest backup into a scratch place and check it. Nothing of the installation changes."""
    with saying_refusals():
        try:
            done = drilling.drill(installation.settings, key_file=key_file)
        except OnlyPublicHalf:
            click.echo(
                "Every byte of the newest backup is as it was written. It was not put back: this server has only the "
                "public half of its key. Practise where the other half is."
            )
            sys.exit(ONLY_CHECKED)
    click.echo(
        f"{done.name} can be put back: {done.rows} rows, {done.films} films, {done.certificates} certificates verify."
    )


@click.command()
@click.option("--alert", is_flag=True, help="Say nothing; mail ELEARN_ALERTS_TO, once, when no worker takes work.")
@click.pass_obj
def status(installation: Installation, *, alert: bool) -> None:
    """Say what has to be looked after, as the owner's page does; then the exit code is 1 (docs/running.md)."""
    if alert:
        alerts.tell_without_worker(installation)
        return
    with installation.database.reader() as session:
        troubles = sorted(state_of(session, installation.settings).troubles)
    with speaking("en"):
        for what, cure in (emails.THERE_IS[trouble] for trouble in troubles):
            click.echo(f"{str(what).capitalize()}. {cure}")
    if troubles:
        sys.exit(1)
    click.echo("All is well.")
