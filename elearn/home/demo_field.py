"""Large fields of made-up people: written straight into the tables in blocks, for benches and load tests."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Course, Lesson, LessonVideo, Module
from elearn.core import clock
from elearn.core.db import Base
from elearn.core.installation import Installation
from elearn.learning import ranges
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Licence, Seat
from elearn.media.models import Video
from elearn.organisations.models import Municipality

BLOCK = 5_000


@dataclass(frozen=True)
class Field:
    """What was added."""

    people: int
    seats: int
    progress: int


def fill(installation: Installation, *, people: int, films: int, seed: int, slug: str | None = None) -> Field:
    """Add `people` learners of one municipality, each with a seat and progress in `films` films of a course."""
    chance = random.Random(seed)  # noqa: S311 - made-up progress, no secret
    with installation.database.transaction() as session:
        wanted = select(Course).where(Course.slug == slug) if slug else select(Course)
        course = session.scalars(wanted.order_by(Course.id)).first()
        if course is None:
            raise LookupError("publish a course first: elearn course publish all")
        videos = _videos(session, course.id)[:films]
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


def _videos(session: Session, course_id: int) -> list[Video]:
    return list(
        session.scalars(
            select(Video)
            .join(LessonVideo, LessonVideo.video_id == Video.id)
            .join(Lesson, Lesson.id == LessonVideo.lesson_id)
            .join(Module, Module.id == Lesson.module_id)
            .where(Module.course_id == course_id)
            .order_by(Video.id)
        )
    )


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


def add_rows(session: Session, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows in blocks."""
    for block in _blocks(rows):
        session.execute(insert(model), block)


def _blocks(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while block := list(islice(rows, BLOCK)):
        yield block


def move_sequences(session: Session, *tables: str) -> None:
    """Let PostgreSQL number on after ids that were given by hand: its sequences do not notice those."""
    if session.get_bind().dialect.name == "postgresql":
        for table in tables:
            newest = select(func.max(Base.metadata.tables[table].c.id)).scalar_subquery()
            session.execute(select(func.setval(func.pg_get_serial_sequence(table, "id"), newest)))
