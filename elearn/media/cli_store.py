"""Commands for where films lie: `elearn media sync`, `verify`, `orphans`."""

import sys
import time

import click

from elearn.core.content_files import FileProblems
from elearn.core.errors import DomainError
from elearn.core.installation import Installation
from elearn.media.stores.packages import Tell
from elearn.media.stores.storage import MediaStore, open_store
from elearn.media.stores.upkeep import Named, named_packages, orphans, verify

SAID_EVERY_S = 10.0


@click.command()
@click.option("--to", "target", type=click.Choice(["s3", "local"]), required=True, help="Where the films are to be.")
@click.pass_obj
def sync(installation: Installation, target: str) -> None:
    """Bring films into the bucket, or back to this machine: what is missing there or differs.

    Nothing is removed at either end. Stopped on the way, it goes on where it was when it is run again.
    """
    settings = installation.settings
    if not settings.has_s3:
        raise click.ClickException("No bucket is named. Set ELEARN_S3_BUCKET and its keys (docs/films-on-s3.md).")
    from elearn.media.stores import syncing  # boto3 is slow to import

    moving = syncing.to_s3 if target == "s3" else syncing.to_this_machine
    packages = files = problems = 0
    try:
        for done in moving(settings, _progress):
            packages, files = packages + 1, files + done.moved
            if done.problem:
                problems += 1
                click.echo(str(done.problem), err=True)
            elif done.moved:
                click.echo(f"{done.package}: {done.moved} files brought over")
    except DomainError as error:
        raise click.ClickException(f"{error} Then run the command again: it goes on where it was.") from error
    click.echo(f"{packages} packages, {files} files brought over, {problems} problems.")
    if problems:
        sys.exit(1)


@click.command("verify")
@click.option("--deep", is_flag=True, help="Fetch every byte from the bucket, instead of believing its checksums.")
@click.pass_obj
def verify_films(installation: Installation, deep: bool) -> None:
    """Check that every film's files are there and are as they were made."""
    store, named = _store_and_named(installation)
    wrong = 0
    try:
        for found in verify(named, store, deep=deep or not installation.settings.has_s3):
            wrong += bool(found.damage)
            for damage in found.damage:
                click.echo(f"{', '.join(sorted(found.named.by))}: {found.package}/{damage}", err=True)
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(named)} packages, {wrong} damaged.")
    if wrong:
        click.echo("Where the other side is whole, `elearn media sync` mends them; else add the films again.", err=True)
        sys.exit(1)


@click.command("orphans")
@click.option("--remove", is_flag=True, help="Remove them. What is younger than a day stays.")
@click.pass_obj
def list_orphans(installation: Installation, remove: bool) -> None:
    """List packages that no manifest and no published film names, with their sizes."""
    store, named = _store_and_named(installation)
    try:
        found = orphans(named, store)
        for orphan in found:
            held = orphan.holding
            removed = remove and orphan.may_go and held.package not in _named(installation)  # named just now, perhaps
            if removed:
                store.remove(held.package)
            note = "removed" if removed else "" if orphan.may_go else "younger than a day"
            click.echo(f"{held.package} {held.files:6} files {_size(held.size):>10}  {note}".rstrip())
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(found)} packages that nothing names, {_size(sum(each.holding.size for each in found))}.")


def _store_and_named(installation: Installation) -> tuple[MediaStore, dict[str, Named]]:
    return open_store(installation.settings, patient=True), _named(installation)


def _named(installation: Installation) -> dict[str, Named]:
    try:
        with installation.database.reader() as session:
            return named_packages(session, installation.settings.manifests)
    except FileProblems as error:
        raise click.ClickException(str(error)) from error


def _progress(package: str) -> Tell:
    """Say how far a package is: in one line on a terminal, elsewhere a line now and then."""
    is_terminal = sys.stderr.isatty()
    said_at = time.monotonic()

    def tell(done: int, size: int) -> None:
        nonlocal said_at
        if is_terminal:
            end = "\r\033[K" if done >= size else ""
            click.echo(f"\r\033[K{package}: {_size(done)} of {_size(size)}{end}", nl=False, err=True)
        elif time.monotonic() - said_at >= SAID_EVERY_S:
            said_at = time.monotonic()
            click.echo(f"{package}: {_size(done)} of {_size(size)}", err=True)

    return tell


def _size(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB"
