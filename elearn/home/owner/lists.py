"""Filling seats from a list, as the course house's owner does it: the lists that were handed in by the house alone."""

from flask import Response, make_response, render_template
from werkzeug.wrappers import Response as AnyResponse

from elearn.home.owner.pages import bp, titles
from elearn.home.people_lists import pages
from elearn.home.people_lists.pages import Desk, takes_a_list
from elearn.licensing import seat_lists
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.route("/licences/<int:licence_id>/list", methods=["GET", "POST"])
@owner
@takes_a_list
def new_list(licence_id: int) -> str | AnyResponse | Response:
    """Take a list of people as it is: nothing happens before it has been looked at."""
    session, scope = current_session(), house_scope()
    row = seat_lists.licence(session, scope, licence_id)
    form = pages.hand_in(_desk(), row.licence)
    if isinstance(form, AnyResponse):
        return form
    page = render_template(
        "owner/new-list.html",
        form=form,
        licence=row.licence,
        counts=row.counts,
        title=titles(session, scope)[row.licence.course_id],
    )
    return make_response(page, 422) if form.errors else page


@bp.get("/lists/<int:house_list_id>")
@owner
def seat_list(house_list_id: int) -> str:
    """Show how far a list is; once read, row by row what would happen."""
    return pages.show(_desk(), house_list_id)


@bp.post("/lists/<int:house_list_id>")
@owner
def change_list(house_list_id: int) -> AnyResponse:
    """Save corrections, skip rows, or invite."""
    return pages.change(_desk(), house_list_id)


def _desk() -> Desk:
    return Desk(house_scope(), "owner", list_id="house_list_id")
