"""Asking for a seat, and withdrawing what one has asked for."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.core.i18n import gettext as _
from elearn.licensing import services, waiting_lists
from elearn.licensing.queries import works_in
from elearn.licensing.views import bp
from elearn.organisations.access import person_scope
from elearn.web import access
from elearn.web.session import current_session


@bp.post("/licences/<int:licence_id>/ask")
@access.signed_in
def ask_for_seat(licence_id: int) -> AnyResponse:
    """Ask the buyer of one's own municipality for a seat."""
    session, scope = current_session(), person_scope()
    licence = waiting_lists.askable_licence(session, scope, licence_id)
    placing = works_in(session, scope, licence.municipality_id)
    services.ask_for_seat(session, scope, licence=licence, placing=placing)
    municipality = licence.municipality.official_name
    flash(_("%(municipality)s has been asked. You get an email with the answer.", municipality=municipality))
    return redirect(url_for("learning.my_courses"), 303)


@bp.post("/seat-requests/<int:request_id>/withdraw")
@access.signed_in
def withdraw_request(request_id: int) -> AnyResponse:
    """Ask or wait no more."""
    services.leave_line(current_session(), scope=person_scope(), request_id=request_id)
    flash(_("You no longer ask for that seat."))
    return redirect(url_for("learning.my_courses"), 303)
