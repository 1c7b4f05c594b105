"""What the course owner's pages share."""

from flask import Blueprint, g

from elearn.media.storage import MediaStore
from elearn.organisations.models import CourseHouse
from elearn.web.session import installation

bp = Blueprint("owner", __name__, url_prefix="/owner", template_folder="templates")


def house() -> CourseHouse:
    """Return the house of the owner who asks; the rule `owner` has looked it up."""
    found: CourseHouse = g.house
    return found


def media_store() -> MediaStore:
    """Return where the installation's films lie."""
    return MediaStore(installation().settings.media)


@bp.context_processor
def _house() -> dict[str, CourseHouse | None]:
    return {"house": g.get("house")}
