"""Who asks for a seat and who waits in line: the buyer's answers."""

from collections import Counter

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.home.lists import page_number
from elearn.licensing import services, waiting_lists
from elearn.licensing.errors import LicenceEnded, NoFreeSeat
from elearn.licensing.forms import AnswerForm
from elearn.licensing.models import RequestState
from elearn.licensing.seat_lists import PAGE_SIZE
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session, installation

NO_SEAT = "no seat"


@bp.route("/licences/<int:licence_id>/waiting", methods=["GET", "POST"])
@buyer
def waiting_line(municipality_id: int, licence_id: int) -> str | AnyResponse | Response:
    """Show who asks and who waits, in order; approve or decline those who are ticked."""
    row = licence_row(licence_id)
    form = AnswerForm()
    if form.validate_on_submit():
        _answer_ticked(licence_id, form)
        return redirect(url_for("buyer.waiting_line", licence_id=licence_id), 303)
    session, scope = current_session(), municipality_scope()
    page = render_licence(
        "buyer/waiting.html",
        row,
        "buyer.waiting_line",
        form=form,
        askers=waiting_lists.askers(session, scope, licence_id),
        line=waiting_lists.line(session, scope, licence_id, number=page_number()),
        sectors=SECTORS,
    )
    return make_response(page, 422) if form.errors else page


def _answer_ticked(licence_id: int, form: AnswerForm) -> None:
    """Answer everybody who is ticked in the order in which they asked; others' requests are nowhere."""
    approve = request.form.get("answer") == "approve"
    session, scope = current_session(), municipality_scope()
    ticked = waiting_lists.ticked(session, scope, licence_id, request.form.getlist("request", type=int)[:PAGE_SIZE])
    outcome: Counter[str] = Counter()
    for request_id in ticked:
        try:
            answered = services.answer_request(
                session,
                installation().tokens,
                scope=scope,
                request_id=request_id,
                approve=approve,
                by_id=current_person().id,
                reason=form.reason.data or None,
            )
        except NoFreeSeat:
            outcome[NO_SEAT] += 1
        except LicenceEnded:
            flash(_("The licence has ended. Nothing was sent."), "note")
            return
        else:
            outcome[answered.state] += 1
    _tell(outcome)


def _tell(outcome: Counter[str]) -> None:
    if not outcome:
        flash(_("Nobody is chosen. Tick people in the list first."), "note")
    if given := outcome[RequestState.GIVEN]:
        flash(ngettext("%(num)d person has been invited.", "%(num)d people have been invited.", given))
    if waiting := outcome[RequestState.WAITING]:
        flash(
            ngettext(
                "%(num)d person stands in the queue, since no seat is free.",
                "%(num)d people stand in the queue, since no seat is free.",
                waiting,
            )
        )
    if declined := outcome[RequestState.DECLINED]:
        flash(
            ngettext(
                "%(num)d person gets a kind email that says no.",
                "%(num)d people get a kind email that says no.",
                declined,
            )
        )
    if refused := outcome[NO_SEAT]:
        flash(
            ngettext(
                "%(num)d request waits still: there are no free seats, and the licence has no queue.",
                "%(num)d requests wait still: there are no free seats, and the licence has no queue.",
                refused,
            ),
            "note",
        )
