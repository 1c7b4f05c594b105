"""The municipality's data: to take along, who did so, and its departure when one has been started."""

from flask import Response, make_response, render_template

from elearn.core.limits import Limit, count_attempt
from elearn.home.buyer.pages import bp, municipality
from elearn.organisations.access import buyer, municipality_scope
from elearn.personal_data import departures, municipal_export
from elearn.web.session import current_session

EXPORTS = Limit("municipality.export", attempts=10, window_s=3600)


@bp.get("/data")
@buyer
def data(municipality_id: int) -> str:
    """Show what can be taken along, who has done so, and what happens to it."""
    session, scope = current_session(), municipality_scope()
    return render_template(
        "buyer/data.html",
        exports=municipal_export.past_exports(session, scope),
        departure=departures.waiting(session, scope.municipality_id),
    )


@bp.post("/data/export")
@buyer
def export_data(municipality_id: int) -> Response:
    """Give the buyer the municipality's people and seats as a file."""
    session, scope = current_session(), municipality_scope()
    count_attempt(session, EXPORTS, str(scope.municipality_id))
    response = make_response(municipal_export.hand_over(session, scope, municipality()))
    response.headers["Content-Type"] = "application/zip"
    response.headers["Content-Disposition"] = 'attachment; filename="data.zip"'
    response.headers["Cache-Control"] = "no-store"
    return response
