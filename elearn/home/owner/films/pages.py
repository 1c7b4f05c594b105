"""What the owner's pages about films share."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request

from elearn.catalogue import queries as catalogue
from elearn.catalogue.queries import CourseOutline, ModuleOutline
from elearn.core.content_files import FileProblems
from elearn.core.errors import NotFound
from elearn.core.i18n import language
from elearn.home.owner.films import words
from elearn.home.owner.forms.fields import fault_of, leaves
from elearn.home.owner.pages import media_store
from elearn.media.editing import FilmDesk, file_state, own_film
from elearn.media.errors import ChangedMeanwhile
from elearn.media.house_films import HouseFilm, film_keys, house_film, house_films
from elearn.media.manifest import Manifest
from elearn.organisations.access import house_scope
from elearn.organisations.queries import is_only_house
from elearn.web.session import current_session, installation


@dataclass(frozen=True)
class Refusal:
    """Why what was sent has not been saved."""

    is_stale: bool = False
    """Somebody else has written meanwhile."""
    problems: FileProblems | None = None


@dataclass(frozen=True)
class FilmHere:
    """A film that a page is about, packaged or not."""

    film: HouseFilm
    state: str
    """What the page's forms bring along, so that nobody overwrites what they have not seen."""

    @property
    def key(self) -> str:
        """The film's id."""
        return self.film.key

    @property
    def manifest(self) -> Manifest:
        """What is written about it. Raises `NotFound` before anything is."""
        if self.film.manifest is None:
            raise NotFound("nothing is written about the film yet")
        return self.film.manifest


def film_here(key: str) -> FilmHere:
    """Return a film that the house may change. Raises `NotFound`."""
    manifests = installation().settings.manifests
    film = house_film(current_session(), house_scope(), key, manifests=manifests, store=media_store())
    return FilmHere(film, file_state(manifests / f"{key}.yaml"))


def desk(key: str) -> FilmDesk:
    """Return a film to be changed by the form that was sent, its row locked. Raises `NotFound`."""
    session, scope = current_session(), house_scope()
    manifest = installation().settings.manifests / f"{key}.yaml"
    own_film(session, scope=scope, key=key, may_claim=manifest.is_file() and is_only_house(session, scope))
    return FilmDesk(scope, manifest, request.form.get("state", ""))


def refusal_of(error: ChangedMeanwhile | FileProblems) -> Refusal:
    """Return what a page says about a refused change."""
    return Refusal(is_stale=True) if isinstance(error, ChangedMeanwhile) else Refusal(problems=error)


def film_page(template: str, here: FilmHere, **context: Any) -> str:
    """Draw a page about a film."""
    form = context.get("form")
    return render_template(
        f"owner/films/{template}",
        shown=here,
        film=here.film,
        words=words,
        fault_of=fault_of,
        leaves=list(leaves(form)) if form else [],
        refusal=context.pop("refusal", None),
        spoken=language(),
        **context,
    )


def answered(page: str, refusal: Refusal | None, *, is_sent: bool) -> str | Response:
    """Answer with a page: 409 when somebody else was first, 422 when something is to be corrected."""
    if not is_sent:
        return page
    return make_response(page, 409 if refusal and refusal.is_stale else 422)


def lacks_in_words(keys: Iterable[str]) -> dict[str, list[str]]:
    """Return what films of the house lack to be published, by id; other houses' films are left out."""
    session, scope, manifests = current_session(), house_scope(), installation().settings.manifests
    own = sorted(set(keys) & set(film_keys(session, scope, manifests)))
    found = house_films(session, scope, own, manifests=manifests, store=media_store())
    return {film.key: [words.lack(film, each) for each in film.lacks] for film in found if film.lacks}


def used_by() -> dict[int, list[tuple[CourseOutline, ModuleOutline]]]:
    """Return the modules that show each of the house's published films, by the video's id."""
    found: dict[int, list[tuple[CourseOutline, ModuleOutline]]] = defaultdict(list)
    for course in catalogue.courses(current_session(), house_scope()):
        for module in course.modules:
            for video_id in {film.video_id for lesson in module.lessons for film in lesson.films.values()}:
                found[video_id].append((course, module))
    return found
