"""What the public pages share."""

from flask import Response, make_response

from elearn.billing import price_panel
from elearn.catalogue import queries
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.web.session import current_session


def course_for_sale(slug: str) -> Course:
    """Return a published course that has a price. Raises `NotFound`."""
    session = current_session()
    course = session.get_one(Course, queries.public_course(session, slug).id)
    if not price_panel.is_for_sale(session, course):
        raise NotFound("no price")
    return course


def download(content: bytes, kind: str, name: str) -> Response:
    """Answer with a file under a neutral name."""
    response = make_response(content)
    response.headers["Content-Type"] = kind
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
