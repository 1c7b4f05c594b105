"""Writing to all learners of a licence: the text, what it will look like, one press."""

from flask import Response, flash, make_response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.i18n import ngettext
from elearn.core.tokens import random_token
from elearn.home.buyer.pages import bp, licence_row, render_licence
from elearn.licensing import services
from elearn.licensing.forms import MessageForm
from elearn.licensing.seat_lists import LicenceRow
from elearn.organisations.access import buyer, municipality_scope
from elearn.web.session import current_session


@bp.get("/licences/<int:licence_id>/message")
@buyer
def message(municipality_id: int, licence_id: int) -> str:
    """Ask what to write."""
    return _page("buyer/message.html", licence_row(licence_id), MessageForm(press=random_token()))


@bp.post("/licences/<int:licence_id>/message")
@buyer
def preview_message(municipality_id: int, licence_id: int) -> str | Response:
    """Show the letter as it will look; nothing is sent yet."""
    row, form = licence_row(licence_id), MessageForm()
    if form.validate_on_submit():
        return _page("buyer/message-preview.html" if not form.change.data else "buyer/message.html", row, form)
    return make_response(_page("buyer/message.html", row, form), 422)


@bp.post("/licences/<int:licence_id>/message/send")
@buyer
def send_message(municipality_id: int, licence_id: int) -> str | Response | AnyResponse:
    """Have it mailed; the same press again sends nothing more."""
    row, form = licence_row(licence_id), MessageForm()
    if not form.validate_on_submit():
        return make_response(_page("buyer/message.html", row, form), 422)
    sent = services.send_message(
        current_session(),
        scope=municipality_scope(),
        licence_id=licence_id,
        text=form.text.data,
        press=form.press.data,
        by_id=current_person().id,
    )
    number = sent.recipients
    flash(ngettext("The email to %(num)d person is on its way.", "%(num)d emails are on their way.", number))
    return redirect(url_for("buyer.licence", licence_id=licence_id), 303)


def _page(template: str, row: LicenceRow, form: MessageForm) -> str:
    return render_licence(
        template,
        row,
        "buyer.message",
        form=form,
        lines=(form.text.data or "").splitlines(),
        writer=current_person(),
        recipients=services.recipients(current_session(), municipality_scope(), row.licence.id),
    )
