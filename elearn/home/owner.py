"""The course owner's start page; importing this module brings the owner's other pages along."""

from flask import render_template

from elearn.core.i18n import language
from elearn.home import owner_courses, owner_films, owner_licences, owner_people, owner_seats, owner_waiting
from elearn.home.owner_pages import bp, house, media_store
from elearn.licensing import house_queries
from elearn.media.queries import video_states
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session

__all__ = ["bp", "owner_courses", "owner_films", "owner_licences", "owner_people", "owner_seats"]


@bp.get("")
@owner
def start() -> str:
    """Show the house's courses and what waits for its owner; a new house is told what to do first."""
    session, scope = current_session(), house_scope()
    films = video_states(session, scope, media_store())
    courses = owner_courses.course_rows(session, scope, films)
    unpublished = owner_courses.unpublished_folders(session, scope)
    return render_template(
        "owner/start.html",
        house=house(),
        courses=courses,
        unpublished=unpublished,
        waiting=owner_waiting.waiting(session, scope, films=films, unpublished=unpublished),
        licences=house_queries.licences(session, scope).total,
        spoken=language(),
    )
