"""Error pages: what happened, that nothing is lost, and one way on."""

import logging

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from elearn.core.errors import Away, NotFound, TooManyAttempts
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.web.problems import problem
from elearn.web.session import BY_TOKEN

RETRY_AFTER_S = 5

_log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Give every failure its page."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotFound, _not_found)
    app.register_error_handler(TooManyAttempts, _too_many)
    for absence in (OperationalError, InterfaceError, OSError, Away):
        app.register_error_handler(absence, _away)
    for value in (DataError, OverflowError, UnicodeError, RecursionError):
        app.register_error_handler(value, _cannot_be_held)
    app.register_error_handler(Exception, _failed)


def answer(status: int, title: str, text: str, *, retry_after_s: int | None = None) -> Response:
    """Return an error as a page, as JSON to a script, or as the API's problem."""
    if BY_TOKEN.match(request.path):
        response = problem(status, text)
    elif request.is_json or request.accept_mimetypes.best == "application/json":
        response = jsonify(error=text, code=str(status))
    else:
        response = make_response(_page(status=status, title=title, text=text))
    response.status_code = status
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def _page(**shown: object) -> str:
    try:
        return render_template("errors/error.html", **shown)
    except SQLAlchemyError:  # the database is away: show the page as to a visitor, without asking who is signed in
        g._login_user = AnonymousUserMixin()
        return render_template("errors/error.html", **shown)


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if error.response is not None or code < 400:
        return make_response(error.get_response())
    response = answer(code, *words(code))
    for name, value in error.get_headers():
        if name not in ("Content-Type",):  # Allow, Retry-After and the like
            response.headers[name] = value
    return response


def words(code: int) -> tuple[str, str]:
    """Return the title and the text of an error page."""
    known = {
        400: (_("That did not arrive whole"), _("Go back, check what you wrote and send it again.")),
        401: (_("You are signed out"), _("Sign in, then carry on where you were. Nothing is lost.")),
        403: (_("You cannot do that here"), _("Reload the page and try once more. Nothing is lost.")),
        404: (_("Nothing here"), _("This page does not exist, or it is not yours. Nothing is lost.")),
        405: (
            _("Nothing here"),
            _("The address is right, but it is not opened this way. Nothing is lost."),
        ),
        410: (_("The link no longer works"), _("This link has been used or is too old. Get a new one.")),
        413: (_("That is too large"), g.get("too_large") or _("Send less at a time.")),
        503: (
            _("We will be right back"),
            _("Something is resting for a moment. Try again shortly. What you have seen is kept."),
        ),
    }
    return known.get(code, known[400] if code < 500 else _failure_words())


def _failure_words() -> tuple[str, str]:
    return _("That did not work"), _(
        "The fault is ours and has been noted. Try again, or write to us. Nothing is lost."
    )


def _csrf(_error: CSRFError) -> Response:
    return answer(
        400,
        _("The page has been open for a long time"),
        _("Go back, reload the page and send it again. Nothing is lost."),
    )


def _not_found(_error: NotFound) -> Response:
    return answer(404, *words(404))


def _too_many(error: TooManyAttempts) -> Response:
    minutes = max(1, -(-error.retry_after_s // 60))
    text = ngettext(
        "Wait a little. Try again in %(num)d minute.", "Wait a little. Try again in %(num)d minutes.", minutes
    )
    return answer(429, _("Wait a little"), text, retry_after_s=error.retry_after_s)


def _away(error: DBAPIError | OSError | Away) -> Response:
    _log.error("a service is away: %s", error)
    return answer(503, *words(503), retry_after_s=RETRY_AFTER_S)


def _cannot_be_held(error: Exception) -> Response:
    """Refuse numbers beyond all ids, half characters, NUL and JSON without bottom: no honest page sends them."""
    _log.warning("a value that cannot be held: %s", type(error).__name__, exc_info=error)
    status = 404 if request.method == "GET" else 400
    return answer(status, *words(status))


def _failed(error: Exception) -> Response:
    _log.exception("unexpected failure", exc_info=error)
    return answer(500, *_failure_words())
