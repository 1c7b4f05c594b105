"""Commands for films: `elearn media …`."""

import sys
import time
from pathlib import Path
from types import TracebackType

import click

from elearn.core import clock
from elearn.core.content_files import FileProblems
from elearn.core.errors import DomainError
from elearn.core.i18n import LANGUAGES
from elearn.core.installation import Installation
from elearn.media import drawing
from elearn.media.captions import Captions
from elearn.media.checks import all_captions, check_publishable
from elearn.media.cli_store import list_orphans, sync, verify_films
from elearn.media.manifest import Manifest, Statement, read_manifest, read_manifests
from elearn.media.probe import probe
from elearn.media.services import FilmAdded, NewFilm, add_film
from elearn.media.stores.storage import MediaStore, open_store

NO_ESSENTIAL_PICTURE = "The picture carries nothing essential that is not also heard or captioned."


class Refused(click.ClickException):
    """Something that the person at the keyboard can put right."""


@click.group()
def media() -> None:
    """Films: draw the sample films, add films, see how they are doing."""


@media.command()
@click.argument("film", type=click.Path(path_type=Path))
@click.option("--id", "film_id", help="The film's id in media_manifest/; by default the file's name.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="The language spoken; needed for a new film.")
@click.option("--captions", "captions", multiple=True, metavar="da=FILE", help="A .vtt or .srt file; may be repeated.")
@click.option("--statement-by", metavar="NAME", help="Who states that the picture carries nothing essential.")
@click.option("--statement", metavar="TEXT", help="The statement, when its usual words do not fit.")
@click.pass_obj
def add(
    installation: Installation,
    film: Path,
    film_id: str | None,
    language: str | None,
    captions: tuple[str, ...],
    statement_by: str | None,
    statement: str | None,
) -> None:
    """Package FILM for browsers and write its manifest. Doing it again changes nothing."""
    settings = installation.settings
    film_id = film_id or film.stem.lower().replace("_", "-").replace(" ", "-")
    new = NewFilm(language, _caption_files(captions), _statement(statement_by, statement))
    try:
        with Progress(film_id, _length_of(film)) as progress:
            added = add_film(
                film,
                manifest_path=settings.manifests / f"{film_id}.yaml",
                store=open_store(settings, patient=True),
                new=new,
                watch=progress.show,
            )
    except DomainError as error:
        raise Refused(str(error)) from error
    _say_added(added, open_store(settings, patient=True))


@media.command()
@click.argument("films", nargs=-1, metavar="[ID]...")
@click.pass_obj
def draw(installation: Installation, films: tuple[str, ...]) -> None:
    """Draw the films that are kept as drawings under courses/*/films; all of them, or those named."""
    files = [
        file for file in drawing.film_files(installation.settings.courses) if not films or file.parent.name in films
    ]
    if not files:
        raise Refused("There are no drawings for such a film under courses/*/films.")
    for file in files:
        try:
            with Progress(file.parent.name, drawing.read_film(file).value.duration_s) as progress:
                drawn = drawing.draw_film(file, installation.settings.data / "films", progress.show)
        except DomainError as error:
            raise Refused(str(error)) from error
        click.echo(f"{file.parent.name}: {'drawn' if drawn.made else 'was drawn before'}, {drawn.path}")


@media.command("list")
@click.pass_obj
def list_films(installation: Installation) -> None:
    """List the films of media_manifest/ and how they are doing."""
    try:
        manifests = read_manifests(installation.settings.manifests)
    except FileProblems as error:
        raise Refused(str(error)) from error
    store = open_store(installation.settings, patient=True)
    for film_id, loaded in sorted(manifests.items()):
        lacks = check_publishable(loaded, store)
        click.echo(f"{film_id:32} {_size(loaded.value):>24}  {'ready' if not lacks else 'not ready'}")
        for lack in lacks:
            click.echo(f"    {lack}")


@media.command()
@click.argument("film_id", metavar="ID")
@click.pass_obj
def check(installation: Installation, film_id: str) -> None:
    """Check one film: its manifest, package and captions, and whether it may be published."""
    try:
        loaded = read_manifest(installation.settings.manifests / f"{film_id}.yaml")
        found = all_captions(loaded)
    except FileProblems as error:
        raise Refused(str(error)) from error
    click.echo(f"{film_id}: {_size(loaded.value)}")
    for language, captions in found.items():
        _say_captions(language, captions, loaded.value.duration)
    lacks = check_publishable(loaded, open_store(installation.settings, patient=True))
    for lack in lacks:
        click.echo(lack, err=True)
    if lacks:
        sys.exit(1)
    click.echo("It may be published.")


for command in (sync, verify_films, list_orphans):
    media.add_command(command)


class Progress:
    """Says how far a film is: one line that is written over on a terminal, elsewhere a line at the end only."""

    def __init__(self, name: str, length_s: float | None) -> None:
        self._name = name
        self._length_s = length_s
        self._began = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._told = False

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._told and self._is_terminal:
            click.echo("\r\033[K", nl=False, err=True)
        elif self._told and kind is None:
            click.echo(f"{self._name}: done after {time.monotonic() - self._began:.1f} s", err=True)

    def show(self, done_s: float) -> None:
        """Tell that so many seconds of film are done; before the first there is nothing to tell."""
        if not done_s:
            return
        if not self._told and not self._is_terminal:
            click.echo(f"{self._name}: working …", err=True)
        self._told = True
        if self._is_terminal:
            click.echo(f"\r\033[K{self._name}: {self._so_far(done_s)}", nl=False, err=True)

    def _so_far(self, done_s: float) -> str:
        if not self._length_s:
            return f"{done_s:.0f} s of film done"
        share = min(1.0, done_s / self._length_s)
        taken = time.monotonic() - self._began
        left = f", about {taken / share - taken:.0f} s left" if share > 0.02 else ""
        return f"{share:4.0%}{left}"


def _caption_files(given: tuple[str, ...]) -> dict[str, Path]:
    files = {}
    for one in given:
        language, _, name = one.partition("=")
        if language not in LANGUAGES or not name:
            raise click.BadParameter(f"'{one}' is not understood. Write --captions da=FILE.")
        files[language] = Path(name)
    return files


def _statement(by: str | None, text: str | None) -> Statement | None:
    if by is None:
        if text is not None:
            raise click.BadParameter("A statement needs a name: --statement-by NAME.")
        return None
    return Statement(by=by, on=clock.today("DK"), text=text or NO_ESSENTIAL_PICTURE)


def _length_of(film: Path) -> float | None:
    try:
        return probe(film).duration_s
    except DomainError:
        return None  # what is wrong with it is said when it is added


def _say_added(added: FilmAdded, store: MediaStore) -> None:
    film = added.manifest.value
    what = "packaged" if added.made else "was packaged before"
    click.echo(f"{film.id}: {what}, {_size(film)}; {'manifest written' if added.written else 'nothing changed'}")
    for language, captions in added.captions.items():
        _say_captions(language, captions, film.duration)
    for lack in check_publishable(added.manifest, store):
        click.echo(f"To be published: {lack}")


def _say_captions(language: str, captions: Captions, duration_s: float | None) -> None:
    share = f" over {captions.covered_s() / duration_s:.0%} of the film" if duration_s else ""
    click.echo(f"{LANGUAGES[language]}: {len(captions.cues)} captions{share}")
    for warning in captions.warnings:
        click.echo(f"  {warning}")


def _size(film: Manifest) -> str:
    if film.duration is None:
        return "not packaged"
    sizes = "+".join(str(min(r.height, r.width)) for r in film.renditions)
    return f"{film.duration:.1f} s, {sizes}"
