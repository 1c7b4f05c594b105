"""What anybody may read about data: who handles it, where it lies, and the agreement with municipalities."""

from io import BytesIO

from flask import abort, render_template, request, send_file
from werkzeug.wrappers import Response

from elearn.core.i18n import language
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.organisations.queries import course_houses
from elearn.personal_data import agreement, sub_processors
from elearn.personal_data.views import bp
from elearn.web import access
from elearn.web.session import afterwards, current_session, installation

DRAWINGS = Limit("agreement.sender", attempts=60, window_s=3600)


@bp.get("/sub-processors")
@access.anyone
def suppliers() -> str:
    """Say who else handles data, what for and in which country."""
    return render_template(
        "personal_data/sub-processors.html",
        found=sub_processors.read(installation().settings.sub_processors),
        spoken=language(),
        country_name=agreement.country_name,
    )


@bp.get("/data-processing-agreement")
@access.anyone
def data_processing_agreement() -> str:
    """Offer the agreement of each course house."""
    return render_template("personal_data/agreement.html", houses=course_houses(current_session()))


@bp.get("/data-processing-agreement.pdf")
@access.anyone
def agreement_pdf() -> Response:
    """Draw a course house's agreement in the language spoken now."""
    sender = request.remote_addr or ""
    check_attempts(current_session(), DRAWINGS, sender)
    houses = course_houses(current_session())
    house = next((each for each in houses if request.args.get("house", each.slug) == each.slug), None)
    if house is None:
        abort(404)
    afterwards(lambda session: count_attempt(session, DRAWINGS, sender))
    drawn = agreement.render(installation().settings, house, language())
    return send_file(BytesIO(drawn), "application/pdf", as_attachment=True, download_name="agreement.pdf", etag=False)
