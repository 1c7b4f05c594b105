"""Publishing a course from its files."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from elearn.accounts.models import Person
from elearn.catalogue.content import Content, LessonContent, ModuleContent
from elearn.catalogue.course_checks import STRUCTURE, CheckedCourse, check_course
from elearn.catalogue.course_files import CourseFile
from elearn.catalogue.errors import CourseNotReady, CourseOfAnotherHouse
from elearn.catalogue.models import Course, CourseVersion, Lesson, LessonVideo, Module
from elearn.core import audit, clock
from elearn.core.content_files import FileProblems, read_file
from elearn.media.errors import NewFilmHasOtherLength, OtherLength
from elearn.media.models import Video
from elearn.media.services import FilmChoice, publish_video
from elearn.media.stores.storage import MediaStore
from elearn.organisations.models import CourseHouse

NOTHING_SAID: Mapping[str, FilmChoice] = MappingProxyType({})
COURSE_PUBLISHED = audit.kind("catalogue.course.published", "course_id", "version", "modules")


def publish_course(
    session: Session,
    *,
    house: CourseHouse,
    folder: Path,
    manifests: Path,
    store: MediaStore,
    by: Person | None,
    film_choices: Mapping[str, FilmChoice] = NOTHING_SAID,
) -> CourseVersion:
    """Publish the course in `folder` with its films and return the version that now stands.

    The same files a second time change nothing; changed ones make a new version. Modules and lessons are found again
    by their ids, so progress and notes stay; those that are gone are retired, and come back when their id does.
    When a film has got another length, `film_choices` says by its id whether what was seen of the old one counts on.
    `by` is None when a command does it. Raises `CourseNotReady` with all that is wrong, `CourseOfAnotherHouse`, and
    `NewFilmHasOtherLength` with all films of which somebody has yet to say it.
    """
    checked = check_course(folder, manifests, store)
    return publish_checked(session, house=house, checked=checked, store=store, by=by, film_choices=film_choices)


def publish_checked(
    session: Session,
    *,
    house: CourseHouse,
    checked: CheckedCourse,
    store: MediaStore,
    by: Person | None,
    film_choices: Mapping[str, FilmChoice] = NOTHING_SAID,
) -> CourseVersion:
    """Publish files that were checked already; otherwise as `publish_course`."""
    # In turns with others who publish, so that no number is given twice, and with whoever removes the course.
    session.refresh(house, with_for_update=True)
    _refuse_removed(checked.folder)
    course = _course_of(session, house, checked.course.id)
    stored = checked.stored()
    videos = _published_films(session, house, checked, store, by, film_choices)
    _match_modules(session, course, Content(stored), videos)
    version = _version_of(session, course, stored, by)
    session.flush()
    return version


def _published_films(
    session: Session,
    house: CourseHouse,
    checked: CheckedCourse,
    store: MediaStore,
    by: Person | None,
    choices: Mapping[str, FilmChoice],
) -> dict[str, Video]:
    """Publish a course's films and return them by id. Raises `NewFilmHasOtherLength`."""
    videos: dict[str, Video] = {}
    asked: list[OtherLength] = []
    actor_id = by.id if by else None
    for key, film in checked.films.items():
        try:
            published = publish_video(
                session, house=house, manifest=film, store=store, actor_id=actor_id, choice=choices.get(key)
            )
        except NewFilmHasOtherLength as changed:
            asked += changed.films
        else:
            videos[key] = published.video
    if asked:
        raise NewFilmHasOtherLength(asked)
    return videos


def _refuse_removed(folder: Path) -> None:
    try:
        read_file(folder / STRUCTURE, CourseFile)
    except FileProblems as gone:
        raise CourseNotReady(gone.problems, []) from None


def _course_of(session: Session, house: CourseHouse, slug: str) -> Course:
    course = session.scalar(
        select(Course)
        .where(Course.slug == slug)
        .options(selectinload(Course.modules).selectinload(Module.lessons).selectinload(Lesson.videos))
    )
    if course is None:
        course = Course(course_house=house, slug=slug, modules=[])
        session.add(course)
    elif course.course_house_id != house.id:
        raise CourseOfAnotherHouse(slug)
    return course


def _match_modules(session: Session, course: Course, content: Content, videos: dict[str, Video]) -> None:
    rows = {module.key: module for module in course.modules}
    for position, module in enumerate(content.modules):
        row = rows.pop(module.key, None)
        if row is None:
            row = Module(key=module.key, lessons=[])
            course.modules.append(row)
        row.position, row.is_open, row.retired_at = position, module.is_open, None
        _match_lessons(session, row, module, videos)
    for gone in rows.values():
        _retire(gone)
        for lesson in gone.lessons:
            _retire(lesson)


def _match_lessons(session: Session, row: Module, module: ModuleContent, videos: dict[str, Video]) -> None:
    rows = {lesson.key: lesson for lesson in row.lessons}
    for position, lesson in enumerate(module.lessons):
        lesson_row = rows.pop(lesson.key, None)
        if lesson_row is None:
            lesson_row = Lesson(key=lesson.key, videos=[])
            row.lessons.append(lesson_row)
        lesson_row.position, lesson_row.retired_at = position, None
        _match_films(session, lesson_row, lesson, videos)
    for gone in rows.values():
        _retire(gone)


def _match_films(session: Session, row: Lesson, lesson: LessonContent, videos: dict[str, Video]) -> None:
    rows = {film.language: film for film in row.videos}
    for language, film in lesson.films.items():
        shown = rows.pop(language, None)
        if shown is None:
            row.videos.append(LessonVideo(language=language, video_id=videos[film.key].id))
        else:
            shown.video_id = videos[film.key].id
    # What was seen of a language version hangs on the film, not on this row.
    for gone in rows.values():
        row.videos.remove(gone)
        session.delete(gone)


def _retire(row: Module | Lesson) -> None:
    row.retired_at = row.retired_at or clock.now()


def _version_of(session: Session, course: Course, stored: dict[str, Any], by: Person | None) -> CourseVersion:
    """Return the current version when it says the same, else a new one with the next number."""
    said = content_hash(stored)
    current = course.current_version
    if current is not None and current.content_hash == said:
        return current
    session.flush()
    last = session.scalar(select(func.max(CourseVersion.number)).where(CourseVersion.course_id == course.id)) or 0
    version = CourseVersion(
        course_id=course.id,
        number=last + 1,
        content=stored,
        content_hash=said,
        published_at=clock.now(),
        published_by_id=by.id if by else None,
    )
    session.add(version)
    course.current_version = version
    audit.record(
        session,
        COURSE_PUBLISHED,
        actor_id=by.id if by else None,
        course_house_id=course.course_house_id,
        course_id=course.id,
        version=version.number,
        modules=len(stored["course"]["modules"]),
    )
    return version


def take_turns(session: Session, course_id: int) -> None:
    """Hold a course until the caller commits, so that two who look whether something of it is there take turns."""
    session.execute(select(Course.id).where(Course.id == course_id).with_for_update(key_share=True))


def content_hash(stored: dict[str, Any]) -> str:
    """Return the SHA-256 of a content, whatever order its keys came in."""
    plain = json.dumps(stored, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
