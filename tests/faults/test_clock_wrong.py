"""The machine's clock is set back an hour, or was a day ahead for a while: nothing goes mad, nothing stands still."""

from collections import Counter
from datetime import timedelta

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs import queue, schedule
from elearn.jobs.models import Job
from elearn.jobs.queue import LEASE, enqueue, run_due
from elearn.jobs.schedule import Periodic, run_periodic
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Licence
from elearn.mail.models import Letter
from elearn.mail.services import queue as write_letter
from tests.client import PageClient
from tests.conftest import NOW, TestClock
from tests.learning.test_watching import Player
from tests.world import World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cookies_signed(monkeypatch: pytest.MonkeyPatch, clock: TestClock) -> None:
    """Cookies are signed and read by the test's clock, too."""
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: int(clock().timestamp()))


@pytest.mark.usefixtures("cookies_signed")
def test_nobody_is_signed_out_when_the_clock_is_set_back(learner: PageClient, clock: TestClock) -> None:
    clock.advance(hours=-1)
    learner.page("/learn")

    clock.advance(days=31)
    assert learner.get("/learn").status_code == 303, "a month is still the longest"


@pytest.mark.usefixtures("cookies_signed")
@pytest.mark.parametrize("by", [-HOUR, DAY])
def test_operators_sign_in_anew_when_nobody_knows_when_they_were_last_seen(
    owner: PageClient, clock: TestClock, by: timedelta
) -> None:
    owner.page("/owner")
    clock.set(clock() + by)

    assert "/sign-in" in owner.get("/owner").location


@pytest.mark.parametrize("by", [-HOUR, DAY])
def test_what_is_being_watched_counts_again_after_one_renewal(
    learner: PageClient, world: World, session: Session, clock: TestClock, by: timedelta
) -> None:
    player = Player(learner, world.ours.outline(session).modules[0].lessons[0].id)
    player.open()
    clock.advance(minutes=1)
    kept = player.report((0.0, 10.0))
    clock.set(clock() + by)

    told = player.report((10.0, 20.0))
    player.open()
    clock.advance(minutes=1)
    counted = player.report((10.0, 20.0))

    session.expire_all()
    row = session.scalars(select(VideoProgress)).one()
    assert told.json["renew"], "no ticket outlives the clock's being set"
    assert [kept.status_code, told.status_code, counted.status_code] == [200] * 3
    assert row.seen.bit_count() == 20
    assert row.position_ms == 20_000


def test_a_player_opened_after_the_clock_was_set_back_keeps_its_place(
    learner: PageClient, world: World, session: Session, clock: TestClock
) -> None:
    lesson = world.ours.outline(session).modules[0].lessons[0].id
    for by, place in ((DAY, 30.0), (-DAY, 12.0)):
        clock.set(clock() + by)
        player = Player(learner, lesson)
        player.open()
        clock.advance(minutes=1)
        player.report((place - 1, place))

    assert session.scalars(select(VideoProgress.position_ms)).one() == 12_000


@pytest.mark.parametrize("ahead", [HOUR, DAY])
def test_letters_written_while_the_clock_was_ahead_leave_when_it_is_right(
    installation: Installation, session: Session, clock: TestClock, ahead: timedelta
) -> None:
    clock.set(NOW + ahead)
    letter = write_letter(
        session, "learning/nudge", to="a@x.example", language="da", context={"name": "A", "house": "H"}
    )
    session.commit()
    clock.set(NOW)

    run_due(installation)

    session.refresh(letter)
    assert letter.sent_at == NOW


def test_work_of_a_worker_that_died_while_the_clock_was_ahead_is_taken_over(
    installation: Installation, session: Session, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    monkeypatch.setitem(queue._handlers, "test.note", lambda _installation: ran.append(clock()))
    job = enqueue(session, "test.note")
    session.flush()
    session.execute(update(Job).where(Job.id == job.id).values(runs=1, leased_until=NOW + LEASE + HOUR, due_at=NOW))
    session.commit()

    run_due(installation)

    assert ran == [NOW]


def test_periodic_tasks_do_not_stand_still_until_the_time_that_the_clock_showed(
    installation: Installation, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    task = Periodic("test.hourly", HOUR, lambda _installation, _session: ran.append(clock()))
    monkeypatch.setattr(schedule, "_tasks", {task.name: task})
    for instant in (NOW + DAY, NOW, NOW + HOUR / 2, NOW + HOUR):
        clock.set(instant)
        run_periodic(installation)

    assert ran == [NOW + DAY, NOW, NOW + HOUR]


def test_nobody_is_reminded_twice(installation: Installation, world: World, session: Session, clock: TestClock) -> None:
    """A licence that ends soon, and everything that looks at days: forward a day, back, and on."""
    ends = (NOW + timedelta(days=30)).date()
    session.execute(update(Licence).where(Licence.id == world.ours.licence.id).values(ends_on=ends))
    session.commit()
    for instant in (NOW, NOW + DAY, NOW, NOW - HOUR, NOW + 2 * HOUR, NOW + DAY, NOW + DAY + HOUR):
        clock.set(instant)
        run_periodic(installation)
        run_due(installation)

    session.expire_all()
    written = Counter((each.kind, each.recipient) for each in session.scalars(select(Letter)))
    reminders = {
        key: number for key, number in written.items() if key[0] in ("licensing/ends_soon", "licensing/seat_ends")
    }
    assert reminders
    assert set(reminders.values()) == {1}
