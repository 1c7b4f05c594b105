"""Everybody who holds a seat in one of the house's courses."""

from flask import render_template, request

from elearn.core.i18n import language
from elearn.home.lists import page_number, searched_text
from elearn.home.owner.pages import bp, shown_filter, titles
from elearn.licensing import seat_lists
from elearn.organisations.access import house_scope, owner
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session


@bp.get("/people")
@owner
def people() -> str:
    """Search the people on the house's seats."""
    session, scope = current_session(), house_scope()
    show = shown_filter(request.args.get("state"))
    return render_template(
        "owner/people.html",
        people=seat_lists.held_seats(session, scope, text=searched_text(), show=show, number=page_number()),
        titles=titles(session, scope),
        text=searched_text(),
        show=show,
        sectors=SECTORS,
        spoken=language(),
    )
