"""A film's own page: how it stands, what it lacks, and what is written around it."""

from dataclasses import dataclass
from typing import Any

from elearn.catalogue import queries as catalogue
from elearn.core.i18n import LANGUAGES, language
from elearn.home.owner.films.captions import Kept, kept_captions
from elearn.home.owner.films.pages import FilmHere, film_here, film_page, used_by
from elearn.home.owner.films.preview import chapter_title, player_config
from elearn.home.owner.films.uploading import arrived_bytes, upload_config
from elearn.home.owner.folders import has_files, unpublished_folders
from elearn.home.owner.pages import bp
from elearn.learning import words as player_words
from elearn.media.errors import Fault
from elearn.media.house_films import FilmState, HouseFilm
from elearn.media.manifest import SAME_LENGTH_S
from elearn.media.packagings import faults
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@dataclass(frozen=True)
class OtherLength:
    """The new film is longer or shorter than the one people have watched: publishing will ask about it."""

    old_s: float
    new_s: float


@dataclass(frozen=True)
class Way:
    """What is told of a film on its way."""

    arrived_bytes: int
    upload: dict[str, Any] | None
    """What the script is told that goes on with the upload."""
    fault: str
    """Why the last packaging failed."""


@bp.get("/films/<film_key>")
@owner
def film(film_key: str) -> str:
    """Show a film: the player, what it lacks, captions, chapters, passages, and where it is used."""
    here = film_here(film_key)
    way = way_of(here.film)
    modules = used_by()[here.film.video.id] if here.film.video else []
    if here.film.manifest is None:
        return film_page("unwritten.html", here, way=way)
    return film_page(
        "film.html",
        here,
        way=way,
        config=player_config(here),
        said=player_words.said,
        captions=_captions(here),
        chapter_title=chapter_title,
        other_length=other_length(here.film),
        modules=modules,
        in_files={course.slug for course, _module in modules if has_files(course.slug)},
        may_show=_courses_in_hand() if here.film.state is FilmState.READY else [],
    )


def way_of(film: HouseFilm) -> Way | None:
    """Return how far a film is that is being uploaded or packaged, or why that has ended; None for others."""
    if film.upload is None and not film.is_packaging:
        return None
    fault = Fault(film.packaging.problem) if film.packaging and film.packaging.problem else None
    return Way(
        arrived_bytes(film.upload) if film.upload else 0,
        upload_config(film) if film.state is FilmState.UPLOADING else None,
        faults.sentence(fault) if fault else "",
    )


def _courses_in_hand() -> list[tuple[str, str]]:
    """Return the courses that a film could be put into here: their ids and titles."""
    session, scope = current_session(), house_scope()
    courses = [course for course in catalogue.courses(session, scope) if has_files(course.slug)]
    return [
        *((course.slug, str(course.content.title(language()))) for course in courses),
        *((slug, slug) for slug in unpublished_folders(session, scope)),
    ]


def other_length(film: HouseFilm) -> OtherLength | None:
    """Return both lengths where a new film waits to be published that is not as long as the old one."""
    manifest, video = film.manifest, film.video
    if manifest is None or manifest.duration is None or video is None:
        return None
    old_s = video.duration_ms / 1000
    return OtherLength(old_s, manifest.duration) if abs(manifest.duration - old_s) > SAME_LENGTH_S else None


def _captions(here: FilmHere) -> list[tuple[str, Kept | None]]:
    """Return every language, the film's own first, with its captions."""
    spoken = here.manifest.language
    codes = [spoken, *(code for code in LANGUAGES if code != spoken)]
    return [(code, kept_captions(here, code)) for code in codes]
