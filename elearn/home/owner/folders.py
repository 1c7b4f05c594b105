"""The folders of a house's courses: what is written there, the browser shows and changes."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.catalogue.course_checks import STRUCTURE, course_folders
from elearn.catalogue.course_files import ID
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.organisations.queries import is_only_house
from elearn.web.session import installation


def unpublished_folders(session: Session, scope: HouseScope) -> list[str]:
    """Return the house's courses that have files but no version.

    Files name no house: those of a course that nobody began in the browser are the only house's.
    """
    mine = Course.course_house_id == scope.course_house_id
    begun = set(session.scalars(select(Course.slug).where(mine, Course.current_version_id.is_(None))))
    names = [folder.name for folder in course_folders(installation().settings.courses) if ID.fullmatch(folder.name)]
    unclaimed = set(names) - set(session.scalars(select(Course.slug))) if is_only_house(session, scope) else set()
    return [name for name in names if name in begun | unclaimed]


def own_folder(session: Session, scope: HouseScope, slug: str) -> Path:
    """Return the folder of a course of the house, or one nobody has published. Raises `NotFound`."""
    own_place(session, scope, slug)
    folder = _folder(slug)
    if folder is None:
        raise NotFound("no such course")
    return folder


def own_place(session: Session, scope: HouseScope, slug: str) -> Path:
    """Return where the files of a course of the house lie, whether or not they are there. Raises `NotFound`."""
    if not ID.fullmatch(slug):
        raise NotFound("no course is called so")
    owner_id = session.scalar(select(Course.course_house_id).where(Course.slug == slug))
    may = owner_id == scope.course_house_id if owner_id is not None else is_only_house(session, scope)
    if not may:
        raise NotFound("no such course")
    return installation().settings.courses / slug


def has_files(slug: str) -> bool:
    """Whether a course can be written and published from this installation's files."""
    return _folder(slug) is not None


def _folder(slug: str) -> Path | None:
    folder = installation().settings.courses / slug
    return folder if ID.fullmatch(slug) and (folder / STRUCTURE).is_file() else None
