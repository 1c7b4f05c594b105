"""Published courses, modules, lessons and their films, as they stand now or stood in an earlier version.

Whether a person may watch is licensing's question: a query with a `PersonScope` trusts that its caller has asked it.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from elearn.catalogue.content import Content, LessonContent, ModuleContent
from elearn.catalogue.models import Course, CourseVersion, Lesson, LessonVideo, Module
from elearn.core.errors import NotFound
from elearn.core.scope import DepartmentScope, HouseScope, MunicipalityScope, PersonScope
from elearn.media.models import Video

CONTENTS_KEPT = 200


@dataclass(frozen=True)
class Film:
    """The film of a lesson in one spoken language."""

    video_id: int
    language: str
    package: str
    duration_ms: int
    length_s: int


@dataclass(frozen=True)
class LessonOutline:
    """A lesson with its films."""

    id: int
    content: LessonContent
    films: dict[str, Film]
    """By spoken language; never empty in a current version."""

    @property
    def key(self) -> str:
        """The id in the course file."""
        return self.content.key

    def film(self, language: str) -> Film:
        """Return the film spoken in a language, else the first the course file names."""
        named = [language, *self.content.films, *self.films]
        return next(self.films[code] for code in named if code in self.films)


@dataclass(frozen=True)
class ModuleOutline:
    """A module with its lessons."""

    id: int
    content: ModuleContent
    lessons: list[LessonOutline]

    @property
    def key(self) -> str:
        """The id in the course file."""
        return self.content.key


@dataclass(frozen=True)
class CourseOutline:
    """One version of a course with everything in it, in order."""

    id: int
    slug: str
    course_house_id: int
    version_id: int
    version: int
    published_at: datetime
    is_current: bool
    content: Content
    modules: list[ModuleOutline]

    def module(self, module_id: int) -> ModuleOutline:
        """Return a module. Raises `NotFound`, also for one that this version does not hold."""
        for module in self.modules:
            if module.id == module_id:
                return module
        raise NotFound("no such module")

    def module_of_lesson(self, lesson_id: int) -> tuple[ModuleOutline, LessonOutline]:
        """Return a lesson and its module. Raises `NotFound`."""
        for module in self.modules:
            for lesson in module.lessons:
                if lesson.id == lesson_id:
                    return module, lesson
        raise NotFound("no such lesson")

    def after(self, module_id: int) -> ModuleOutline | None:
        """Return the module that follows, or None at the end."""
        ids = [module.id for module in self.modules]
        position = ids.index(module_id) + 1
        return self.modules[position] if position < len(ids) else None


@dataclass(frozen=True)
class VersionRow:
    """One published version."""

    id: int
    number: int
    published_at: datetime
    is_current: bool


def courses(session: Session, scope: HouseScope) -> list[CourseOutline]:
    """Return a course house's published courses, by id of the course file."""
    mine = select(Course.id).where(Course.course_house_id == scope.course_house_id)
    return _outlines(session, _current().where(Course.id.in_(mine)))


def titles(
    session: Session, _scope: MunicipalityScope | DepartmentScope, course_ids: Iterable[int], language: str
) -> dict[int, str]:
    """Return the titles of courses that a municipality holds licences of, by id; the caller has found those."""
    found = _outlines(session, _current().where(Course.id.in_(set(course_ids))))
    return {each.id: str(each.content.title(language)) for each in found}


def course(session: Session, scope: HouseScope, course_id: int, *, version: int | None = None) -> CourseOutline:
    """Return a course of the house, as it stands or in an earlier version. Raises `NotFound`."""
    wanted = _current() if version is None else _version(version)
    return _one(
        session, wanted.where(Course.id == course_id, Course.course_house_id == scope.course_house_id), "course"
    )


def versions(session: Session, scope: HouseScope, course_id: int) -> list[VersionRow]:
    """Return the versions of a course of the house, newest first."""
    rows = session.execute(
        select(CourseVersion.id, CourseVersion.number, CourseVersion.published_at, Course.current_version_id)
        .join(Course, CourseVersion.course_id == Course.id)
        .where(Course.id == course_id, Course.course_house_id == scope.course_house_id)
        .order_by(CourseVersion.number.desc())
    )
    return [VersionRow(row.id, row.number, row.published_at, row.id == row.current_version_id) for row in rows]


