"""Adding and removing an authenticator app."""

from flask import flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from elearn.accounts import factors, totp
from elearn.accounts.errors import CodeNotValid, FactorExists
from elearn.accounts.signing import current_person, just_signed_in, stay_alone
from elearn.core.i18n import gettext as _
from elearn.core.limits import count_attempt
from elearn.home.security.blueprint import bp, only_operators, to_page, to_wanted_page
from elearn.home.security.forms import FirstCodeForm
from elearn.web.session import current_session, installation


@bp.post("/app")
@just_signed_in
def begin_app() -> Response:
    """Make a secret for the app, and show it."""
    only_operators()
    try:
        factors.begin_app(current_session(), installation().tokens, current_person())
    except FactorExists:
        return to_page()
    return redirect(url_for("security.app"), 303)


@bp.get("/app")
@just_signed_in
def app() -> str | Response:
    """Show the square code, until its first code was typed."""
    only_operators()
    return _page(FirstCodeForm(formdata=None))


@bp.post("/app/first-code")
@just_signed_in
def add_app() -> str | Response:
    """Make the app count; every other browser is signed out."""
    only_operators()
    form, person, settings = FirstCodeForm(), current_person(), installation().settings
    if not form.validate_on_submit():
        return _page(form)
    count_attempt(current_session(), factors.TRIES, f"{person.id}:add")
    try:
        factors.add_app(current_session(), installation().tokens, person, code=form.code.data, house=settings.name)
    except CodeNotValid:
        form.code.errors = [_("This is not the code that the app shows now. Wait for the next one.")]
        return _page(form)
    stay_alone(second_factor_shown=True)
    flash(_("The app is added. You are signed out everywhere else."))
    return to_wanted_page()


@bp.post("/app/remove")
@just_signed_in
def remove_app() -> Response:
    """Take the app away; every other browser is signed out."""
    factors.remove_app(current_session(), current_person(), house=installation().settings.name)
    stay_alone()
    flash(_("The app is removed. You are signed out everywhere else."))
    return to_page()


def _page(form: FirstCodeForm) -> str | Response:
    """Show the code that waits; when none does, it has been added already or was never begun."""
    address = factors.app_address(
        current_session(), installation().tokens, current_person(), issuer=installation().settings.name
    )
    if address is None:
        return to_page()
    return render_template(
        "security/app.html",
        form=form,
        square=Markup(totp.square_code(address)),  # noqa: S704 - our own drawing of squares
        secret=totp.secret_in(address),
    )
