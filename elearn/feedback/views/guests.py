"""Guests at an occasion: a code instead of an account, and no cookie but the one that guards forms."""

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.core.i18n import gettext as _
from elearn.core.limits import Limit, check_attempts, count_attempt
from elearn.feedback import forms, queries
from elearn.feedback.errors import BadAnswers, FormClosed
from elearn.feedback.forms import OccasionCodeForm
from elearn.feedback.known import content_of
from elearn.feedback.models import FeedbackOccasion
from elearn.feedback.services.answering import submit_as_guest
from elearn.feedback.views import bp
from elearn.feedback.views.form_page import closed, form_page
from elearn.learning.around import stand_in
from elearn.licensing.join_codes import tidy_code
from elearn.web import access
from elearn.web.errors import answer
from elearn.web.session import afterwards, current_session

WRONG_CODES = Limit("feedback.wrong_code", attempts=30, window_s=900)
ANSWERS = Limit("feedback.guest_answers", attempts=500, window_s=3600)
"""For an occasion, not for a sender: a hall of people shares one address, and nothing is to tell who answered when."""


@bp.get("/feedback/at")
@access.anyone
def type_code() -> str | AnyResponse:
    """Ask for the code on the wall, and lead to what it opens."""
    if "code" not in request.args:
        return render_template("feedback/code.html", form=OccasionCodeForm(formdata=None))
    form = OccasionCodeForm(formdata=request.args, meta={"csrf": False})  # it only reads
    if form.validate():
        code = tidy_code(form.code.data)
        if code:
            return redirect(url_for("feedback.at_occasion", occasion_code=code), 303)
        form.code.errors = [_("This is no code of ours. Check it letter by letter: there are ten.")]
    return make_response(render_template("feedback/code.html", form=form), 422)


@bp.route("/feedback/at/<occasion_code>", methods=["GET", "POST"])
@access.anyone
def at_occasion(occasion_code: str) -> str | Response | AnyResponse:
    """Show an occasion's form, or take a guest's answers."""
    occasion = _occasion(occasion_code, has_the_form=request.method == "POST")
    if isinstance(occasion, Response):
        return occasion
    if occasion.is_over:
        return closed()
    stand_in(occasion.municipality)
    form = forms.response_form(content_of(occasion.form))()
    if request.method == "POST":
        count_attempt(current_session(), ANSWERS, str(occasion.id))
        try:
            submit_as_guest(
                current_session(),
                occasion=occasion,
                answers=form.raw_answers(),
                may_quote=bool(form.may_quote.data),
            )
            return redirect(url_for("feedback.thanks_guest", occasion_code=occasion.code), 303)
        except FormClosed:
            return closed()
        except BadAnswers as bad:
            form.refuse(bad.faults)
    return form_page(form, occasion.form, occasion=occasion, base="feedback/guest.html")


@bp.get("/feedback/at/<occasion_code>/thanks")
@access.anyone
def thanks_guest(occasion_code: str) -> str | Response | AnyResponse:
    """Thank a guest, and say where to turn with a worry about a child."""
    occasion = _occasion(occasion_code, has_the_form=True)
    if isinstance(occasion, Response):
        return occasion
    stand_in(occasion.municipality)
    return render_template("feedback/thanks.html", base="feedback/guest.html")


def _occasion(typed: str, *, has_the_form: bool = False) -> FeedbackOccasion | Response:
    """Return the occasion a code opens, or the answer to a wrong one; guessing is limited.

    A hall shares one address: whoever has the form loses their answers to nobody else's wrong codes.
    """
    sender = request.remote_addr or ""
    code = tidy_code(typed)
    found = queries.occasion_by_code(current_session(), code) if code else None
    if found is None or not has_the_form:
        check_attempts(current_session(), WRONG_CODES, sender)
    if found is None:
        afterwards(lambda session: count_attempt(session, WRONG_CODES, sender))
        return answer(404, _("We do not know this code"), _("Check it letter by letter. It stands on the wall."))
    return found
