"""Closing a round, and opening the next."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.feedback.services import publishing
from elearn.home.owner.evaluation.pages import find
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner
from elearn.web.session import current_session


@bp.post("/evaluation/<int:round_id>/next")
@owner
def next_evaluation(round_id: int) -> AnyResponse:
    """Open the course's next round, once this one is closed."""
    round_, _course = find(round_id)
    session = current_session()
    opened = publishing.open_round(session, round_.course)
    if opened is None:
        opened = publishing.start_round(session, course=round_.course, by=current_person())
        flash(_("Round %(number)s is open. New answers belong to it.", number=opened.number))
    return redirect(url_for("owner.evaluation", round_id=opened.id), 303)
