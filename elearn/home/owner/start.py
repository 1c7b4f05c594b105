"""The course owner's start page."""

from flask import render_template, request

from elearn.catalogue.put_away import away
from elearn.core.errors import NotFound
from elearn.core.i18n import language
from elearn.home.owner.courses import course_rows
from elearn.home.owner.folders import own_place, unpublished_folders
from elearn.home.owner.pages import bp, house, media_store
from elearn.home.owner.waiting import waiting
from elearn.licensing import seat_lists
from elearn.media.queries import video_states
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("")
@owner
def start() -> str:
    """Show the house's courses and what waits for its owner; a new house is told what to do first."""
    session, scope = current_session(), house_scope()
    films = video_states(session, scope, media_store())
    courses = course_rows(session, scope, films)
    unpublished = unpublished_folders(session, scope)
    return render_template(
        "owner/start.html",
        house=house(),
        courses=courses,
        unpublished=unpublished,
        waiting=waiting(session, scope, films=films, unpublished=unpublished),
        licences=seat_lists.licences(session, scope).total,
        removed=_removed_just_now(request.args.get("removed", "")),
        spoken=language(),
    )


def _removed_just_now(slug: str) -> str | None:
    """Return the id of a course that was removed, while it can be brought back."""
    try:
        folder = own_place(current_session(), house_scope(), slug)
    except NotFound:
        return None
    return slug if away(folder) and not folder.exists() else None