def outline(session: Session, scope: PersonScope | HouseScope, course_id: int) -> CourseOutline:
    """Return a course as it stands. Raises `NotFound`. For a person, the caller has checked the seat."""
    return _one(session, _within(_current().where(Course.id == course_id), scope), "course")


def outlines(
    session: Session, scope: PersonScope | HouseScope | MunicipalityScope, course_ids: Iterable[int]
) -> list[CourseOutline]:
    """Return several courses as they stand, in two queries whatever their number.

    For a municipality, the caller has found them among its licences.
    """
    return _outlines(session, _within(_current().where(Course.id.in_(list(course_ids))), scope))


def outline_of_module(session: Session, scope: PersonScope | HouseScope, module_id: int) -> CourseOutline:
    """Return the course that a module stands in. Raises `NotFound`, also when the module is retired."""
    course_id = select(Module.course_id).where(Module.id == module_id, Module.retired_at.is_(None))
    return _one(session, _within(_current().where(Course.id == course_id.scalar_subquery()), scope), "module")


def outline_of_lesson(session: Session, scope: PersonScope | HouseScope, lesson_id: int) -> CourseOutline:
    """Return the course that a lesson stands in. Raises `NotFound`, also when the lesson is retired."""
    course_id = (
        select(Module.course_id).join(Lesson).where(Lesson.id == lesson_id, Lesson.retired_at.is_(None))
    ).scalar_subquery()
    return _one(session, _within(_current().where(Course.id == course_id), scope), "lesson")


def lesson_of_any_version(session: Session, scope: HouseScope, lesson_id: int) -> LessonOutline:
    """Return a lesson of the house as the newest version has it that holds it. Raises `NotFound`."""
    course_id = session.scalar(select(Module.course_id).join(Lesson).where(Lesson.id == lesson_id)) or 0
    for version in versions(session, scope, course_id):
        with suppress(NotFound):
            return course(session, scope, course_id, version=version.number).module_of_lesson(lesson_id)[1]
    raise NotFound("no such lesson")


def public_courses(session: Session) -> list[CourseOutline]:
    """Return every published course, for the installation's start page: anyone may read it."""
    return _outlines(session, _current())


def public_course(session: Session, slug: str) -> CourseOutline:
    """Return a course for its public page: anyone may read it. Raises `NotFound`.

    Titles, summaries and minutes are for everybody; a module's text and film only where `content.is_open`.
    """
    return _one(session, _current().where(Course.slug == slug), "course")


def open_module(session: Session, slug: str, module_id: int) -> tuple[CourseOutline, ModuleOutline]:
    """Return a module that anyone may watch, with its course. Raises `NotFound` for any other."""
    found = public_course(session, slug)
    module = found.module(module_id)
    if not module.content.is_open:
        raise NotFound("no such module")
    return found, module


def courses_showing(session: Session, video_id: int) -> dict[int, bool]:
    """Return the courses that show a film now, by id, and whether it stands there in a module open to anyone."""
    rows = session.execute(
        select(Module.course_id, Module.is_open)
        .join(Lesson, Lesson.module_id == Module.id)
        .join(LessonVideo, LessonVideo.lesson_id == Lesson.id)
        .where(LessonVideo.video_id == video_id, Module.retired_at.is_(None), Lesson.retired_at.is_(None))
        .order_by(Module.is_open)
    )
    return {row.course_id: row.is_open for row in rows}


def videos_shown(session: Session, scope: HouseScope, slug: str) -> list[Video]:
    """Return the films that a course of the house shows now, by the id in its file."""
    return list(
        session.scalars(
            select(Video)
            .join(LessonVideo, LessonVideo.video_id == Video.id)
            .join(Lesson, Lesson.id == LessonVideo.lesson_id)
            .join(Module, Module.id == Lesson.module_id)
            .join(Course, Course.id == Module.course_id)
            .where(Course.slug == slug, Course.course_house_id == scope.course_house_id)
            .where(Module.retired_at.is_(None), Lesson.retired_at.is_(None))
        )
    )


