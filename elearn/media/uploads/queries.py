"""Looking uploads up."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.media.models import FilmUpload


def upload_of(session: Session, scope: HouseScope, upload_id: str) -> FilmUpload:
    """Return one of a house's uploads. Raises `NotFound`."""
    found = session.scalar(
        select(FilmUpload).where(FilmUpload.id == upload_id, FilmUpload.course_house_id == scope.course_house_id)
    )
    if found is None:
        raise NotFound("upload")
    return found
