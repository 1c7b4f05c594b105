"""Large fields of made-up people: written straight into the tables, for benches and load tests."""

import random
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Course, Lesson, LessonVideo, Module
from elearn.core import clock
from elearn.core.bulk import add_rows, move_sequences
from elearn.core.installation import Installation
from elearn.learning import ranges
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Licence, Seat
from elearn.media.models import Video
from elearn.organisations.models import Municipality


@dataclass(frozen=True)
class Field:
    """What was added."""

    people: int
    seats: int
    progress: int


def fill(installation: Installation, *, people: int, films: int, seed: int, slug: str | None = None) -> Field:
    """Add `people` learners of one municipality, each with a seat and progress in `films` films.

    The seats are in a course: the one of this slug, or the first. Its films are begun first, then others.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up progress, no secret
    with installation.database.transaction() as session:
        wanted = select(Course).where(Course.slug == slug) if slug else select(Course)
        course = session.scalars(wanted.order_by(Course.id)).first()
        if course is None:
            raise LookupError("publish a course first: elearn course publish all")
        videos = _videos(session, course.id, films)
        licence = licence_of_size(session, course, people)
        first = (session.scalar(select(func.max(Person.id))) or 0) + 1
        ids = range(first, first + people)
        now = clock.now()
        add_rows(session, Person, ({"id": i, "name": f"Person {i}", "language": "da", "created_at": now} for i in ids))
        add_rows(
            session,
            EmailAddress,
            (
                {
                    "person_id": i,
                    "address": f"p{i}@field.example",
                    "normalised": f"p{i}@field.example",
                    "confirmed_at": now,
                }
                for i in ids
            ),
        )
        add_rows(
            session,
            Seat,
            (
                {
                    "licence_id": licence.id,
                    "person_id": i,
                    "claimed_at": now,
                    "first_used_at": now,
                    "sort_name": f"person {i}",
                }
                for i in ids
            ),
        )
        add_rows(
            session,
            VideoProgress,
            (
                {
                    "person_id": i,
                    "video_id": video.id,
                    "seen": (ranges.between(0, seen), video.length_s),
                    "position_ms": seen * 1000,
                    "opened_ms": 0,
                    "first_ticket_ms": 0,
                    "sequence": 0,
                    "updated_at": now,
                }
                for i in ids
                for video in videos
                for seen in [chance.randrange(1, video.length_s)]
            ),
        )
        move_sequences(session, "people")
    return Field(people, people, people * len(videos))


def _videos(session: Session, course_id: int, count: int) -> list[Video]:
    """Return that many films: the course's, then others of the installation."""
    of_course = (
        select(LessonVideo.video_id)
        .join(Lesson, Lesson.id == LessonVideo.lesson_id)
        .join(Module, Module.id == Lesson.module_id)
        .where(Module.course_id == course_id)
    )
    return list(session.scalars(select(Video).order_by(Video.id.not_in(of_course), Video.id).limit(count)))


def licence_of_size(session: Session, course: Course, people: int) -> Licence:
    """Add a licence of a year, without seats, of the first municipality."""
    municipality = session.scalars(select(Municipality).order_by(Municipality.id).limit(1)).one()
    today = clock.today(municipality.country)
    licence = Licence(
        course_id=course.id,
        municipality_id=municipality.id,
        starts_on=today,
        ends_on=today + timedelta(days=364),
        size=people,
        reason=f"Field of {people}",
        granted_at=clock.now(),
    )
    session.add(licence)
    session.flush()
    return licence
