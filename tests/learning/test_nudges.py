"""One gentle reminder to whoever has stopped for 14 days."""

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.accounts.services import choose_nudges
from elearn.core import clock as product_clock
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.learning import nudges
from elearn.learning.jobs import nudge_daily
from elearn.learning.models import Completion, VideoProgress
from elearn.learning.services import say_read
from elearn.licensing.models import Licence
from elearn.licensing.services import take_back_seat, use_seat
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from elearn.organisations.models import Municipality
from tests.licensing.test_emails import text


@pytest.fixture
def started(session, world):
    """The learner has used the seat and watched a little, today."""
    side = world.ours
    use_seat(session, seat_id=side.seat(session).id)
    watch(session, side)
    return side


def watch(session, side) -> None:
    film = side.outline(session).modules[0].lessons[0].film("da")
    row = session.get(VideoProgress, (side.learner.id, film.video_id))
    if row is None:
        row = VideoProgress(person_id=side.learner.id, video_id=film.video_id, position_ms=1, opened_ms=1)
        row.sequence, row.first_ticket_ms = 1, 1
        session.add(row)
    row.seen, row.updated_at = (0b1, film.length_s), product_clock.now()
    session.flush()
    session.expire(row)


def nudge(session) -> int:
    before = len(letters(session))
    nudges.nudge_some(session, after=0)
    return len(letters(session)) - before


def letters(session) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.kind == "learning/nudge").order_by(Letter.id)))


def test_who_stopped_for_14_days_is_written_to_once(session, started, clock) -> None:
    told = []
    for day in range(1, 60):
        clock.advance(days=1)
        told += [day] * nudge(session)

    assert told == [14]
    assert [letter.recipient for letter in letters(session)] == [started.learner.address]


def test_the_letter_says_that_the_place_is_kept_and_nothing_of_the_topic(session, started, clock, installation) -> None:
    clock.advance(days=14)
    nudge(session)

    message = render(installation, letters(session)[0])

    said = text(message)
    assert message["Subject"] == "Your place is kept"
    assert "You go on exactly where you stopped, whenever it suits you." in said
    assert "http://localhost/learn/my-data#reminders" in said
    for word in ("Hard", "talks", "Svære", "missed", "forgot", "late"):
        assert word not in said


def test_who_goes_on_and_stops_again_is_written_to_again(session, started, clock) -> None:
    clock.advance(days=14)
    assert nudge(session) == 1
    clock.advance(days=20)
    assert nudge(session) == 0
    watch(session, started)
    clock.advance(days=13)
    assert nudge(session) == 0

    clock.advance(days=1)

    assert nudge(session) == 1


def test_reading_instead_of_watching_is_going_on(session, started, clock) -> None:
    clock.advance(days=10)
    say_read(session, started.scope, lesson_id=started.outline(session).modules[0].lessons[0].id)
    clock.advance(days=5)

    assert nudge(session) == 0


@pytest.mark.parametrize("why", ["completed", "not started", "declined", "not here", "taken back", "licence over"])
def test_nobody_else_is_written_to(session, world, started, clock, why: str) -> None:
    side = world.ours
    match why:
        case "completed":
            version = side.outline(session).version_id
            done = Completion(person_id=side.learner.id, course_id=side.course.id, completed_at=product_clock.now())
            done.course_version_id = version
            session.add(done)
        case "not started":
            side.seat(session).first_used_at = None
        case "declined":
            choose_nudges(session, person_id=side.learner.id, wanted=False)
        case "not here":
            session.get_one(Municipality, side.municipality.id).nudges = False
        case "taken back":
            take_back_seat(session, scope=side.house_scope, seat_id=side.seat(session).id, by_id=side.owner.id)
        case "licence over":
            session.get_one(Licence, side.licence.id).ends_on = product_clock.today("DK")
    session.flush()
    clock.advance(days=14)

    assert nudge(session) == 0


def test_who_declines_on_my_data_can_change_their_mind(session, world, learner) -> None:
    def declined() -> bool:
        return session.get_one(Person, world.ours.learner.id, populate_existing=True).nudges_declined_at is not None

    assert "No such emails" in learner.page("/learn/my-data").text
    assert learner.press("/learn/my-data/reminders", decline="y").location == "/learn/my-data#reminders"
    assert declined()
    assert "You get no email when you have stopped in a course." in learner.page("/learn/my-data").text

    learner.press("/learn/my-data/reminders")

    assert not declined()


def test_the_daily_job_writes_to_all_in_batches(session, started, world, clock, installation, monkeypatch) -> None:
    use_seat(session, seat_id=world.theirs.seat(session).id)
    watch(session, world.theirs)
    session.commit()
    clock.advance(days=14)
    monkeypatch.setattr(nudges, "BATCH", 1)
    nudge_daily(installation, session)
    session.commit()

    while run_due(installation):
        pass

    assert len(letters(session)) == 2
    assert session.scalars(select(Job.id).where(Job.name == "learning.nudge", Job.done_at.is_(None))).all() == []
