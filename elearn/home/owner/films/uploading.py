"""A film on its way: sent by the browser piece by piece, then packaged; given up, cancelled, tried again."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from elearn.accounts.signing import current_person
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.home.owner.films.pages import film_here
from elearn.home.owner.pages import bp
from elearn.media.house_films import HouseFilm, films_on_their_way
from elearn.media.models import FilmUpload
from elearn.media.packagings.errors import NothingToRetry, PackagingUnderWay
from elearn.media.packagings.services import cancel_packaging, retry_packaging
from elearn.media.uploads.folder import open_uploads
from elearn.media.uploads.services import drop_upload
from elearn.organisations.access import house_scope, owner
from elearn.web.client_strings import upload_strings
from elearn.web.session import current_session, installation

GB = 10**9
KEY = "KEY"
"""Stands in addresses for the id that is still to be written."""


@bp.get("/new-film")
@owner
def new_film() -> str:
    """Show the form that uploads a new film."""
    return render_template(
        "owner/films/upload.html",
        config=upload_config(),
        on_their_way=films_on_their_way(current_session(), house_scope()),
        spoken=language(),
    )


@bp.get("/films/<film_key>/replace")
@owner
def replace_film(film_key: str) -> str | Response:
    """Show the form that uploads a film in the place of one that is there."""
    film = film_here(film_key).film
    if film.is_on_its_way:
        return redirect(url_for("owner.film", film_key=film_key), 303)
    return render_template("owner/films/replace.html", film=film, config=upload_config(film), spoken=language())


@bp.post("/films/<film_key>/upload/drop")
@owner
def film_upload_drop(film_key: str) -> Response:
    """Throw away what has arrived of a film."""
    upload = film_here(film_key).film.upload
    if upload is None:
        raise NotFound("nothing is on its way")
    try:
        drop_upload(current_session(), upload=upload, by=current_person())
    except PackagingUnderWay:
        flash(_("This film is being packaged. Wait until that is done, or cancel it."), "note")
        return redirect(url_for("owner.film", film_key=film_key), 303)
    flash(_("What had arrived of “%(film)s” is thrown away.", film=film_key))
    return redirect(url_for("owner.films"), 303)


@bp.post("/films/<film_key>/packaging/cancel")
@owner
def film_packaging_cancel(film_key: str) -> Response:
    """Stop packaging a film; the uploaded file stays for a while."""
    packaging = film_here(film_key).film.packaging
    if packaging is None:
        raise NotFound("nothing is being packaged")
    cancel_packaging(current_session(), packaging=packaging, by=current_person())
    return redirect(url_for("owner.film", film_key=film_key), 303)


@bp.post("/films/<film_key>/packaging/retry")
@owner
def film_packaging_retry(film_key: str) -> Response:
    """Package the uploaded file once more."""
    packaging = film_here(film_key).film.packaging
    if packaging is None:
        raise NotFound("nothing was packaged")
    try:
        retry_packaging(current_session(), packaging=packaging, by=current_person())
    except (NothingToRetry, PackagingUnderWay):
        flash(_("There is nothing to try again. Upload the film."), "note")
    return redirect(url_for("owner.film", film_key=film_key), 303)


def upload_config(film: HouseFilm | None = None) -> dict[str, Any]:
    """Return what the script is told that sends a film."""
    upload = film.upload if film and not film.is_packaging else None
    key = film.key if film else KEY
    return {
        "endpoint": url_for("uploads.begin"),
        "csrf": generate_csrf(),
        "language": language(),
        "largest_bytes": installation().settings.largest_film_gb * GB,
        "film_url": url_for("owner.film", film_key=key),
        "drop_url": url_for("owner.film_upload_drop", film_key=key),
        "film": film.key if film else None,
        "spoken": film.language if film else None,
        "begun": _begun(upload) if upload and upload.whole_at is None else None,
        "strings": upload_strings(),
    }


def arrived_bytes(upload: FilmUpload) -> int:
    """Return how much of an upload is here."""
    return open_uploads(installation().settings).arrived(upload.id)


def _begun(upload: FilmUpload) -> dict[str, Any]:
    return {
        "url": url_for("uploads.send", upload_id=upload.id),
        "name": upload.file_name,
        "size": upload.size_bytes,
    }
