"""`elearn course …`: check, publish and list courses, with their feedback forms."""

from collections.abc import Sequence
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.catalogue.course_checks import STRUCTURE, course_folders
from elearn.catalogue.errors import CourseNotReady
from elearn.catalogue.models import Course, CourseVersion
from elearn.core.content_files import shown_path
from elearn.core.errors import DomainError
from elearn.core.installation import Installation
from elearn.feedback.services.publishing import PublishedForm
from elearn.home.publishing import CheckedFolder, check_folder, publish_folder
from elearn.media.errors import NewFilmHasOtherLength
from elearn.media.services import FilmChoice
from elearn.media.stores.storage import open_store
from elearn.organisations.models import CourseHouse

_CHOICES = " or ".join(f"--film-progress {choice}" for choice in FilmChoice)
ALL = ""
_FOR_ONE = f"--film-progress FILM={FilmChoice.KEEP}"


@click.group()
def course() -> None:
    """Courses as files (docs/course-files.md)."""


@course.command()
@click.argument("slug")
@click.pass_obj
def check(installation: Installation, slug: str) -> None:
    """Check the files of a course, or of `all`, and say what to write instead."""
    folders = _folders(installation, slug)
    checked = [_checked(installation, folder) for folder in folders]
    for found in checked:
        if found:
            for warning in found.warnings:
                click.echo(f"Note: {warning}", err=True)
            parts = [_counted(len(found.course.course.modules), "module")]
            parts += [_counted(len(found.forms.files), "form")] if found.forms.files else []
            click.echo(f"{found.course.course.id}: {', '.join(parts)}, fit to publish.")
    _end(all(checked))


@course.command()
@click.argument("slug")
@click.option("--house", help="The course house that publishes; needed when there are several.")
@click.option(
    "--film-progress",
    multiple=True,
    metavar="[FILM=]keep|start-over",
    callback=lambda _context, _option, said: _film_choices(said),
    help="When new films have other lengths: keep what people have seen of the old ones, or let them start over; "
    "FILM= says it of one film, and goes before what is said of all.",
)
@click.pass_obj
def publish(installation: Installation, slug: str, house: str | None, film_progress: dict[str, FilmChoice]) -> None:
    """Publish a course, or `all`; what is published already in the same words is left alone."""
    checked = [_checked(installation, folder) for folder in _folders(installation, slug)]
    if all(checked):
        _refuse_unknown(film_progress, {film for found in checked if found for film in found.course.films})
    done = [found is not None and _published(installation, found, house, film_progress) for found in checked]
    _end(all(done))


@course.command("list")
@click.pass_obj
def list_courses(installation: Installation) -> None:
    """List the published courses with their house, version and day."""
    with installation.database.reader() as session:
        rows = session.execute(
            select(Course.slug, CourseHouse.slug.label("house"), CourseVersion.number, CourseVersion.published_at)
            .join(CourseVersion, Course.current_version_id == CourseVersion.id)
            .join(CourseHouse, Course.course_house_id == CourseHouse.id)
            .order_by(Course.slug)
        ).all()
    for row in rows:
        click.echo(f"{row.slug}  {row.house}  version {row.number}  {row.published_at:%Y-%m-%d %H:%M} UTC")
    if not rows:
        click.echo("No course is published yet. Publish one with `elearn course publish SLUG`.")


def _folders(installation: Installation, slug: str) -> list[Path]:
    courses = installation.settings.courses
    found = course_folders(courses)
    if slug == "all":
        if not found:
            raise click.ClickException(f"There is no course in {shown_path(courses)}. Write one: docs/course-files.md.")
        return found
    if slug not in [folder.name for folder in found]:
        known = ", ".join(folder.name for folder in found) or "none"
        raise click.ClickException(f"There is no {shown_path(courses)}/{slug}/{STRUCTURE}. Courses there: {known}.")
    return [courses / slug]


def _checked(installation: Installation, folder: Path) -> CheckedFolder | None:
    try:
        return check_folder(folder, installation.settings.manifests, open_store(installation.settings, patient=True))
    except CourseNotReady as refused:
        click.echo("\n".join(refused.sentences()), err=True)
        return None


def _film_choices(said: Sequence[str]) -> dict[str, FilmChoice]:
    """Return what is said of films, by their ids; under ALL what is said of the others."""
    found = {}
    for each in said:
        film, _equals, choice = each.rpartition("=")
        if choice not in list(FilmChoice):
            raise click.BadParameter(f"'{each}' is not one of {', '.join(FilmChoice)}, nor FILM= and one of them.")
        found[film or ALL] = FilmChoice(choice)
    return found


def _refuse_unknown(said: dict[str, FilmChoice], films: set[str]) -> None:
    if unknown := said.keys() - films - {ALL}:
        known = ", ".join(sorted(films)) or "none"
        raise click.ClickException(f"There is no film {', '.join(sorted(unknown))}. Films here: {known}.")


def _published(
    installation: Installation, found: CheckedFolder, house: str | None, said: dict[str, FilmChoice]
) -> bool:
    slug = found.course.course.id
    choices = {film: said[key] for film in found.course.films for key in (ALL, film) if key in said}
    try:
        with installation.database.transaction() as session:
            done = publish_folder(
                session,
                house=_house(session, slug, house),
                checked=found,
                store=open_store(installation.settings, patient=True),
                by=None,
                film_choices=choices,
            )
            number = done.version.number
    except NewFilmHasOtherLength as refused:
        click.echo(f"{slug}: {refused} Add {_CHOICES}, or for one film {_FOR_ONE}.", err=True)
        return False
    except DomainError as refused:
        click.echo(f"{slug}: {refused}", err=True)
        return False
    click.echo(f"{slug}: version {number} {_said(done.is_new)}.")
    for form in done.forms:
        click.echo(f"  form {form.key}: {_form_said(form)}.")
    return True


def _said(is_new: bool) -> str:
    return "is published" if is_new else "stands; nothing in it has changed"


def _form_said(form: PublishedForm) -> str:
    if form.is_retired and form.is_new:
        return f"version {form.version} is published, but the owner has retired the form"
    return "retired; nobody is asked" if form.is_retired else f"version {form.version} {_said(form.is_new)}"


def _house(session: Session, slug: str, wanted: str | None) -> CourseHouse:
    """Return the house that publishes: the one named, else the course's own, else the only one."""
    houses = {house.slug: house for house in session.scalars(select(CourseHouse).order_by(CourseHouse.slug))}
    if wanted is None:
        own = session.scalar(select(CourseHouse.slug).join(Course).where(Course.slug == slug))
        wanted = own or (next(iter(houses)) if len(houses) == 1 else None)
    if wanted in houses:
        return houses[wanted]
    named = ", ".join(houses) or "none yet: run `elearn setup` first"
    if wanted is None:
        raise DomainError(f"Say which course house publishes it: --house SLUG. Course houses: {named}.")
    raise DomainError(f"There is no course house '{wanted}'. Course houses: {named}.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _end(is_well: bool) -> None:
    if not is_well:
        raise SystemExit(1)
