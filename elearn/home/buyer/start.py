"""The buyer's start page: the municipality's licences at a glance."""

from flask import render_template

from elearn.catalogue.queries import titles
from elearn.core import clock
from elearn.core.i18n import language
from elearn.home.buyer.pages import bp, municipality
from elearn.home.lists import page_number
from elearn.home.seat_drawing import seat_cells
from elearn.licensing import seat_lists
from elearn.licensing.waiting_lists import waiting_counts
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.session import current_session


@bp.get("")
@buyer
def start(municipality_id: int) -> str:
    """Show the municipality's licences: seats drawn and counted, people in line, days left."""
    session, scope = current_session(), municipality_scope()
    licences = seat_lists.licences(session, scope, number=page_number())
    return render_template(
        "buyer/start.html",
        licences=licences,
        cells={row.licence.id: seat_cells(row.counts) for row in licences.rows},
        lines=waiting_counts(session, scope, [row.licence.id for row in licences.rows]),
        titles=titles(session, scope, {row.licence.course_id for row in licences.rows}, language()),
        today=clock.today(municipality().country),
    )
