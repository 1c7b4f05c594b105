"""Flask-Login's side of sign-in: the cookie holds a token, the database decides whether it still counts."""

from datetime import timedelta
from typing import cast

from flask import Flask
from flask import session as cookie
from flask_login import LoginManager, current_user, login_user, logout_user

from elearn.accounts import services
from elearn.accounts.models import Person, SignIn
from elearn.core import clock, i18n
from elearn.web.session import current_session

OPERATOR_LIFE = timedelta(hours=12)
OPERATOR_IDLE = timedelta(minutes=30)
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


def is_fresh_for_operators() -> bool:
    """Whether this sign-in may open operators' pages: at most 12 hours old, and seen there in the last 30 minutes.

    Notes that the operator is here now.
    """
    now, seen = _now_s(), int(cookie.get("seen", 0))
    if (
        clock.now() > cast(SignIn, current_user).created_at + OPERATOR_LIFE
        or now - seen > OPERATOR_IDLE.total_seconds()
    ):
        return False
    if now - seen >= SEEN_STEP_S:
        cookie["seen"] = now
    return True


def _load(token: str) -> SignIn | None:
    return services.find_sign_in(current_session(), token)


def _now_s() -> int:
    return int(clock.now().timestamp())


def choose_language(code: str) -> None:
    """Speak a language from now on in this browser, and in letters when somebody is signed in."""
    cookie["language"] = code
    i18n.set_language(code)
