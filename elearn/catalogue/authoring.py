"""Writing a course in the browser: begun, saved into its files, and taken back to its published version."""

from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.course_changes import like, published_draft
from elearn.catalogue.course_files import TextsFile
from elearn.catalogue.course_folder import read_draft, write_draft
from elearn.catalogue.editing import Draft, with_language
from elearn.catalogue.errors import CannotBeSaved, CourseChanged, CourseExists, CourseIsPublished
from elearn.catalogue.models import Course, CourseVersion
from elearn.catalogue.put_away import put_away, put_back, state_of
from elearn.core import audit
from elearn.core.content_files import FileProblems, read_file
from elearn.core.db import insert
from elearn.organisations.models import CourseHouse

COURSE_BEGUN = audit.kind("catalogue.course.begun", "course_id")
COURSE_EDITED = audit.kind("catalogue.course.edited", "course", "files")
COURSE_REMOVED = audit.kind("catalogue.course.removed", "course")
COURSE_BROUGHT_BACK = audit.kind("catalogue.course.brought-back", "course")
COURSE_TAKEN_BACK = audit.kind("catalogue.course.taken-back", "course", "version")


def take_the_pen(session: Session, house: CourseHouse) -> None:
    """Let one owner of a house write at a time: whoever reads a course's files after this may change them."""
    session.refresh(house, with_for_update=True)


def begin_course(session: Session, *, house: CourseHouse, folder: Path, draft: Draft, by: Person) -> Course:
    """Begin a course in a folder of its own, which belongs to the house from now on.

    Raises `CourseExists`, `FolderNotWritable`.
    """
    slug = folder.name
    if folder.exists():
        raise CourseExists(slug)
    session.execute(insert(session, Course).values(course_house_id=house.id, slug=slug).on_conflict_do_nothing())
    course = session.scalars(select(Course).where(Course.slug == slug)).one()
    if course.course_house_id != house.id or has_version(session, slug):
        raise CourseExists(slug)
    audit.record(session, COURSE_BEGUN, actor_id=by.id, course_house_id=house.id, course_id=course.id)
    _write(folder, draft)
    return course


def has_version(session: Session, slug: str) -> bool:
    """Whether a course was ever published."""
    versions = select(CourseVersion.id).join(Course, CourseVersion.course_id == Course.id).where(Course.slug == slug)
    return session.scalar(versions.limit(1)) is not None


def remove_course(session: Session, *, house: CourseHouse, folder: Path, seen: str, by: Person) -> None:
    """Put a course away that was never published; its id stays the house's, which may begin another under it.

    `seen` is `state_of` its files when they were looked at. Raises `CourseIsPublished`, `CourseChanged`,
    `FolderNotWritable`.
    """
    take_the_pen(session, house)
    if has_version(session, folder.name):
        raise CourseIsPublished(folder.name)
    if state_of(folder) != seen:
        raise CourseChanged(folder.name)
    put_away(folder)
    audit.record(session, COURSE_REMOVED, actor_id=by.id, course_house_id=house.id, course=folder.name)


def bring_back_course(session: Session, *, house: CourseHouse, folder: Path, by: Person) -> bool:
    """Bring a removed course back; return whether it could be. Raises `FolderNotWritable`."""
    take_the_pen(session, house)
    is_back = put_back(folder)
    if is_back:
        audit.record(session, COURSE_BROUGHT_BACK, actor_id=by.id, course_house_id=house.id, course=folder.name)
    return is_back


def bring_back_language(
    session: Session, *, house: CourseHouse, folder: Path, draft: Draft, code: str, place: int, by: Person
) -> bool:
    """Bring back what a course said in a language that was taken out of it; return whether it could be.

    `place` is where it stood among the course's languages. Nobody else may have changed the files since they were read
    (`take_the_pen`). Raises `FolderNotWritable`.
    """
    if code in draft.languages or not put_back(folder, code):
        return False
    texts = read_file(folder / f"{code}.yaml", TextsFile).content
    save_course(session, house=house, folder=folder, draft=with_language(draft, code, texts, place), by=by)
    return True


def save_course(session: Session, *, house: CourseHouse, folder: Path, draft: Draft, by: Person) -> None:
    """Write a course's files; nobody else may have changed them since they were read (`take_the_pen`).

    Raises `CannotBeSaved`, `FolderNotWritable`.
    """
    if files := _write(folder, draft):
        audit.record(session, COURSE_EDITED, actor_id=by.id, course_house_id=house.id, course=folder.name, files=files)


def take_back(session: Session, *, house: CourseHouse, folder: Path, version: CourseVersion, by: Person) -> None:
    """Make a course's files say again what its published version says. Raises `FolderNotWritable`."""
    draft = published_draft(version.content)
    try:
        now = read_draft(folder)
    except FileProblems:
        pass  # there is no order to keep to
    else:
        texts = {code: like(said, now.texts.get(code)) for code, said in draft.texts.items()}
        draft = Draft(like(draft.course, now.course), texts)
    _write(folder, draft)
    audit.record(
        session,
        COURSE_TAKEN_BACK,
        actor_id=by.id,
        course_house_id=house.id,
        course=folder.name,
        version=version.number,
    )


def _write(folder: Path, draft: Draft) -> list[str]:
    """The files change before the transaction ends: a save that is not in the trail is better than a lost one."""
    try:
        _ = draft.structure
        for texts in draft.texts.values():
            TextsFile.model_validate(texts)
    except ValidationError as error:
        raise CannotBeSaved from error
    return write_draft(folder, draft)
