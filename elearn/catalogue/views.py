"""The public page of a course."""

from flask import Blueprint, render_template

from elearn.catalogue import queries
from elearn.core.i18n import language
from elearn.organisations.models import CourseHouse
from elearn.organisations.sectors import SECTORS
from elearn.web import access
from elearn.web.session import current_session

bp = Blueprint("catalogue", __name__, template_folder="templates")


@bp.get("/courses/<slug>")
@access.anyone
def course(slug: str) -> str:
    """Show what a course is about, whom it is for and what may be watched at once."""
    outline = queries.public_course(current_session(), slug)
    return render_template(
        "catalogue/course.html",
        course=outline,
        content=outline.content,
        house=current_session().get_one(CourseHouse, outline.course_house_id),
        sectors=[SECTORS[code] for code in outline.content.audience],
        spoken=language(),
    )
