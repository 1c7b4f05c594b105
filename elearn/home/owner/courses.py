"""The owner's courses: what is published, in which version, and publishing from the files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Response, flash, g, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.models import Person
from elearn.catalogue import queries
from elearn.catalogue.errors import CourseNotReady, CourseOfAnotherHouse
from elearn.catalogue.models import Course, CourseVersion
from elearn.catalogue.queries import CourseOutline
from elearn.catalogue.services import NOTHING_SAID, content_hash
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.scope import HouseScope
from elearn.home.owner.films.pages import lacks_in_words
from elearn.home.owner.folders import has_files, own_folder
from elearn.home.owner.pages import bp, media_store
from elearn.home.publishing import CheckedFolder, check_folder, publish_folder
from elearn.licensing import seat_lists
from elearn.media.errors import NewFilmHasOtherLength, NotPublishable
from elearn.media.manifest import SAME_LENGTH_S
from elearn.media.models import Video
from elearn.media.queries import VideoState, published_packages, video_states
from elearn.media.services import FilmChoice, make_ready
from elearn.media.stores.storage import open_store
from elearn.organisations.access import house_scope, owner
from elearn.organisations.models import CourseHouse
from elearn.web.errors import RETRY_AFTER_S
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session, installation, release

FILM_FIELD = "film-"
"""Begins the names of the fields that say what becomes of the progress of a film; its id follows."""


@dataclass(frozen=True)
class CourseRow:
    """A course in the owner's list."""

    course: CourseOutline
    films: int
    ready: int
    """How many of its films can be played."""


@bp.get("/courses")
@owner
def courses() -> AnyResponse:
    """Lead to the start page, which lists the courses."""
    return redirect(url_for("owner.start"), 303)


@bp.get("/courses/<int:course_id>")
@owner
def course(course_id: int) -> str:
    """Show a course as it stands, or an earlier version: modules, films, versions, licences."""
    session, scope = current_session(), house_scope()
    shown = queries.course(session, scope, course_id, version=request.args.get("version", type=int))
    return render_template(
        "owner/course.html",
        course=shown,
        versions=queries.versions(session, scope, course_id),
        films={film.video.id: film for film in video_states(session, scope, media_store())},
        licences=seat_lists.licences(session, scope, course_id=course_id),
        has_files=has_files(shown.slug),
        spoken=language(),
    )


@bp.get("/files/<slug>")
@owner
def course_files(slug: str) -> str:
    """Check a course's files and show what is wrong in them, or the button that publishes."""
    folder = own_folder(current_session(), house_scope(), slug)
    try:
        checked = _check(folder)
    except CourseNotReady as refused:
        return _files_page(slug, refused=refused)
    return _files_page(slug, checked=checked)


@bp.post("/files/<slug>")
@owner
def publish(slug: str) -> AnyResponse | Response:
    """Publish a course from its files: a bucket is asked before the transaction begins, so that nobody waits for it."""
    session, scope = current_session(), house_scope()
    folder = own_folder(session, scope, slug)
    published = published_packages(session, scope)
    choices = _film_choices()
    release()
    g.media_store = open_store(installation().settings, pressed=True)
    try:
        checked = _check(folder)
        make_ready(checked.course.films.values(), media_store(), published=published)
        session = current_session()
        done = publish_folder(
            session,
            house=session.get_one(CourseHouse, scope.course_house_id),
            checked=checked,
            store=media_store(),
            by=session.get(Person, scope.person_id),
            film_choices=choices,
        )
    except CourseNotReady as refused:
        return _not_ready(slug, refused)
    except NewFilmHasOtherLength as changed:
        return _refused(_files_page(slug, checked=checked, changed=changed, choices=choices))
    except NotPublishable as lacking:
        return _not_ready(slug, CourseNotReady([], [lacking]))
    except CourseOfAnotherHouse:
        return _refused(_files_page(slug, is_taken=True))
    flash(_published(done.version.number, done.started_over))
    return redirect(url_for("owner.course", course_id=done.version.course_id), 303)


def course_rows(session: Session, scope: HouseScope, films: list[VideoState]) -> list[CourseRow]:
    """Return the house's courses with how many of their films can be played."""
    broken = {film.video.id for film in films if film.missing_files}
    rows = []
    for outlined in queries.courses(session, scope):
        shown = {
            film.video_id for module in outlined.modules for lesson in module.lessons for film in lesson.films.values()
        }
        rows.append(CourseRow(outlined, len(shown), len(shown - broken)))
    return rows


def _film_choices() -> dict[str, FilmChoice]:
    """Return what was chosen about films that have got another length, by the films' ids."""
    return {
        name.removeprefix(FILM_FIELD): FilmChoice(said)
        for name, said in request.form.items()
        if name.startswith(FILM_FIELD) and said in list(FilmChoice)
    }


def _published(number: int, started_over: Collection[str]) -> str:
    if not started_over:
        return _("Version %(number)s is published. Everyone’s progress is kept.", number=number)
    return _(
        "Version %(number)s is published. Everybody starts over with %(films)s. All other progress is kept.",
        number=number,
        films=", ".join(started_over),
    )


def _files_page(
    slug: str,
    *,
    checked: CheckedFolder | None = None,
    refused: CourseNotReady | None = None,
    changed: NewFilmHasOtherLength | None = None,
    choices: Mapping[str, FilmChoice] = NOTHING_SAID,
    is_taken: bool = False,
) -> str:
    session, scope = current_session(), house_scope()
    current = session.scalar(
        select(CourseVersion)
        .join(Course, Course.current_version_id == CourseVersion.id)
        .where(Course.slug == slug, Course.course_house_id == scope.course_house_id)
    )
    return render_template(
        "owner/files.html",
        form=ButtonForm(),
        slug=slug,
        current=current,
        checked=checked,
        refused=refused,
        lacks=lacks_in_words(film.film for film in refused.films) if refused else {},
        changed=changed.films if changed else [],
        choices=choices,
        starts_over=any(_may_start_over(video, checked) for video in queries.videos_shown(session, scope, slug)),
        film_field=FILM_FIELD,
        is_taken=is_taken,
        is_same=bool(checked and current and content_hash(checked.course.stored()) == current.content_hash),
    )


def _may_start_over(video: Video, checked: CheckedFolder | None) -> bool:
    """Whether what people saw of a film may count no longer: elsewhere it starts over already, or it will be asked."""
    film = checked.course.films.get(video.key) if checked else None
    new_s = film.value.duration if film else None
    return bool(video.replaced_at) or (new_s is not None and abs(new_s - video.duration_ms / 1000) > SAME_LENGTH_S)


def _not_ready(slug: str, refused: CourseNotReady) -> Response:
    """Say what stands in the way; when that is only that films are out of reach, that trying again helps."""
    response = _refused(_files_page(slug, refused=refused))
    if any(film.is_away for film in refused.films):
        response.status_code = 503
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _refused(page: str) -> Response:
    return make_response(page, 422)


def _check(folder: Path) -> CheckedFolder:
    return check_folder(folder, installation().settings.manifests, media_store())
