"""The buyer's start page: the municipality's licences at a glance."""

from flask import render_template

from elearn.catalogue.queries import titles
from elearn.core import clock
from elearn.core.i18n import language
from elearn.home.buyer.pages import bp, municipality
from elearn.home.lists import page_number
from elearn.licensing import seat_lists
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.session import current_session


@bp.get("")
@buyer
def start(municipality_id: int) -> str:
    """List the municipality's licences."""
    licences = seat_lists.licences(current_session(), municipality_scope(), number=page_number())
    return render_template(
        "buyer/start.html",
        licences=licences,
        titles=titles(
            current_session(), municipality_scope(), {row.licence.course_id for row in licences.rows}, language()
        ),
        today=clock.today(municipality().country),
    )
