"""Flask-Login's side of sign-in: the cookie holds a token, the database decides whether it still counts."""

from datetime import datetime, timedelta
from typing import cast

from flask import Flask, abort, flash, redirect, request, url_for
from flask import session as cookie
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from elearn.accounts import services
from elearn.accounts.errors import SignInEnded
from elearn.accounts.models import Person, SignIn
from elearn.accounts.queries import has_second_factor
from elearn.core import clock, i18n
from elearn.core.i18n import gettext as _
from elearn.core.scope import PersonScope
from elearn.web.access import ask_to_sign_in, rule
from elearn.web.session import current_session

OPERATOR_LIFE = timedelta(hours=12)
OPERATOR_IDLE = timedelta(minutes=30)
JUST_NOW = timedelta(minutes=10)
"""How long ago somebody may have signed in, or shown the second factor, to change how they sign in."""
LONG_LIVED_DOOR = "invitation"
SEEN_STEP_S = 60
"""The time an operator was last seen is written into the cookie this often."""

login = LoginManager()


def init_app(app: Flask) -> None:
    """Let Flask-Login load people from their sign-in."""
    login.init_app(app)
    login.user_loader(_load)
    login.session_protection = None  # the row in the database is the protection; a changing network is no thief


def sign_in(person: Person, *, door: str) -> None:
    """Sign this browser in as a person, under a new token, ending what was signed in before.

    An invitation's link lives for days and is passed on: it opens a learner's pages, and operators' pages never.
    """
    sign_out()
    opened = services.open_sign_in(current_session(), person=person, door=door)
    cookie.permanent = True
    cookie.setdefault("language", person.language)
    cookie["door"] = door
    if door != LONG_LIVED_DOOR:
        cookie["seen"] = _now_s()
    login_user(opened.sign_in)
    cookie["_user_id"] = opened.token  # the secret itself, not the row's id that Flask-Login would keep


def sign_out() -> None:
    """Sign this browser out, on the server too; only its language is kept."""
    if current_user.is_authenticated:
        services.end_sign_in(current_session(), current_user.id)
    language = cookie.get("language")
    forget_browser()
    if language:
        cookie["language"] = language


def forget_browser() -> None:
    """Take everything out of this browser's cookie, writing nothing to the database."""
    logout_user()
    cookie.clear()


def current_person() -> Person:
    """Return who is signed in; only for views whose rule asks for it."""
    return cast(SignIn, current_user).person


def is_signed_in_as(person: Person) -> bool:
    """Whether this browser is signed in as somebody; for views that anybody may ask."""
    return bool(current_user.is_authenticated) and current_person().id == person.id


def is_fresh_for_operators() -> bool:
    """Whether this sign-in may open operators' pages: at most 12 hours old, and seen there in the last 30 minutes.

    Notes that the operator is here now. Whoever was seen in the future, before the clock was set back, signs in anew.
    """
    now, seen = _now_s(), int(cookie.get("seen", 0))
    if (
        clock.now() > cast(SignIn, current_user).created_at + OPERATOR_LIFE
        or abs(now - seen) > OPERATOR_IDLE.total_seconds()
    ):
        return False
    if abs(now - seen) >= SEEN_STEP_S:
        cookie["seen"] = now
    return True


def current_sign_in() -> SignIn:
    """Return this browser's sign-in; only for views whose rule asks for it."""
    return cast(SignIn, current_user._get_current_object())


def note_second_factor() -> None:
    """Remember that the person has shown the second factor here, under a new token."""
    _renew(clock.now())


def stay_alone(*, second_factor_shown: bool = False) -> None:
    """After a change of how one signs in: a new token here, and every other browser is signed out."""
    me = current_sign_in()
    still_has_one = has_second_factor(current_session(), PersonScope(me.person_id))
    _renew(clock.now() if second_factor_shown else me.second_factor_at if still_has_one else None)
    services.end_other_sign_ins(current_session(), person_id=me.person_id, but=me.id)


def ask_for_second_factor(*, demanded: bool) -> Response | None:
    """Send whoever has a second factor to show it, once a sign-in; whoever must have one and has none, to add it."""
    if lacks_second_step():
        return _lead_to("accounts.second_step")
    has_shown = current_sign_in().second_factor_at is not None
    return _lead_to("security.page") if demanded and not has_shown else None


def lacks_second_step() -> bool:
    """Whether the person has a second factor that was not shown in this browser."""
    me = current_sign_in()
    return me.second_factor_at is None and has_second_factor(current_session(), PersonScope(me.person_id))


def _lead_to(endpoint: str) -> Response:
    if request.method != "GET" or request.is_json:
        abort(401)
    return redirect(url_for(endpoint, next=request.full_path.rstrip("?")), 303)


def _just_signed_in() -> Response | None:
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    me, since = current_sign_in(), clock.now() - JUST_NOW
    if has_second_factor(current_session(), PersonScope(me.person_id)):
        if me.second_factor_at is not None and me.second_factor_at >= since:
            return None
        door = "accounts.second_step"
    else:
        if me.created_at >= since and "seen" in cookie:  # an invitation's link is passed on: it changes nothing here
            return None
        door = "accounts.sign_in"
    if request.is_json:
        abort(401)
    flash(_("Show that it is you first. Then carry on here."))
    return redirect(url_for(door, next=request.path if request.method == "GET" else url_for("security.page")), 303)


just_signed_in = rule("just_signed_in", _just_signed_in)
"""A person who has signed in, or shown their second factor, in the last ten minutes."""


def _renew(second_factor_at: datetime | None) -> None:
    try:
        cookie["_user_id"] = services.renew_sign_in(
            current_session(), current_sign_in(), second_factor_at=second_factor_at
        )
    except SignInEnded:
        abort(401)


def _load(token: str) -> SignIn | None:
    return services.find_sign_in(current_session(), token)


def _now_s() -> int:
    return int(clock.now().timestamp())


def choose_language(code: str) -> None:
    """Speak a language from now on in this browser, and in letters when somebody is signed in."""
    cookie["language"] = code
    i18n.set_language(code)
