"""The sample courses' films, drawn and packaged by the product's own pipeline, and the courses published."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from elearn.catalogue.course_checks import course_folders
from elearn.core.installation import Installation
from elearn.home.demo_data import HOUSE_OF_COURSE
from elearn.home.publishing import check_folder, publish_folder
from elearn.media.drawing import draw_film, film_files
from elearn.media.services import NewFilm, add_film
from elearn.media.stores.storage import open_store
from elearn.organisations.models import CourseHouse

MANIFESTS_WITH_THE_PRODUCT = "media_manifest"


@dataclass(frozen=True)
class FilmMade:
    """A film and how long it took."""

    name: str
    seconds: float
    made: bool


def make(installation: Installation) -> Iterator[FilmMade]:
    """Draw and package every film of the sample courses; what is there already is left alone."""
    settings = installation.settings
    bring_manifests(installation)
    store = open_store(settings, patient=True)
    for film_file in film_files(settings.courses):
        begun = time.monotonic()
        drawn = draw_film(film_file, settings.data / "films")
        manifest = settings.manifests / f"{film_file.parent.name}.yaml"
        added = add_film(drawn.path, manifest_path=manifest, store=store, new=NewFilm())
        yield FilmMade(film_file.parent.name, time.monotonic() - begun, added.made)


def publish(installation: Installation) -> Iterator[str]:
    """Publish each sample course with its forms in its house."""
    settings = installation.settings
    store = open_store(settings, patient=True)
    for folder in course_folders(settings.courses):
        with installation.database.transaction() as session:
            slug = HOUSE_OF_COURSE.get(folder.name, "kursushuset")
            done = publish_folder(
                session,
                house=session.scalars(select(CourseHouse).where(CourseHouse.slug == slug)).one(),
                checked=check_folder(folder, settings.manifests, store),
                store=store,
                by=None,
            )
            forms = f", {len(done.forms)} forms" if done.forms else ""
            yield f"{folder.name}: version {done.version.number}{forms}, by {slug}"


def bring_manifests(installation: Installation) -> None:
    """Copy the shipped manifests beside the data, where packaging completes them: a checkout stays as it was."""
    shipped, own = installation.settings.courses.parent / MANIFESTS_WITH_THE_PRODUCT, installation.settings.manifests
    if shipped == own:
        return
    for path in sorted(shipped.rglob("*")):
        copy = own / path.relative_to(shipped)
        if path.is_file() and (not copy.exists() or path.stat().st_mtime > copy.stat().st_mtime):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
