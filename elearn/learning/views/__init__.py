"""The learner's screens: courses, modules, watching, certificates and notes."""

from typing import Any

from flask import Blueprint
from werkzeug.local import LocalProxy

from elearn.core import i18n
from elearn.learning import words
from elearn.learning.around import day_here, help_of_this_page, person_keys

bp = Blueprint("learning", __name__, template_folder="../templates")

_WORDS = {
    "clock_text": words.clock_text,
    "listed": words.listed,
    "length_words": words.length_words,
    "percent": i18n.format_percent,
    "said": words.said,
    "stretch_text": words.stretch_text,
    "day_here": day_here,
}
bp.add_app_template_filter(words.stretch_text, "stretch")


@bp.context_processor
def _around_the_page() -> dict[str, Any]:
    """Give every page of a learner its help lines; they are looked up only when a template asks."""
    return {"help_lines": LocalProxy(help_of_this_page), "person_keys": person_keys, **_WORDS}


# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.learning.views import (  # noqa: E402, F401 - as the comment says
    certificates,
    courses,
    modules,
    notes,
    posters,
    previews,
    watching,
)
