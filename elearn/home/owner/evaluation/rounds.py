"""Closing a round, and opening the next."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.evaluation.services import closing
from elearn.feedback.services import publishing
from elearn.home.owner.evaluation.pages import evaluation_page, find
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session


@bp.route("/evaluation/<int:round_id>/close", methods=["GET", "POST"])
@owner
def close_evaluation(round_id: int) -> str | AnyResponse:
    """Say what closing does, and have it done."""
    round_, course = find(round_id)
    form = ButtonForm()
    if form.validate_on_submit():
        closing.ask_to_close(current_session(), round_, by=current_person())
        return redirect(url_for("owner.evaluation", round_id=round_id), 303)
    return evaluation_page("close.html", round_, course, form=form)


@bp.post("/evaluation/<int:round_id>/next")
@owner
def next_evaluation(round_id: int) -> AnyResponse:
    """Open the course's next round, once this one is closed."""
    round_, _course = find(round_id)
    opened = publishing.next_round(current_session(), course=round_.course, by=current_person())
    flash(_("Round %(number)s is open. New answers belong to it.", number=opened.number))
    return redirect(url_for("owner.evaluation", round_id=opened.id), 303)
