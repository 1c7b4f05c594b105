"""The learner's screens: courses, modules, watching, certificates and notes."""

from typing import Any

from flask import Blueprint
from werkzeug.local import LocalProxy

from elearn.learning.views.around import help_of_this_page

bp = Blueprint("learning", __name__, template_folder="../templates")


@bp.context_processor
def _around_the_page() -> dict[str, Any]:
    """Give every page of a learner its help lines; they are looked up only when a template asks."""
    return {"help_lines": LocalProxy(help_of_this_page)}


# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.learning.views import courses  # noqa: E402, F401
