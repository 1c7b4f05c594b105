"""Filling seats from a list, as the buyer does it."""

from flask import Response, make_response
from werkzeug.wrappers import Response as AnyResponse

from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.home.people_lists import pages
from elearn.home.people_lists.pages import Desk, takes_a_list
from elearn.home.seat_drawing import seat_cells
from elearn.organisations.access import buyer, municipality_scope


@bp.route("/licences/<int:licence_id>/list", methods=["GET", "POST"])
@buyer
@takes_a_list
def new_list(municipality_id: int, licence_id: int) -> str | AnyResponse | Response:
    """Take a list of people as it is: nothing happens before it has been looked at."""
    row = licence_row(licence_id)
    form = pages.hand_in(_desk(), row.licence)
    if isinstance(form, AnyResponse):
        return form
    page = render_licence("buyer/new-list.html", row, "buyer.new_list", form=form, cells=seat_cells(row.counts))
    return make_response(page, 422) if form.errors else page


@bp.get("/lists/<int:list_id>")
@buyer
def seat_list(municipality_id: int, list_id: int) -> str:
    """Show how far a list is; once read, row by row what would happen."""
    return pages.show(_desk(), list_id)


@bp.post("/lists/<int:list_id>")
@buyer
def change_list(municipality_id: int, list_id: int) -> AnyResponse:
    """Save corrections, skip rows, or invite."""
    return pages.change(_desk(), list_id)


def _desk() -> Desk:
    return Desk(municipality_scope(), "buyer")
