"""Checking and publishing a course's folder: the course, and the feedback forms that belong to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.course_checks import STRUCTURE, CheckedCourse, check_course
from elearn.catalogue.course_files import CourseFile
from elearn.catalogue.course_folder import finish_save
from elearn.catalogue.errors import CourseNotReady
from elearn.catalogue.models import Course, CourseVersion
from elearn.catalogue.queries import videos_shown
from elearn.catalogue.services import NOTHING_SAID, publish_checked
from elearn.core.content_files import FileProblems, read_file
from elearn.core.file_rules import FileProblem
from elearn.core.scope import HouseScope
from elearn.feedback.form_checks import CheckedForms, check_forms
from elearn.feedback.services.publishing import PublishedForm, publish_forms
from elearn.jobs.queue import enqueue
from elearn.media.services import FilmChoice
from elearn.media.stores.storage import MediaStore
from elearn.organisations.models import CourseHouse


@dataclass(frozen=True)
class CheckedFolder:
    """A course and its forms, whose files agree with each other."""

    course: CheckedCourse
    forms: CheckedForms

    @property
    def warnings(self) -> list[FileProblem]:
        """What stops nobody from publishing."""
        return [*self.course.warnings, *self.forms.warnings]


@dataclass(frozen=True)
class Published:
    """What now stands."""

    version: CourseVersion
    is_new: bool
    """Whether the course's version was made just now."""
    forms: list[PublishedForm]
    started_over: list[str]
    """The films of which nothing counts any more that people watched in this course."""


def check_folder(folder: Path, manifests: Path, store: MediaStore) -> CheckedFolder:
    """Read and check a course's folder with its films and forms.

    Raises `CourseNotReady` with everything that is wrong in all of them, by file and line.
    """
    finish_save(folder)
    try:
        course = check_course(folder, manifests, store)
    except CourseNotReady as refused:
        raise CourseNotReady([*refused.problems, *_form_problems(folder)], refused.films) from None
    try:
        return CheckedFolder(course, check_forms(folder, course.course.languages))
    except FileProblems as refused:
        raise CourseNotReady(refused.problems, []) from None


def publish_folder(
    session: Session,
    *,
    house: CourseHouse,
    checked: CheckedFolder,
    store: MediaStore,
    by: Person | None,
    film_choices: Mapping[str, FilmChoice] = NOTHING_SAID,
) -> Published:
    """Publish a checked course with its forms, in one transaction.

    Raises what `publish_checked` raises, and `CourseNotReady` where a form's file changes what no version may change.
    """
    slug, scope = checked.course.course.id, HouseScope(house.id, by.id if by else 0)
    before = session.scalar(select(Course.current_version_id).where(Course.slug == slug))
    shown = {video.key: video.id for video in videos_shown(session, scope, slug)}
    version = publish_checked(
        session, house=house, checked=checked.course, store=store, by=by, film_choices=film_choices
    )
    try:
        forms = publish_forms(session, course=session.get_one(Course, version.course_id), checked=checked.forms, by=by)
    except FileProblems as refused:
        raise CourseNotReady(refused.problems, []) from None
    if before is not None and version.id != before:
        # Whoever only lacked what is gone now, or no longer asked for, is through.
        enqueue(session, "learning.complete_courses", course_id=version.course_id)
    now = {video.key: video.id for video in videos_shown(session, scope, slug)}
    started_over = sorted(key for key in shown.keys() & now.keys() if shown[key] != now[key])
    return Published(version, version.id != before, forms, started_over)


def _form_problems(folder: Path) -> list[FileProblem]:
    """Return what is wrong in the forms of a course that is not in order itself."""
    try:
        languages = read_file(folder / STRUCTURE, CourseFile).value.languages
    except FileProblems:
        languages = []
    try:
        check_forms(folder, languages)
    except FileProblems as refused:
        return refused.problems
    return []
