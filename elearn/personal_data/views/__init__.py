"""A person's own data: to read, to take along, to correct, to delete."""

from typing import Any

from flask import Blueprint
from werkzeug.local import LocalProxy

from elearn.learning.around import help_of_this_page, person_keys

bp = Blueprint("personal_data", __name__, template_folder="../templates")


@bp.context_processor
def _around_the_page() -> dict[str, Any]:
    """Give these pages what every page of a learner has."""
    return {"help_lines": LocalProxy(help_of_this_page), "person_keys": person_keys}


# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.personal_data.views import deletion, my_data, public  # noqa: E402, F401 - as the comment says
