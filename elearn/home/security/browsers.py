"""Ending sign-ins of one's own."""

from flask import abort, flash
from werkzeug.wrappers import Response

from elearn.accounts import queries, services
from elearn.accounts.signing import current_person, current_sign_in, sign_out
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.home.security.blueprint import bp, to_page
from elearn.organisations.access import person_scope
from elearn.web import access
from elearn.web.session import current_session


@bp.post("/browsers/<int:sign_in_id>/end")
@access.signed_in
def end_browser(sign_in_id: int) -> Response:
    """Sign one browser out; this one as well as any other."""
    session = current_session()
    if sign_in_id not in {one.id for one in queries.open_sign_ins(session, person_scope())}:
        abort(404)
    if sign_in_id == current_sign_in().id:
        sign_out()
    else:
        services.end_sign_in(session, sign_in_id)
        flash(_("That browser is signed out."))
    return to_page()


@bp.post("/browsers/end-others")
@access.signed_in
def end_other_browsers() -> Response:
    """Sign every other browser out."""
    ended = services.end_other_sign_ins(current_session(), person_id=current_person().id, but=current_sign_in().id)
    flash(
        ngettext("%(num)d other browser is signed out.", "%(num)d other browsers are signed out.", ended)
        if ended
        else _("You were signed in nowhere else.")
    )
    return to_page()
