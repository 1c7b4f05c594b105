"""My courses, one course, and what to do when worried about a child."""

from flask import render_template

from elearn.learning.help_lines import phone_link
from elearn.learning.views import bp
from elearn.learning.views.around import country_here, municipality_here
from elearn.web import access


@bp.get("/learn/worried")
@access.anyone
def worried() -> str:
    """Say what to do when worried about a child: the duty in both countries, and where to report. No channel here."""
    return render_template(
        "learning/worried.html",
        nav="",
        country=country_here(),
        municipality=municipality_here(),
        phone_link=phone_link,
    )
