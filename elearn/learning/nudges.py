"""One gentle reminder to whoever has stopped in a course: that the place is kept, and nothing about the subject."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.models import Person
from elearn.catalogue.models import Course, Lesson, LessonVideo, Module
from elearn.core import clock
from elearn.core.db import insert
from elearn.learning import emails
from elearn.learning.models import Completion, LessonCompletion, Nudge, VideoProgress
from elearn.licensing.models import Licence, Seat
from elearn.licensing.queries import runs_today
from elearn.organisations.models import Municipality

STOPPED_FOR = timedelta(days=14)
BATCH = 200


def nudge_some(session: Session, *, after: int) -> int | None:
    """Write to the next who have started, are not through, and have not gone on for 14 days; seats go by their ids.

    Once for each stop: somebody who goes on and stops again is written to again. Not where the municipality or the
    person wants none, and only while a seat is live. Returns the id to go on after, or None when there are no more.
    """
    seats = session.scalars(_stopped().where(Seat.id > after).order_by(Seat.id).limit(BATCH)).all()
    written: set[tuple[int, int]] = set()
    for seat in seats:
        person, licence = seat.person, seat.licence
        if person is None or (person.id, licence.course_id) in written:
            continue
        written.add((person.id, licence.course_id))
        _note(session, person.id, licence.course_id)
        emails.nudge(session, person=person, house=licence.course.course_house.name)
    session.flush()
    return seats[-1].id if len(seats) == BATCH else None


def _stopped() -> Select[Seat]:
    since = _went_on_at()
    through = select(Completion.id).where(
        Completion.person_id == Seat.person_id, Completion.course_id == Licence.course_id
    )
    told = select(Nudge.at).where(
        Nudge.person_id == Seat.person_id, Nudge.course_id == Licence.course_id, Nudge.at >= since
    )
    return (
        select(Seat)
        .join(Seat.licence)
        .join(Licence.municipality)
        .join(Seat.person)
        .where(Seat.first_used_at.is_not(None), runs_today(), since <= clock.now() - STOPPED_FOR)
        .where(Municipality.nudges, Person.nudges_declined_at.is_(None), ~through.exists(), ~told.exists())
        .where(~_has_read_lately())
        .options(
            joinedload(Seat.person).selectinload(Person.addresses),
            joinedload(Seat.licence).joinedload(Licence.course).joinedload(Course.course_house),
        )
    )


def _went_on_at() -> ColumnElement[datetime]:
    """Return when the holder of a seat last watched a film of the course, or first opened one."""
    watched: ScalarSelect[datetime] = (
        select(func.max(VideoProgress.updated_at))
        .join(LessonVideo, LessonVideo.video_id == VideoProgress.video_id)
        .join(Lesson, Lesson.id == LessonVideo.lesson_id)
        .join(Module, Module.id == Lesson.module_id)
        .where(VideoProgress.person_id == Seat.person_id, Module.course_id == Licence.course_id)
        .correlate(Seat, Licence)
        .scalar_subquery()
    )
    return func.coalesce(watched, Seat.first_used_at)


def _has_read_lately() -> ColumnElement[bool]:
    """Return whether the holder of a seat has said within the days that a film of the course was read."""
    return (
        select(LessonCompletion.lesson_id)
        .join(Lesson, Lesson.id == LessonCompletion.lesson_id)
        .join(Module, Module.id == Lesson.module_id)
        .where(LessonCompletion.person_id == Seat.person_id, Module.course_id == Licence.course_id)
        .where(LessonCompletion.completed_at > clock.now() - STOPPED_FOR)
        .correlate(Seat, Licence)
        .exists()
    )


def _note(session: Session, person_id: int, course_id: int) -> None:
    note = insert(session, Nudge).values(person_id=person_id, course_id=course_id, at=clock.now())
    session.execute(note.on_conflict_do_update(index_elements=["person_id", "course_id"], set_={"at": clock.now()}))
