"""Looking at a film as it is packaged, published or not: by a ticket of its own under which nothing is recorded."""

from typing import Any

from flask import Response, abort, url_for
from flask_wtf.csrf import generate_csrf

from elearn.core import clock
from elearn.core.i18n import LANGUAGES, language
from elearn.home.owner.films.pages import FilmHere, film_here
from elearn.home.owner.pages import bp, media_store
from elearn.media.admitting import admitted, folder_of, master_at
from elearn.media.errors import FilmsOutOfReach
from elearn.media.services import thumbnails_vtt
from elearn.media.tickets import Ticket
from elearn.organisations.access import owner
from elearn.web.client_strings import player_strings
from elearn.web.session import installation

NO_VIDEO = 0
"""A package that is only looked at is no video yet, and no lesson shows it."""


@bp.post("/films/<film_key>/preview-ticket")
@owner
def film_preview_ticket(film_key: str) -> Response:
    """Admit an owner to a film's package for ten minutes more."""
    here = film_here(film_key)
    package = here.manifest.package
    if package is None:
        abort(404)
    ticket = _ticket(here, package)
    return admitted(
        installation(),
        ticket,
        cookie_path=f"{folder_of(ticket)}/",
        tracks=_tracks(here),
        thumbnails=url_for("owner.film_thumbnails", film_key=film_key),
    )


@bp.get("/films/<film_key>/thumbnails.vtt")
@owner
def film_thumbnails(film_key: str) -> Response:
    """Say which small picture stands for which seconds, as the passages are marked now."""
    film = film_here(film_key).manifest
    text = thumbnails_vtt(film, media_store(), f"/media/{NO_VIDEO}/{film.package}/")
    response = Response(text or "WEBVTT\n", content_type="text/vtt; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def player_config(here: FilmHere) -> dict[str, Any] | None:
    """Return what the player is told; None where there is nothing to play."""
    film = here.manifest
    if film.package is None or film.duration is None or not _is_there(film.package):
        return None
    return {
        "lesson": 0,
        "person_keys": [],
        "ticket_url": url_for("owner.film_preview_ticket", film_key=here.key),
        "report_url": None,
        "master": master_at(NO_VIDEO, film.package),
        "csrf": generate_csrf(),
        "language": language(),
        "spoken": film.language,
        "poster": url_for("owner.film_still", film_key=here.key, at_ms=round(film.poster_s * 1000)),
        "duration": film.duration,
        "length_s": film.length_s,
        "position": 0.0,
        "progress": None,
        "chapters": [{"at": each.at, "title": chapter_title(each.title, film.language)} for each in film.chapters],
        "passages": [{"id": each.id, "from": each.from_s, "to": each.to_s} for each in film.passages],
        "strings": player_strings(),
    }


def _is_there(package: str) -> bool:
    """Whether a package can be played now; one whose storage does not answer cannot."""
    try:
        return media_store().has(package)
    except FilmsOutOfReach:
        return False


def chapter_title(titles: Any, spoken: str) -> str:
    """Return a chapter's title in the language of the page, else in the film's own."""
    return str(titles.get(language()) or titles.get(spoken) or next(iter(titles.values())))


def _tracks(here: FilmHere) -> list[dict[str, str]]:
    film = here.manifest
    order = [film.language, *(code for code in LANGUAGES if code != film.language)]
    return [
        {
            "lang": code,
            "label": LANGUAGES[code],
            "src": url_for("owner.film_captions_text", film_key=here.key, caption_language=code),
            "kind": "captions",
        }
        for code in order
        if code in film.captions
    ]


def _ticket(here: FilmHere, package: str) -> Ticket:
    now_ms = int(clock.now().timestamp() * 1000)
    return Ticket(
        video_id=NO_VIDEO,
        package=package,
        lesson_id=0,
        person_id=None,
        seat_id=None,
        issued_ms=now_ms,
        opened_ms=now_ms,
        length_s=here.manifest.length_s,
        needed=0,
        skipped=(),
        done=False,
    )
