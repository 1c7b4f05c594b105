"""What is held about a person: to read, to take along, to correct."""

import json

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from elearn.accounts import services as accounts
from elearn.accounts.signing import current_person, forget_browser
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.core.limits import Limit, count_attempt
from elearn.learning.certificates import correct_name
from elearn.learning.forms import NameForm
from elearn.organisations.access import person_scope
from elearn.organisations.queries import open_memberships
from elearn.personal_data import export, export_pdf
from elearn.personal_data.views import bp
from elearn.personal_data.words import TITLES
from elearn.web import access
from elearn.web.links import safe_path
from elearn.web.session import current_session, installation

EXPORTS = Limit("my_data.export", attempts=20, window_s=3600)
NAMES = Limit("my_data.name", attempts=10, window_s=86_400)


@bp.get("/learn/my-data")
@access.signed_in
def my_data() -> str:
    """Show what is held about the person, who sees it, and what they can do about it."""
    return _page(NameForm(formdata=None, name=current_person().name))


@bp.post("/learn/my-data/download")
@access.signed_in
def download_my_data() -> FlaskResponse:
    """Give the person all that is held about them, as a file."""
    session, scope = current_session(), person_scope()
    count_attempt(session, EXPORTS, str(scope.person_id))
    data = export.hand_over(session, scope)
    return _file(json.dumps(data, ensure_ascii=False, indent=2), "application/json; charset=utf-8", "my-data.json")


@bp.post("/learn/my-data/download-pdf")
@access.signed_in
def download_my_data_pdf() -> FlaskResponse:
    """Give the person the same to read, in their language."""
    session, scope = current_session(), person_scope()
    count_attempt(session, EXPORTS, str(scope.person_id))
    data = export.hand_over(session, scope)
    drawn = export_pdf.render(data, language=current_person().language, house=installation().settings.name)
    return _file(drawn, "application/pdf", "my-data.pdf")


@bp.post("/learn/my-data/name")
@access.signed_in
def change_name() -> str | Response:
    """Correct the person's name, on their certificates too."""
    form = NameForm()
    if not form.validate_on_submit():
        return _page(form)
    scope = person_scope()
    count_attempt(current_session(), NAMES, str(scope.person_id))
    new = correct_name(current_session(), scope, form.name.data)
    flash(_("Your name is saved."))
    if new:
        flash(
            ngettext("%(num)d certificate has been made anew.", "%(num)d certificates have been made anew.", len(new))
        )
    return redirect(safe_path(form.next.data) or url_for("personal_data.my_data"), 303)


@bp.post("/learn/my-data/reminders")
@access.signed_in
def choose_nudges() -> Response:
    """Write to the person, or not, when they have stopped in a course."""
    decline = bool(request.form.get("decline"))
    accounts.choose_nudges(current_session(), person_id=current_person().id, wanted=not decline)
    flash(_("Saved"))
    return redirect(url_for("personal_data.my_data", _anchor="reminders"), 303)


@bp.post("/learn/my-data/sign-out-everywhere")
@access.signed_in
def sign_out_everywhere() -> Response:
    """Sign the person out in every browser, this one included."""
    accounts.end_every_sign_in(current_session(), person_id=current_person().id)
    forget_browser()
    return redirect(url_for("accounts.signed_out"), 303)


def _page(form: NameForm) -> str:
    session, scope = current_session(), person_scope()
    return render_template(
        "personal_data/my-data.html",
        nav="data",
        person=current_person(),
        memberships=open_memberships(session, scope),
        held=export.counts(session, scope),
        titles=TITLES,
        keep=installation().settings,
        form=form,
    )


def _file(content: str | bytes, kind: str, name: str) -> FlaskResponse:
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
