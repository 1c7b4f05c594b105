"""The owner's films and their state."""

from collections import defaultdict

from flask import render_template

from elearn.catalogue import queries
from elearn.core.i18n import LANGUAGES, language
from elearn.home.owner.pages import bp, media_store
from elearn.media.queries import video_states
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("/films")
@owner
def films() -> str:
    """Show the house's films: whether they can be played, captions, description, and which modules use them."""
    session, scope = current_session(), house_scope()
    used_by = defaultdict(list)
    for course in queries.courses(session, scope):
        for module in course.modules:
            for video_id in {film.video_id for lesson in module.lessons for film in lesson.films.values()}:
                used_by[video_id].append((course, module))
    return render_template(
        "owner/films.html",
        films=video_states(session, scope, media_store()),
        used_by=used_by,
        all_languages=list(LANGUAGES),
        spoken=language(),
    )
