"""Choosing a password, and doing without one again."""

from flask import flash, render_template
from werkzeug.wrappers import Response

from elearn.accounts import password_door, passwords
from elearn.accounts.errors import PasswordFault, PasswordRefused
from elearn.accounts.signing import current_person, just_signed_in, stay_alone
from elearn.core.i18n import gettext as _
from elearn.home.security.blueprint import bp, memberships, to_page
from elearn.home.security.forms import NewPasswordForm
from elearn.web.session import current_session, installation


@bp.get("/password")
@just_signed_in
def password() -> str:
    """Show what makes a good password, and the field for it."""
    return _page(NewPasswordForm(formdata=None))


@bp.post("/password")
@just_signed_in
def set_password() -> str | Response:
    """Give the person a password; every other browser is signed out."""
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return _page(form)
    name = installation().settings.name
    try:
        password_door.set_password(
            current_session(),
            current_person(),
            password=form.password.data,
            words=[name, *_workplaces()],
            house=name,
        )
    except PasswordRefused as refused:
        form.password.errors = [_why(refused.fault)]
        return _page(form)
    stay_alone()
    flash(_("Your password is saved. You are signed out everywhere else."))
    return to_page()


@bp.post("/password/remove")
@just_signed_in
def remove_password() -> Response:
    """Let the person sign in by mailed link alone; every other browser is signed out."""
    password_door.remove_password(current_session(), current_person(), house=installation().settings.name)
    stay_alone()
    flash(_("Your password is gone. You sign in with the link we send."))
    return to_page()


def _workplaces() -> list[str]:
    places = [membership.municipality or membership.course_house for membership in memberships()]
    return [place.name for place in places if place is not None]


def _why(fault: PasswordFault) -> str:
    return {
        PasswordFault.SHORT: _("Write at least %(num)s characters.", num=passwords.LEAST),
        PasswordFault.LONG: _("The password is too long."),
        PasswordFault.COMMON: _(
            "Many people use this one, so it is tried first. Write a few words that belong only to you."
        ),
        PasswordFault.CLOSE: _(
            "Whoever knows your name or where you work would try this first. Write a few words that belong only to you."
        ),
    }[fault]


def _page(form: NewPasswordForm) -> str:
    return render_template("security/password.html", form=form, person=current_person(), least=passwords.LEAST)
