"""What the course owner's pages share."""

from flask import Blueprint, g
from sqlalchemy.orm import Session

from elearn.catalogue import queries as catalogue
from elearn.core.i18n import language
from elearn.core.scope import HouseScope
from elearn.licensing.seat_lists import Filter
from elearn.media.stores.storage import MediaStore, open_store
from elearn.organisations.models import CourseHouse
from elearn.web.session import installation

bp = Blueprint("owner", __name__, url_prefix="/owner", template_folder="templates")


def house() -> CourseHouse:
    """Return the house of the owner who asks; the rule `owner` has looked it up."""
    found: CourseHouse = g.house
    return found


def media_store() -> MediaStore:
    """Return where the installation's films lie: one store for a request, which waits for a bucket so long in all."""
    if "media_store" not in g:
        g.media_store = open_store(installation().settings)
    store: MediaStore = g.media_store
    return store


def titles(session: Session, scope: HouseScope) -> dict[int, str]:
    """Return the titles of the house's courses, by id."""
    return {course.id: str(course.content.title(language())) for course in catalogue.courses(session, scope)}


def shown_filter(wanted: str | None) -> Filter:
    """Return which people a list shows; all, when nothing we know is asked for."""
    return Filter(wanted) if wanted in list(Filter) else Filter.ALL


@bp.context_processor
def _house() -> dict[str, CourseHouse | None]:
    return {"house": g.get("house")}
