"""Reading progress, completions and notes. Whoever asks reads their own."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.catalogue.queries import CourseOutline, LessonOutline
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.learning import ranges
from elearn.learning.models import Certificate, Completion, LessonCompletion, Note, PassageSkip, VideoProgress
from elearn.learning.progress import CourseProgress, LessonProgress, ModuleProgress
from elearn.licensing.models import Licence, Seat
from elearn.licensing.seat_lists import PAGE_SIZE, Page


def course_progress(
    session: Session, scope: PersonScope, course: CourseOutline, language: str, *, spoken: str | None = None
) -> CourseProgress:
    """Return how far the person is in a course."""
    return courses_progress(session, scope, [course], language, spoken=spoken)[0]


def courses_progress(
    session: Session, scope: PersonScope, courses: list[CourseOutline], language: str, *, spoken: str | None = None
) -> list[CourseProgress]:
    """Return how far the person is in several courses, in four queries whatever their number.

    Of a lesson's films in several languages the one that was asked for by its `spoken` language is shown, else the
    one watched last, else the one in `language`.
    """
    lessons = [lesson for course in courses for module in course.modules for lesson in module.lessons]
    seen = _seen(session, scope, lessons)
    unwatched = {lesson.id: lesson.films.get(spoken or "") or lesson.film(language) for lesson in lessons}
    skips = _skips(session, scope, seen.keys() | {film.video_id for film in unwatched.values()})
    done = _lesson_completions(session, scope, [lesson.id for lesson in lessons])
    completed = {
        row.course_id: row
        for row in session.scalars(
            select(Completion).where(
                Completion.person_id == scope.person_id, Completion.course_id.in_([course.id for course in courses])
            )
        )
    }

    def of_lesson(module_key: str, course: CourseOutline, lesson: LessonOutline) -> LessonProgress:
        asked = lesson.films.get(spoken or "")
        films = [asked] if asked else lesson.films.values()
        watched = [seen[film.video_id] for film in films if film.video_id in seen]
        latest = max(watched, key=lambda row: row.updated_at, default=None)
        film = next((film for film in films if latest and film.video_id == latest.video_id), unwatched[lesson.id])
        completion = done.get(lesson.id)
        return LessonProgress(
            lesson=lesson,
            film=film,
            seen=latest.seen & ranges.between(0, film.length_s) if latest else 0,
            skipped=skipped_seconds(course, module_key, lesson, film.language, skips.get(film.video_id, set())),
            position_s=min(latest.position_ms / 1000, film.duration_ms / 1000) if latest else None,
            watched_at=latest.updated_at if latest else None,
            completed_at=completion.completed_at if completion else None,
            how=completion.how if completion else None,
        )

    return [
        CourseProgress(
            course=course,
            modules=[
                ModuleProgress(module, [of_lesson(module.key, course, lesson) for lesson in module.lessons])
                for module in course.modules
            ],
            completed_at=completed[course.id].completed_at if course.id in completed else None,
        )
        for course in courses
    ]


def skipped_seconds(
    course: CourseOutline, module_key: str, lesson: LessonOutline, language: str, passages: set[str]
) -> int:
    """Return the seconds of a lesson's film that a person skips by choice."""
    module = next(module for module in course.content.modules if module.key == module_key)
    places = [notice.place(language) for notice in module.notices_of(lesson.key) if notice.passage in passages]
    return ranges.seconds_in(places, lesson.films[language].length_s)


def skipped_passages(session: Session, scope: PersonScope, video_id: int) -> set[str]:
    """Return the passages of a film that the person skips by choice."""
    return _skips(session, scope, {video_id}).get(video_id, set())


def notes_of_module(session: Session, scope: PersonScope, module_id: int) -> dict[str, Note]:
    """Return the person's notes in a module, by question."""
    rows = session.scalars(select(Note).where(Note.person_id == scope.person_id, Note.module_id == module_id))
    return {note.question: note for note in rows}


def notes(session: Session, scope: PersonScope) -> list[Note]:
    """Return all the person's notes, in the order of modules."""
    return list(
        session.scalars(select(Note).where(Note.person_id == scope.person_id).order_by(Note.module_id, Note.question))
    )


def note_count(session: Session, scope: PersonScope) -> int:
    """Return how many notes the person has."""
    return session.scalars(select(func.count()).select_from(Note).where(Note.person_id == scope.person_id)).one()


def certificates(session: Session, scope: PersonScope) -> list[Certificate]:
    """Return the person's valid certificates, newest first."""
    return list(
        session.scalars(
            select(Certificate)
            .join(Completion)
            .where(Completion.person_id == scope.person_id, Certificate.replaced_at.is_(None))
            .options(joinedload(Certificate.completion))
            .order_by(Completion.completed_at.desc(), Certificate.id.desc())
        )
    )


def certificate(session: Session, scope: PersonScope, certificate_id: int) -> Certificate:
    """Return one of the person's certificates. Raises `NotFound`."""
    found = session.scalar(
        select(Certificate)
        .join(Completion)
        .where(Completion.person_id == scope.person_id, Certificate.id == certificate_id)
        .options(joinedload(Certificate.completion))
    )
    if found is None:
        raise NotFound("no such certificate")
    return found


def _seen(session: Session, scope: PersonScope, lessons: list[LessonOutline]) -> dict[int, VideoProgress]:
    ids = [film.video_id for lesson in lessons for film in lesson.films.values()]
    rows = session.scalars(
        select(VideoProgress).where(VideoProgress.person_id == scope.person_id, VideoProgress.video_id.in_(ids))
    )
    return {row.video_id: row for row in rows}


def _skips(session: Session, scope: PersonScope, video_ids: Iterable[int]) -> dict[int, set[str]]:
    rows = session.execute(
        select(PassageSkip.video_id, PassageSkip.passage).where(
            PassageSkip.person_id == scope.person_id, PassageSkip.video_id.in_(list(video_ids))
        )
    )
    skips: dict[int, set[str]] = {}
    for row in rows:
        skips.setdefault(row.video_id, set()).add(row.passage)
    return skips


def _lesson_completions(session: Session, scope: PersonScope, lesson_ids: list[int]) -> dict[int, LessonCompletion]:
    rows = session.scalars(
        select(LessonCompletion).where(
            LessonCompletion.person_id == scope.person_id, LessonCompletion.lesson_id.in_(lesson_ids)
        )
    )
    return {row.lesson_id: row for row in rows}


def completions_in(session: Session, scope: MunicipalityScope, *, number: int = 1) -> Page[Completion]:
    """Return who has completed a course, of those who have claimed a seat in it from the municipality; oldest first.

    An invitation alone tells nothing about a person: anybody can be invited.
    """
    holds = (
        select(Seat.id)
        .join(Seat.licence)
        .where(Licence.municipality_id == scope.municipality_id, Licence.course_id == Completion.course_id)
        .where(Seat.person_id == Completion.person_id, Seat.claimed_at.is_not(None))
    )
    found = select(Completion).where(holds.exists())
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    shown = session.scalars(
        found.options(joinedload(Completion.person).selectinload(Person.addresses))
        .order_by(Completion.completed_at, Completion.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Page(list(shown), total, number)
