"""The public page of a course: what it is about, whom it is for, and what may be watched at once."""

from flask import Blueprint, render_template

from elearn.catalogue import queries
from elearn.catalogue.queries import CourseOutline, ModuleOutline
from elearn.core.i18n import language
from elearn.organisations.models import CourseHouse
from elearn.organisations.numbers import written_number
from elearn.organisations.sectors import SECTORS
from elearn.web import access
from elearn.web.session import current_session

bp = Blueprint("catalogue", __name__, template_folder="templates")


@bp.get("/courses/<slug>")
@access.anyone
def course(slug: str) -> str:
    """Show a course to whoever considers it."""
    outline = queries.public_course(current_session(), slug)
    house = current_session().get_one(CourseHouse, outline.course_house_id)
    return render_template(
        "catalogue/course.html",
        course=outline,
        content=outline.content,
        open_module=_first_open(outline),
        house=house,
        house_number=written_number(house),
        sectors=[SECTORS[code] for code in outline.content.audience],
        spoken=language(),
    )


def _first_open(outline: CourseOutline) -> ModuleOutline | None:
    return next((module for module in outline.modules if module.content.is_open), None)
