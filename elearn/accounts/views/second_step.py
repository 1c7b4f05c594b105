"""The second step of signing in: a code of the app or a passkey, asked for before an operator's pages open."""

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts import factors, passkeys, queries, signing
from elearn.accounts.errors import CodeNotValid, PasskeyNotValid
from elearn.accounts.forms import CodeForm, PasskeyForm
from elearn.accounts.passkey_challenges import keep_challenge, passkey_site, take_challenge
from elearn.accounts.views.blueprint import bp
from elearn.core.i18n import gettext as _
from elearn.core.limits import count_attempt
from elearn.core.scope import PersonScope
from elearn.web import access
from elearn.web.links import safe_path
from elearn.web.session import current_session, installation

PURPOSE = "show"


@bp.get("/sign-in/second-step")
@access.signed_in
def second_step() -> str | AnyResponse:
    """Ask for the second factor; whoever has none goes on."""
    return _page(CodeForm(formdata=None, next=safe_path(request.args.get("next")) or ""))


@bp.post("/sign-in/second-step")
@access.signed_in
def show_code() -> str | AnyResponse:
    """Take a code of the authenticator app."""
    form = CodeForm()
    if not form.validate_on_submit():
        return _page(form)
    _count_try()
    person = signing.current_person()
    try:
        factors.show_code(current_session(), installation().tokens, person, code=form.code.data)
    except CodeNotValid:
        factors.note_refusal(current_session(), person, factor="app")
        form.code.errors = [_("This code is wrong or has been used. Wait for the next one in the app.")]
        return _page(form)
    return _let_in(form.next.data)


@bp.post("/sign-in/second-step/options")
@access.signed_in
def second_step_options() -> Response:
    """Tell the browser which passkeys it may show."""
    known = queries.passkeys(current_session(), PersonScope(signing.current_person().id))
    options = passkeys.options_to_show(passkey_site(), known)
    keep_challenge(PURPOSE, options)
    return jsonify(options)


@bp.post("/sign-in/second-step/passkey")
@access.signed_in
def show_passkey() -> str | AnyResponse:
    """Take the browser's answer with a passkey."""
    form = PasskeyForm()
    person = signing.current_person()
    _count_try()
    try:
        if not form.validate_on_submit():
            raise PasskeyNotValid
        factors.show_passkey(
            current_session(), person, passkey_site(), challenge=take_challenge(PURPOSE), answer=form.credential.data
        )
    except PasskeyNotValid:
        factors.note_refusal(current_session(), person, factor="passkey")
        again = CodeForm(formdata=None, next=form.next.data)
        return _page(again, refusal=_("The passkey was not recognised. Try again, or use the app."))
    return _let_in(form.next.data)


def _count_try() -> None:
    """Count per first door, too: whoever has only stolen a password must not use up the tries of the mailed link."""
    count_attempt(current_session(), factors.TRIES, f"{signing.current_person().id}:{cookie.get('door', '')}")


def _let_in(next_path: str | None) -> AnyResponse:
    signing.note_second_factor()
    return redirect(safe_path(next_path) or url_for("home.start"), 303)


def _page(form: CodeForm, refusal: str = "") -> str | AnyResponse:
    session, scope = current_session(), PersonScope(signing.current_person().id)
    has_app, has_passkey = queries.has_app(session, scope), bool(queries.passkeys(session, scope))
    if not has_app and not has_passkey:
        return redirect(safe_path(form.next.data) or url_for("home.start"), 303)
    return render_template(
        "accounts/second-step.html",
        form=form,
        passkey_form=PasskeyForm(formdata=None, next=form.next.data),
        has_app=has_app,
        has_passkey=has_passkey,
        refusal=refusal,
    )
