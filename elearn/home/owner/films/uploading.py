"""Uploading a film: the page from which a browser sends it, piece by piece."""

from flask import render_template, request

from elearn.core.i18n import language
from elearn.home.owner.films.pages import film_here
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner


@bp.get("/new-film")
@owner
def new_film() -> str:
    """Show the form that uploads a film, a new one or `?film=` in the place of one that is there."""
    key = request.args.get("film", "")
    here = film_here(key) if key else None
    return render_template("owner/films/upload.html", here=here, spoken=language())
