"""The list of a house's films."""

from flask import render_template

from elearn.core.i18n import language
from elearn.home.lists import page_number, searched_text
from elearn.home.owner.films import words
from elearn.home.owner.films.pages import used_by
from elearn.home.owner.pages import bp, media_store
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.media.house_films import FilmState, film_keys, house_films
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session, installation

SEARCHED_FROM = 8
"""A shorter list needs no search."""


@bp.get("/films")
@owner
def films() -> str:
    """Show the house's films: on their way, lacking something, ready, published, and which modules show them."""
    session, scope, text = current_session(), house_scope(), searched_text()
    manifests, store = installation().settings.manifests, media_store()
    keys = film_keys(session, scope, manifests, text)
    number = page_number()
    shown = keys[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    found = house_films(session, scope, shown, manifests=manifests, store=store)
    return render_template(
        "owner/films/list.html",
        films=Page(found, len(keys), number),
        unknown=sum(film.state is FilmState.UNKNOWN for film in found),
        text=text,
        searches=bool(text) or len(keys) > SEARCHED_FROM,
        used_by=used_by(),
        words=words,
        spoken=language(),
    )
