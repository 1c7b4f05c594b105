"""What the course owner's pages share."""

from datetime import datetime

from flask import Blueprint, g, request

from elearn.core import clock
from elearn.core.i18n import LANGUAGES, format_day
from elearn.media.storage import MediaStore
from elearn.organisations.models import CourseHouse
from elearn.web.session import installation

bp = Blueprint("owner", __name__, url_prefix="/owner", template_folder="templates")

LONGEST_SEARCH = 100


def house() -> CourseHouse:
    """Return the house of the owner who asks; the rule `owner` has looked it up."""
    found: CourseHouse = g.house
    return found


def media_store() -> MediaStore:
    """Return where the installation's films lie."""
    return MediaStore(installation().settings.media)


def page_number() -> int:
    """Return the page of a list that is asked for, counted from 1."""
    return min(max(request.args.get("page", 1, type=int), 1), 100_000)


def searched_text() -> str:
    """Return what is searched for."""
    return request.args.get("q", "").strip()[:LONGEST_SEARCH]


@bp.context_processor
def _house() -> dict[str, CourseHouse | None]:
    return {"house": g.get("house")}


@bp.app_template_filter("local_day")
def local_day(instant: datetime, country: str) -> str:
    """Return the local day of an instant, with its year only when that is not this year."""
    day = clock.day_of(instant, country)
    return format_day(day, short=day.year == clock.today(country).year)


@bp.app_template_filter("language_name")
def language_name(code: str) -> str:
    """Return a language's own name."""
    return LANGUAGES[code]
