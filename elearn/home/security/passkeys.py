"""Adding and removing passkeys."""

from flask import Response as JsonResponse
from flask import flash, jsonify, render_template
from werkzeug.wrappers import Response

from elearn.accounts import factors, queries
from elearn.accounts.errors import FactorExists, PasskeyNotValid
from elearn.accounts.passkey_challenges import keep_challenge, passkey_site, take_challenge
from elearn.accounts.passkeys import check_new, options_to_add
from elearn.accounts.signing import current_person, just_signed_in, stay_alone
from elearn.core.i18n import gettext as _
from elearn.home.security.blueprint import bp, only_operators, to_page, to_wanted_page
from elearn.home.security.forms import NewPasskeyForm
from elearn.organisations.access import person_scope
from elearn.web.session import current_session, installation

PURPOSE = "add"


@bp.get("/passkeys/new")
@just_signed_in
def new_passkey() -> str:
    """Ask for the device's name, then have the browser make a passkey."""
    only_operators()
    return _page(NewPasskeyForm(formdata=None))


@bp.post("/passkeys/options")
@just_signed_in
def passkey_options() -> JsonResponse:
    """Tell the browser what passkey to make."""
    only_operators()
    person = current_person()
    options = options_to_add(
        passkey_site(),
        person_id=person.id,
        address=person.address,
        name=person.name,
        known=queries.passkeys(current_session(), person_scope()),
    )
    keep_challenge(PURPOSE, options)
    return jsonify(options)


@bp.post("/passkeys/new")
@just_signed_in
def add_passkey() -> str | Response:
    """Add the passkey that the browser has made; every other browser is signed out."""
    only_operators()
    form = NewPasskeyForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        new = check_new(passkey_site(), challenge=take_challenge(PURPOSE), answer=form.credential.data)
        factors.add_passkey(
            current_session(), current_person(), new, name=form.name.data, house=installation().settings.name
        )
    except (PasskeyNotValid, FactorExists):
        form.name.errors = [_("The browser has made no passkey that we can use. Try again, or use an app instead.")]
        return _page(form)
    stay_alone(second_factor_shown=True)
    flash(_("The passkey is added. You are signed out everywhere else."))
    return to_wanted_page()


@bp.post("/passkeys/<int:passkey_id>/remove")
@just_signed_in
def remove_passkey(passkey_id: int) -> Response:
    """Take a passkey away; every other browser is signed out."""
    factors.remove_passkey(
        current_session(), current_person(), passkey_id=passkey_id, house=installation().settings.name
    )
    stay_alone()
    flash(_("The passkey is removed. You are signed out everywhere else."))
    return to_page()


def _page(form: NewPasskeyForm) -> str:
    return render_template("security/passkey.html", form=form)
