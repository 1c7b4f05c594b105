"""Watching: tickets, reports of what was played, skipping, reading, notes.

The rules are written out in docs/rules/watching.md.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from elearn.catalogue.queries import CourseOutline, Film, LessonOutline, outline_of_lesson, outline_of_module
from elearn.core import clock
from elearn.core.db import Database, insert
from elearn.core.errors import NotFound
from elearn.core.scope import PersonScope
from elearn.learning import progress_rows, queries, ranges
from elearn.learning.completion import complete_course_if_through, complete_if_seen, complete_lesson, complete_watched
from elearn.learning.errors import NoLiveSeat, OwnWordNotTaken
from elearn.learning.models import Note, PassageSkip, VideoProgress
from elearn.learning.progress import as_json
from elearn.learning.ranges import Range, Stretch
from elearn.licensing.models import Seat
from elearn.licensing.queries import has_held_seat, held_until, live_seat
from elearn.licensing.services import use_seat
from elearn.media.tickets import Ticket

MAX_NOTE_LENGTH = 20_000


@dataclass(frozen=True)
class Admission:
    """A ticket and all that a player needs to begin."""

    ticket: Ticket
    film: Film
    progress: dict[str, Any] | None
    """None where nothing is recorded: open modules and previews."""


@dataclass(frozen=True)
class Played:
    """What a player reports under a ticket that names a person."""

    ticket: Ticket
    played_ranges: list[Range]
    position_s: float
    ended: bool
    sequence: int

    def seconds(self) -> int:
        """Return the set of seconds that the ranges hold."""
        return ranges.seconds_in(self.played_ranges, self.ticket.length_s, ended=self.ended)

    def place(self) -> dict[str, Any]:
        """Return where the player stood, as `progress_rows.join` takes it."""
        return {"position_s": self.position_s, "sequence": self.sequence}


@dataclass(frozen=True)
class Watched:
    """What a report came to."""

    progress: dict[str, Any]
    refused: list[Stretch]
    """Seconds beyond what can have been watched in the time: not stored."""
    renew: bool
    """The ticket has run out; the player should ask for another."""
    module_completed: bool
    course_completed: bool


def admit(session: Session, scope: PersonScope, *, lesson_id: int, language: str, previous: Ticket | None) -> Admission:
    """Let a person watch a lesson for ten minutes more: the one place where a seat opens a film.

    `previous` is the ticket of the same player, so that 'opened last' survives renewals. The first ticket marks
    the seat as used. Raises `NotFound` for a lesson of a course the person never had a seat in, `NoLiveSeat`.
    """
    course = outline_of_lesson(session, scope, lesson_id)
    seat = _require_seat(session, scope, course)
    module, lesson = course.module_of_lesson(lesson_id)
    film = lesson.film(language)
    if seat.first_used_at is None:
        use_seat(session, seat_id=seat.id)
    row = session.get(VideoProgress, (scope.person_id, film.video_id))
    seen = row.seen & ranges.between(0, film.length_s) if row else 0
    passages = queries.skipped_passages(session, scope, film.video_id)
    skipped = queries.skipped_seconds(course, module.key, lesson, film.language, passages)
    done = complete_if_seen(session, scope.person_id, course, lesson, seen, film.length_s, skipped)
    if done:  # the other lessons may have been taken out of the course since
        complete_course_if_through(session, scope.person_id, course)
    ticket = Ticket(
        video_id=film.video_id,
        package=film.package,
        lesson_id=lesson_id,
        person_id=scope.person_id,
        seat_id=seat.id,
        issued_ms=_ms(clock.now()),
        opened_ms=_opened_ms(previous, lesson_id, scope.person_id),
        length_s=film.length_s,
        needed=ranges.needed(film.length_s, course.content.share, skipped),
        skipped=tuple(ranges.stretches(skipped)),
        done=done,
    )
    position_s = row.position_ms / 1000 if row else 0.0
    progress = as_json(seen=seen, length_s=film.length_s, position_s=position_s, skipped=skipped, complete=done)
    return Admission(ticket, film, progress)


def admit_without_seat(lesson: LessonOutline, language: str) -> Admission:
    """Let somebody watch an open module, or an owner a preview: the ticket names nobody and records nothing.

    The caller has checked that the module is open, or that the course is the owner's.
    """
    film = lesson.film(language)
    now_ms = _ms(clock.now())
    ticket = Ticket(
        video_id=film.video_id,
        package=film.package,
        lesson_id=lesson.id,
        person_id=None,
        seat_id=None,
        issued_ms=now_ms,
        opened_ms=now_ms,
        length_s=film.length_s,
        needed=film.length_s,
        skipped=(),
        done=False,
    )
    return Admission(ticket, film, None)


def record_at_once(database: Database, played: Played) -> Watched | None:
    """Join what was played into what the person has seen, committed at once, where that is all there is to do.

    Returns None when there is more: the ticket has run out, seconds are refused, or the lesson may be complete.
    Then `record_watched` does the whole; whether this has stored the seconds already makes no difference to it.
    """
    ticket, now = played.ticket, clock.now()
    reported = played.seconds()
    if not ticket.is_valid(now) or reported.bit_count() > progress_rows.seconds_within(ticket.issued_ms, _ms(now)):
        return None
    joined = progress_rows.join_at_once(database, ticket, reported, until_ms=_ms(now), **played.place())
    if joined is None or _may_be_complete(ticket, joined[0]):
        return None
    return _watched(ticket, joined, complete=ticket.done)


def record_watched(session: Session, played: Played) -> Watched:
    """Join what was played into what the person has seen, complete what that completes, and answer with the whole.

    Sent twice, late or out of order it comes to the same. What was played before a seat's end counts, also when
    the report arrives later. Seconds beyond what the time allows are named in the answer and not stored. The caller
    has checked the ticket's signature and that it names a person.
    """
    ticket, now = played.ticket, clock.now()
    expired = not ticket.is_valid(now)
    until_ms = _ms(_counts_until(session, ticket, now) if expired else now)
    reported = played.seconds()
    known, first_ticket_ms = progress_rows.locked_seen(session, ticket)
    refused = progress_rows.beyond_the_time(
        reported, known, issued_ms=ticket.issued_ms, first_ticket_ms=first_ticket_ms, until_ms=until_ms
    )
    joined = progress_rows.join(session, ticket, reported & ~refused, **played.place())
    complete, module_completed, course_completed = ticket.done, False, False
    if _may_be_complete(ticket, joined[0]):
        complete, module_completed, course_completed = complete_watched(session, ticket, joined[0])
    return replace(
        _watched(ticket, joined, complete=complete),
        refused=ranges.stretches(refused),
        renew=expired,
        module_completed=module_completed,
        course_completed=course_completed,
    )


def _may_be_complete(ticket: Ticket, seen: int) -> bool:
    return not ticket.done and (seen & ~ranges.all_of(ticket.skipped)).bit_count() >= ticket.needed


def _watched(ticket: Ticket, joined: tuple[int, int], *, complete: bool) -> Watched:
    seen, position_ms = joined
    progress = as_json(
        seen=seen & ranges.between(0, ticket.length_s),
        length_s=ticket.length_s,
        position_s=position_ms / 1000,
        skipped=ranges.all_of(ticket.skipped),
        complete=complete,
    )
    return Watched(progress, refused=[], renew=False, module_completed=False, course_completed=False)


def skip_passage(session: Session, scope: PersonScope, *, lesson_id: int, passage: str, language: str) -> CourseOutline:
    """Leave a marked passage out of what has to be seen, without asking why; again changes nothing.

    Raises `NotFound` for a passage that is not marked, `NoLiveSeat`.
    """
    course = _course_with_seat(session, scope, lesson_id)
    module, lesson = course.module_of_lesson(lesson_id)
    if passage not in {notice.passage for notice in module.content.notices_of(lesson.key)}:
        raise NotFound("no such passage")
    film = lesson.film(language)
    skip = insert(session, PassageSkip).values(
        person_id=scope.person_id, video_id=film.video_id, passage=passage, at=clock.now()
    )
    session.execute(skip.on_conflict_do_nothing())
    passages = queries.skipped_passages(session, scope, film.video_id)
    row = session.get(VideoProgress, (scope.person_id, film.video_id))
    skipped = queries.skipped_seconds(course, module.key, lesson, film.language, passages)
    complete_if_seen(session, scope.person_id, course, lesson, row.seen if row else 0, film.length_s, skipped)
    return course


def include_passage(session: Session, scope: PersonScope, *, lesson_id: int, passage: str, language: str) -> None:
    """Take a skipped passage back in; what is complete stays complete."""
    course = _course_with_seat(session, scope, lesson_id)
    _module, lesson = course.module_of_lesson(lesson_id)
    session.execute(
        delete(PassageSkip).where(
            PassageSkip.person_id == scope.person_id,
            PassageSkip.video_id == lesson.film(language).video_id,
            PassageSkip.passage == passage,
        )
    )


def say_read(session: Session, scope: PersonScope, *, lesson_id: int) -> CourseOutline:
    """Take a learner's word that they have read the film's text instead of watching it.

    Raises `OwnWordNotTaken` where the course does not allow it, `NoLiveSeat`, `NotFound`.
    """
    course = _course_with_seat(session, scope, lesson_id)
    if not course.content.own_word:
        raise OwnWordNotTaken
    _module, lesson = course.module_of_lesson(lesson_id)
    complete_lesson(session, person_id=scope.person_id, course=course, lesson=lesson, how="read")
    return course


def save_note(session: Session, scope: PersonScope, *, module_id: int, question: str, text: str) -> datetime | None:
    """Keep a learner's note, or delete it when it is empty. Returns when it was saved.

    Needs no live seat when a note is already there: notes stay the person's own. Raises `NotFound`.
    """
    note = session.get(Note, (scope.person_id, module_id, question))
    text = text.strip()[:MAX_NOTE_LENGTH]
    if not text:
        if note is not None:
            session.delete(note)
        return None
    if note is None:
        course = outline_of_module(session, scope, module_id)
        _require_seat(session, scope, course)
        if question not in {each.key for each in course.module(module_id).content.questions}:
            raise NotFound("no such question")
        note = Note(person_id=scope.person_id, module_id=module_id, question=question)
        session.add(note)
    note.text, note.saved_at = text, clock.now()
    return note.saved_at


def _course_with_seat(session: Session, scope: PersonScope, lesson_id: int) -> CourseOutline:
    course = outline_of_lesson(session, scope, lesson_id)
    _require_seat(session, scope, course)
    return course


def _require_seat(session: Session, scope: PersonScope, course: CourseOutline) -> Seat:
    """Return the seat that opens the course. Whoever never had one is not told that there is a course."""
    seat = live_seat(session, scope, course.id)
    if seat is not None:
        return seat
    raise NoLiveSeat if has_held_seat(session, scope, course.id) else NotFound("no such course")


def _counts_until(session: Session, ticket: Ticket, now: datetime) -> datetime:
    """Return until when what was played under a ticket that has run out counts: now, or its seat's end."""
    assert ticket.seat_id is not None
    assert ticket.person_id is not None
    end = held_until(session, seat_id=ticket.seat_id, person_id=ticket.person_id, since=ticket.issued_at)
    return min(now, end) if end else now


def _opened_ms(previous: Ticket | None, lesson_id: int, person_id: int) -> int:
    if previous and previous.lesson_id == lesson_id and previous.person_id == person_id:
        return previous.opened_ms
    return _ms(clock.now())


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
