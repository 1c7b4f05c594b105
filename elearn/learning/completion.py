"""Completing lessons and courses: noted once, with the version of the course, and never undone.

What counts as enough is in docs/rules/watching.md.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.catalogue.models import Lesson, LessonVideo, Module
from elearn.catalogue.queries import (
    CourseOutline,
    Film,
    LessonOutline,
    ModuleOutline,
    outline,
    outline_of_lesson,
)
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.scope import PersonScope
from elearn.learning import certificates, emails, queries, ranges
from elearn.learning.models import Completion, LessonCompletion, PassageSkip, VideoProgress
from elearn.media.tickets import Ticket

LESSON_COMPLETED = audit.kind("learning.lesson.completed", "person_id", "lesson_id", "how")
COURSE_COMPLETED = audit.kind("learning.course.completed", "person_id", "course_id", "course_version_id")
BATCH = 200


def complete_lesson(
    session: Session, *, person_id: int, course: CourseOutline, lesson: LessonOutline, how: str
) -> tuple[bool, bool]:
    """Note once that a person is through a lesson; the last lesson completes the course and makes its certificate.

    Returns whether this completed the module, and the course.
    """
    # Two last lessons finished at once must see each other: the person's row is the lock.
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    new = session.scalar(
        insert(session, LessonCompletion)
        .values(
            person_id=person_id,
            lesson_id=lesson.id,
            how=how,
            completed_at=clock.now(),
            course_version_id=course.version_id,
        )
        .on_conflict_do_nothing()
        .returning(LessonCompletion.lesson_id)
    )
    if new is None:
        return False, False
    audit.record(session, LESSON_COMPLETED, actor_id=person_id, person_id=person_id, lesson_id=lesson.id, how=how)
    module, _lesson = course.module_of_lesson(lesson.id)
    done = _done(session, person_id, module.lessons)
    module_completed = all(each.id in done for each in module.lessons)
    return module_completed, complete_course_if_through(session, person_id, course)


def complete_course_if_through(session: Session, person_id: int, course: CourseOutline) -> bool:
    """Complete a course for a person who is through all its lessons; return whether this completed it.

    Not only after a lesson: what somebody lacked may have been taken out of the course.
    """
    known = select(Completion.id).where(Completion.person_id == person_id, Completion.course_id == course.id)
    if session.scalar(known) is not None:
        return False
    lessons = [lesson for module in course.modules for lesson in module.lessons]
    done = _done(session, person_id, lessons)
    return all(each.id in done for each in lessons) and _complete_course(session, person_id, course)


def complete_some(session: Session, *, course_id: int, after: int) -> int | None:
    """Complete a course for the next whom its new version leaves nothing to do; people go by their ids.

    It may hold fewer lessons than they lacked, or ask for less of a film than they have seen. Returns the id to go on
    after, or None when there are no more.
    """
    people = _not_through(session, course_id, after)
    if people:
        course = outline(session, PersonScope(people[0]), course_id)
        _complete_seen_lessons(session, people, course)
        for person_id in people:
            complete_course_if_through(session, person_id, course)
    return people[-1] if len(people) == BATCH else None


def _not_through(session: Session, course_id: int, after: int) -> list[int]:
    """Return the next who have begun a course and not completed it."""
    lessons = select(Lesson.id).join(Lesson.module).where(Module.course_id == course_id, Lesson.retired_at.is_(None))
    films = select(LessonVideo.video_id).where(LessonVideo.lesson_id.in_(lessons))
    has_completed = select(Completion.id).where(Completion.course_id == course_id)
    found: set[int] = set()
    for person_id, begun in (
        (VideoProgress.person_id, VideoProgress.video_id.in_(films)),
        (LessonCompletion.person_id, LessonCompletion.lesson_id.in_(lessons)),
    ):
        next_ones = (
            select(person_id)
            .distinct()
            .where(begun, person_id > after, ~has_completed.where(Completion.person_id == person_id).exists())
            .order_by(person_id)
            .limit(BATCH)
        )
        found.update(session.scalars(next_ones))
    return sorted(found)[:BATCH]


def _complete_seen_lessons(session: Session, people: list[int], course: CourseOutline) -> None:
    """Complete for some people the lessons of which they have seen what the course asks for now."""
    shown: dict[int, list[tuple[ModuleOutline, LessonOutline, Film]]] = {}  # several lessons may show one film
    for module in course.modules:
        for lesson in module.lessons:
            for film in lesson.films.values():
                shown.setdefault(film.video_id, []).append((module, lesson, film))
    skips: dict[tuple[int, int], set[str]] = {}
    for skip in session.scalars(
        select(PassageSkip).where(PassageSkip.person_id.in_(people), PassageSkip.video_id.in_(shown))
    ):
        skips.setdefault((skip.person_id, skip.video_id), set()).add(skip.passage)
    watched = select(VideoProgress).where(VideoProgress.person_id.in_(people), VideoProgress.video_id.in_(shown))
    for row in session.scalars(watched.order_by(VideoProgress.person_id)).all():
        passages = skips.get((row.person_id, row.video_id), set())
        for module, lesson, film in shown[row.video_id]:
            skipped = queries.skipped_seconds(course, module.key, lesson, film.language, passages)
            complete_if_seen(session, row.person_id, course, lesson, row.seen, film.length_s, skipped)


def complete_if_seen(
    session: Session,
    person_id: int,
    course: CourseOutline,
    lesson: LessonOutline,
    seen: int,
    length_s: int,
    skipped: int,
) -> bool:
    """Complete a lesson whose film is seen to its share; return whether it is complete."""
    if session.get(LessonCompletion, (person_id, lesson.id)) is not None:
        return True
    if not ranges.is_complete(seen, length_s, course.content.share, skipped):
        return False
    complete_lesson(session, person_id=person_id, course=course, lesson=lesson, how="watched")
    return True


def complete_watched(session: Session, ticket: Ticket, seen: int) -> tuple[bool, bool, bool]:
    """Judge a film that seems to be seen to its share by what holds now, not by what the ticket says."""
    assert ticket.person_id is not None
    scope = PersonScope(ticket.person_id)
    try:
        course = outline_of_lesson(session, scope, ticket.lesson_id)
    except NotFound:  # the lesson was retired while it played: the seconds are kept, there is nothing to complete
        return False, False, False
    module, lesson = course.module_of_lesson(ticket.lesson_id)
    language = next((code for code, film in lesson.films.items() if film.video_id == ticket.video_id), None)
    if language is None:
        return False, False, False
    passages = queries.skipped_passages(session, scope, ticket.video_id)
    skipped = queries.skipped_seconds(course, module.key, lesson, language, passages)
    if not ranges.is_complete(seen, lesson.films[language].length_s, course.content.share, skipped):
        return False, False, False
    module_completed, course_completed = complete_lesson(
        session, person_id=ticket.person_id, course=course, lesson=lesson, how="watched"
    )
    return True, module_completed, course_completed


def _done(session: Session, person_id: int, lessons: list[LessonOutline]) -> set[int]:
    """Return the ids of those of the lessons that a person is through."""
    ids = [lesson.id for lesson in lessons]
    return set(
        session.scalars(
            select(LessonCompletion.lesson_id).where(
                LessonCompletion.person_id == person_id, LessonCompletion.lesson_id.in_(ids)
            )
        )
    )


def _complete_course(session: Session, person_id: int, course: CourseOutline) -> bool:
    completion_id = session.scalar(
        insert(session, Completion)
        .values(person_id=person_id, course_id=course.id, course_version_id=course.version_id, completed_at=clock.now())
        .on_conflict_do_nothing()
        .returning(Completion.id)
    )
    if completion_id is None:
        return False
    audit.record(
        session,
        COURSE_COMPLETED,
        actor_id=person_id,
        person_id=person_id,
        course_id=course.id,
        course_version_id=course.version_id,
    )
    completion = session.get_one(Completion, completion_id)
    certificates.issue(session, completion)
    emails.completed(session, completion)
    return True