_Published = Select[int, str, int, int, int, datetime, str, int | None]


def _published() -> _Published:
    return select(
        Course.id,
        Course.slug,
        Course.course_house_id,
        CourseVersion.id.label("version_id"),
        CourseVersion.number,
        CourseVersion.published_at,
        CourseVersion.content_hash,
        Course.current_version_id,
    ).order_by(Course.slug)


def _current() -> _Published:
    return _published().join(CourseVersion, Course.current_version_id == CourseVersion.id)


def _version(number: int) -> _Published:
    return _published().join(CourseVersion, (CourseVersion.course_id == Course.id) & (CourseVersion.number == number))


def _within(statement: _Published, scope: PersonScope | HouseScope | MunicipalityScope) -> _Published:
    if isinstance(scope, HouseScope):
        return statement.where(Course.course_house_id == scope.course_house_id)
    return statement


def _one(session: Session, statement: _Published, what: str) -> CourseOutline:
    found = _outlines(session, statement)
    if not found:
        raise NotFound(f"no such {what}")
    return found[0]


def _outlines(session: Session, statement: _Published) -> list[CourseOutline]:
    rows = session.execute(statement).all()
    lessons = _lessons(session, [row.id for row in rows]) if rows else {}
    return [
        CourseOutline(
            id=row.id,
            slug=row.slug,
            course_house_id=row.course_house_id,
            version_id=row.version_id,
            version=row.number,
            published_at=row.published_at,
            is_current=row.version_id == row.current_version_id,
            content=(content := _content(session, row.version_id, row.content_hash)),
            modules=_modules(content, lessons.get(row.id, {})),
        )
        for row in rows
    ]


_Found = dict[tuple[str, str], tuple[int, int, dict[str, Film]]]
"""Module key and lesson key -> module id, lesson id, films."""


def _lessons(session: Session, course_ids: list[int]) -> dict[int, _Found]:
    statement = (
        select(
            Module.course_id,
            Module.id.label("module_id"),
            Module.key.label("module_key"),
            Lesson.id.label("lesson_id"),
            Lesson.key.label("lesson_key"),
            LessonVideo.language,
            Video.id.label("video_id"),
            Video.package,
            Video.duration_ms,
            Video.length_s,
        )
        .join(Lesson, Lesson.module_id == Module.id)
        .join(LessonVideo, LessonVideo.lesson_id == Lesson.id)
        .join(Video, Video.id == LessonVideo.video_id)
        .where(Module.course_id.in_(course_ids))
    )
    found: dict[int, _Found] = {}
    for row in session.execute(statement):
        of_course = found.setdefault(row.course_id, {})
        films = of_course.setdefault((row.module_key, row.lesson_key), (row.module_id, row.lesson_id, {}))[2]
        films[row.language] = _film(row)
    return found


def _film(row: Row[*tuple[object, ...]]) -> Film:
    return Film(row.video_id, row.language, row.package, row.duration_ms, row.length_s)


def _modules(content: Content, found: _Found) -> list[ModuleOutline]:
    modules = []
    for module in content.modules:
        lessons, module_id = [], None
        for lesson in module.lessons:
            if row := found.get((module.key, lesson.key)):
                module_id, lesson_id, films = row
                lessons.append(LessonOutline(lesson_id, lesson, films))
        if module_id is not None:
            modules.append(ModuleOutline(module_id, module, lessons))
    return modules


_contents: dict[str, Content] = {}


def _content(session: Session, version_id: int, content_hash: str) -> Content:
    """Return a version's content; a version never changes, so it is read and parsed once per process.

    It is kept by the hash of what it says, which is right in any database.
    """
    content = _contents.get(content_hash)
    if content is None:
        stored = session.scalars(select(CourseVersion.content).where(CourseVersion.id == version_id)).one()
        content = Content(stored)
        if len(_contents) >= CONTENTS_KEPT:
            _contents.clear()
        _contents[content_hash] = content
    return content
