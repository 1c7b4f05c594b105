"""Answering a form, or putting it off; of anonymous answers nothing is noted but that they were given."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.feedback import forms, queries
from elearn.feedback.due import Place
from elearn.feedback.errors import AlreadyAnswered, BadAnswers, FormClosed
from elearn.feedback.forms import ResponseForm
from elearn.feedback.queries import Answerable
from elearn.feedback.services import answering, asking
from elearn.feedback.services.answering import Respondent
from elearn.feedback.views import bp
from elearn.feedback.views.form_page import closed, form_page
from elearn.feedback.words import say
from elearn.learning.around import explain_leaving_first, stand_in
from elearn.organisations.access import person_scope
from elearn.organisations.models import Municipality
from elearn.web import access
from elearn.web.forms import ButtonForm
from elearn.web.links import safe_path
from elearn.web.session import current_session, installation


@bp.errorhandler(FormClosed)
def _closed(_error: FormClosed) -> Response:
    """Say so to whoever it asked: a reminder may be opened weeks later."""
    return closed()


@bp.route("/feedback/<int:form_id>", methods=["GET", "POST"])
@access.signed_in
def answer(form_id: int) -> str | Response:
    """Show a form, keep a draft of it, or take its answers."""
    return _answer(form_id, "")


@bp.route("/feedback/<int:module_form_id>/modules/<module_key>", methods=["GET", "POST"])
@access.signed_in
def answer_about(module_form_id: int, module_key: str) -> str | Response:
    """Show a form about one module, or take its answers; one tap on the module's own page is enough."""
    return _answer(module_form_id, module_key)


@bp.get("/feedback/thanks")
@access.signed_in
def thanks() -> str:
    """Thank, and say where to turn with a worry about a child, since what was written is read only later."""
    return render_template("feedback/thanks.html", base="learner.html", nav="courses")


@bp.post("/feedback/<int:form_id>/not-now")
@access.signed_in
def not_now(form_id: int) -> Response:
    """Put a form off; it stays on the page of courses."""
    found = _asked(form_id)
    asking.put_off(current_session(), form=found.form, round_=found.round_, person_id=person_scope().person_id)
    return redirect(_next_page(), 303)


@bp.route("/feedback/<int:form_id>/reminders", methods=["GET", "POST"])
@access.signed_in
def no_reminders(form_id: int) -> str | Response:
    """Ask, and by the button's press note, that a form is not to ask the person again."""
    found, form = _asked(form_id), ButtonForm()
    if form.validate_on_submit():
        asking.decline(current_session(), form=found.form, round_=found.round_, person_id=person_scope().person_id)
        flash(_("We shall not ask you about this form again."))
        return redirect(_next_page(), 303)
    title = say(found.content.title, language())
    return render_template("feedback/no-reminders.html", found=found, title=title, nav="courses")


def _answer(form_id: int, about: str) -> str | Response:
    session, scope = current_session(), person_scope()
    found = queries.answerable(session, scope, form_id, about)
    if request.method == "GET" and (redirected := explain_leaving_first()):
        return redirected
    if found.is_answered:
        return _answered_before()
    places = _municipalities(found.places)
    stand_in(places[found.places[0].municipality_id])
    made = forms.response_form(found.content)
    kept = None if found.form.is_anonymous else queries.draft(session, scope, form_id, found.round_.id, about)
    form = made(data=forms.filled(found.content, kept.answers) | {"may_quote": kept.may_quote} if kept else None)
    form.municipality.choices = [(each.id, each.official_name) for each in places.values()]
    if request.method == "POST":
        try:
            return _take(found, form, about)
        except BadAnswers as bad:
            form.refuse(bad.faults)
    return form_page(form, found.form, base="learner.html", is_kept=kept is not None)


def _take(found: Answerable, form: ResponseForm, about: str) -> Response:
    """Keep the draft, or the answers. Raises `BadAnswers`."""
    place = next((each for each in found.places if each.municipality_id == form.municipality.data), found.places[0])
    is_draft = "draft" in request.form and not found.form.is_anonymous
    respondent = Respondent(person_scope().person_id, place.audience, place.municipality_id, place.sector)
    given: dict[str, Any] = {
        "form": found.form,
        "round_": found.round_,
        "respondent": respondent,
        "answers": form.raw_answers(),
        "about": about,
        "may_quote": bool(form.may_quote.data),
    }
    try:
        if is_draft:
            answering.save_draft(current_session(), **given)
            flash(_("Your draft is kept. You can go on another day."))
            return redirect(request.path, 303)
        answering.submit_response(current_session(), installation().tokens, **given)
    except AlreadyAnswered:
        return _answered_before()
    return redirect(url_for("feedback.thanks"), 303)


def _asked(form_id: int) -> Answerable:
    """Return a form the person may answer. Raises `NotFound`."""
    return queries.answerable(current_session(), person_scope(), form_id)


def _answered_before() -> Response:
    flash(_("You have answered this form. An answer counts once."), "note")
    return redirect(url_for("feedback.thanks"), 303)


def _municipalities(places: list[Place]) -> dict[int, Municipality]:
    """Return the municipalities of places, in their order."""
    session = current_session()
    return {place.municipality_id: session.get_one(Municipality, place.municipality_id) for place in places}


def _next_page() -> str:
    return safe_path(request.form.get("next")) or url_for("home.start")
