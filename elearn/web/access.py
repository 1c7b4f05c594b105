"""Who may call a route. Every view carries exactly one of these rules, or the app does not start.

Rules that need memberships live in `organisations.access`; they are declared through `rule` as well.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from elearn.web.session import BY_TICKET, BY_TOKEN, installation

_FOR_MACHINES = ("token", "anyone")
View = TypeVar("View", bound=Callable[..., Any])
Check = Callable[[], Response | None]
"""Aborts, answers in the view's place, or lets it go on."""


class MissingAccessRule(Exception):
    """A route does not say who may call it."""


def rule(name: str, check: Check | None = None) -> Callable[[View], View]:
    """Make a decorator that declares `name` as a view's rule and runs `check` before it."""

    def decorate(view: View) -> View:
        if hasattr(view, "access_rule"):
            raise MissingAccessRule(f"{view.__name__} has two access rules; leave one")
        if check is None:
            view.access_rule = name  # type: ignore[attr-defined]  # functions take attributes
            return view

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            answer = check()
            return view(*args, **kwargs) if answer is None else answer

        guarded.access_rule = name  # type: ignore[attr-defined]  # functions take attributes
        return guarded  # type: ignore[return-value]  # same signature

    return decorate


def rule_of(app: Flask, endpoint: str) -> str | None:
    """Return the name of the rule an endpoint declares."""
    return getattr(app.view_functions[endpoint], "access_rule", None)


def require_rules(app: Flask) -> None:
    """Refuse to go on when a route has no rule. Raises `MissingAccessRule` naming the routes and the cure."""
    missing = sorted({r.endpoint for r in app.url_map.iter_rules() if rule_of(app, r.endpoint) is None})
    if missing:
        raise MissingAccessRule(
            f"{', '.join(missing)}: say who may call it, e.g. @access.signed_in above the function, below @bp.route"
        )
    for each in app.url_map.iter_rules():
        if (rule_of(app, each.endpoint) == "ticket") != bool(BY_TICKET.match(each.rule)):
            raise MissingAccessRule(f"{each.rule}: web.session.BY_TICKET and the rule @access.ticket must agree")
        if rule_of(app, each.endpoint) not in _FOR_MACHINES and BY_TOKEN.match(each.rule):
            raise MissingAccessRule(f"{each.rule}: no cookie is read there, so its rule must be the API's token")


def ask_to_sign_in() -> Response:
    """Send a browser to the sign-in page and back afterwards; tell a script 401."""
    if request.method != "GET" or request.is_json:
        abort(401)
    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 303)


def _signed_in() -> Response | None:
    return None if current_user.is_authenticated else ask_to_sign_in()


def _demo() -> None:
    if not installation().settings.demo:
        abort(404)


anyone = rule("anyone")
"""Everybody, signed in or not."""

ticket = rule("ticket")
"""Whoever holds a viewing ticket for the film; the view reads it, no person is loaded."""

signed_in = rule("signed_in", _signed_in)
"""A signed-in person; what they may see is decided by scoped queries and seats."""

demo = rule("demo", _demo)
"""Demo mode only; elsewhere the page does not exist."""
