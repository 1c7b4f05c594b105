"""What these pages share."""

from flask import Blueprint, abort, redirect, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from elearn.organisations.access import person_scope
from elearn.organisations.models import Membership, Role
from elearn.organisations.queries import open_memberships
from elearn.web.links import safe_path
from elearn.web.session import current_session

OPERATORS = {Role.OWNER, Role.BUYER}
WANTED_PAGE = "wanted_page"

bp = Blueprint("security", __name__, url_prefix="/security")


def memberships() -> list[Membership]:
    """Return what the person who asks is now."""
    return open_memberships(current_session(), person_scope())


def is_operator() -> bool:
    """Whether the person who asks is an owner or a buyer: they may add a second factor."""
    return any(membership.role in OPERATORS for membership in memberships())


def only_operators() -> None:
    """Answer 404 to everybody else."""
    if not is_operator():
        abort(404)


def to_page() -> Response:
    """Go back to the page."""
    return redirect(url_for("security.page"), 303)


def to_wanted_page() -> Response:
    """Go on to the page for which somebody had to add a second factor, else back to the page."""
    return redirect(safe_path(cookie.pop(WANTED_PAGE, None)) or url_for("security.page"), 303)
