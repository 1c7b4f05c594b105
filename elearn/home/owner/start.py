"""The course owner's start page."""

from flask import render_template

from elearn.core.i18n import language
from elearn.home.owner.courses import course_rows, unpublished_folders
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
        spoken=language(),
    )
