"""The doors, signing out, choosing a language, and leaving the page."""

from flask import Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError

from elearn.accounts import password_door, services, signing
from elearn.accounts.errors import LinkNotValid, NotAnAddress, WrongPassword
from elearn.accounts.forms import PasswordSignInForm, SignInForm
from elearn.accounts.views.blueprint import bp
from elearn.core import i18n
from elearn.core.i18n import gettext as _
from elearn.web import access
from elearn.web.forms import ButtonForm
from elearn.web.links import safe_path
from elearn.web.security import csrf
from elearn.web.session import commit, current_session, installation
from elearn.web.wrong_links import refuse_many_wrong_links, wrong_link


@bp.route("/sign-in", methods=["GET", "POST"])
@access.anyone
def sign_in() -> str | AnyResponse:
    """Ask for an address and send it a link. The answer never tells whether the address is known."""
    form = SignInForm(next=safe_path(request.args.get("next")) or "")
    if form.validate_on_submit():
        try:
            services.ask_for_link(
                current_session(),
                address=form.email.data,
                sender=request.remote_addr or "",
                next_path=safe_path(form.next.data),
            )
        except NotAnAddress:
            form.email.errors = [_("Write the whole address, such as name@municipality.dk.")]
        else:
            return redirect(url_for("accounts.link_sent"), 303)
    return render_template("accounts/sign-in.html", form=form)


@bp.get("/sign-in/sent")
@access.anyone
def link_sent() -> str:
    """Say that a link is on its way, if the address is known."""
    return render_template("accounts/link-sent.html", minutes=int(services.LINK_LIFE.total_seconds() // 60))


@bp.route("/sign-in/password", methods=["GET", "POST"])
@access.anyone
def sign_in_with_password() -> str | AnyResponse:
    """Sign in with a password. Unknown address, no password, wrong password: one answer, after the same time."""
    form = PasswordSignInForm(next=safe_path(request.args.get("next")) or "")
    if form.validate_on_submit():
        session = current_session()
        claim = password_door.count_try(session, address=form.email.data, sender=request.remote_addr or "")
        commit()  # the try counts from now on, and the slow check holds nobody up
        try:
            person = password_door.let_in(session, claim, form.password.data)
        except WrongPassword:
            form.password.errors = [
                _("The address and the password do not belong together. Or let us send you a link.")
            ]
        else:
            signing.sign_in(person, door="password")
            return redirect(safe_path(form.next.data) or url_for("home.start"), 303)
    return render_template("accounts/sign-in-with-password.html", form=form)


@bp.get("/sign-in/<token>")
@access.anyone
def open_link(token: str) -> str | Response:
    """Show the button that signs in; mail scanners open links, so opening alone does nothing."""
    refuse_many_wrong_links()
    if not services.is_link_valid(current_session(), token):
        return wrong_link(was_ours=services.was_link_ours(current_session(), token))
    return render_template("accounts/open-link.html", form=ButtonForm())


@bp.post("/sign-in/<token>")
@access.anyone
def use_link(token: str) -> Response | AnyResponse:
    """Sign in."""
    refuse_many_wrong_links()
    try:
        person, next_path = services.use_link(current_session(), token)
    except LinkNotValid:
        return wrong_link(was_ours=services.was_link_ours(current_session(), token))
    signing.sign_in(person, door="link")
    return redirect(safe_path(next_path) or url_for("home.start"), 303)


@bp.post("/sign-out")
@access.anyone
def sign_out() -> AnyResponse:
    """Sign out here, on the server too."""
    signing.sign_out()
    response = redirect(url_for("accounts.signed_out"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'  # not storage: progress that waits to be sent lies there
    return response


@bp.get("/signed-out")
@access.anyone
def signed_out() -> str:
    """Say that one is signed out."""
    return render_template("accounts/signed-out.html")


@bp.post("/language")
@access.anyone
def choose_language() -> AnyResponse:
    """Speak another language from now on."""
    code = request.form.get("language", "")
    if code not in i18n.LANGUAGES:
        abort(400)
    signing.choose_language(code)
    if current_user.is_authenticated:
        services.choose_language(current_session(), person_id=signing.current_person().id, language=code)
    return redirect(safe_path(request.form.get("next")) or "/", 303)


@bp.get("/leave")
@access.anyone
def leave() -> Response:
    """Leave for a neutral page, with nothing of this one left in the browser but its history."""
    signing.forget_browser()
    response = make_response(redirect(installation().settings.leave_url, 303))
    response.headers["Clear-Site-Data"] = '"cache", "cookies"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.post("/leave")
@csrf.exempt  # type: ignore[untyped-decorator]  # Flask-WTF is untyped
@access.anyone
def leave_at_once() -> Response:
    """End the sign-in on the server while the browser is already on its way out: a beacon brings the token as JSON."""
    body = request.get_json(silent=True)
    try:
        validate_csrf(body.get("csrf") if isinstance(body, dict) else None)
    except ValidationError:
        abort(400)
    signing.sign_out()
    signing.forget_browser()  # the language, too
    return jsonify(left=True)


@bp.route("/leave/how", methods=["GET", "POST"])
@access.signed_in
def how_to_leave() -> str | AnyResponse:
    """Explain how the page is left, and that history is not erased; shown once before the first course page."""
    form = ButtonForm()
    if form.validate_on_submit():
        services.explain_leave_page(current_session(), person_id=signing.current_person().id)
        return redirect(safe_path(request.args.get("next")) or url_for("home.start"), 303)
    return render_template("accounts/how-to-leave.html", form=form)
