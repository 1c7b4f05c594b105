"""Backed up while people watch and take seats over HTTP, destroyed, put back, and served again.

What comes back is one moment: all that anybody had been told before the backup began, nothing that came after it had
ended, and of what was on its way whole transactions (docs/backup.md).
"""

import os
import random
import re
import subprocess
import sys
import time
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, update

from elearn.core import clock
from elearn.feedback.models import FeedbackReceipt, SpooledResponse
from elearn.learning import certificates
from elearn.learning.models import Certificate, VideoProgress
from elearn.licensing.history import replay
from elearn.licensing.models import Joining, Seat, SeatEvent
from tests.databases import Databases
from tests.faults.senders import lost_seconds
from tests.faults.served import Served, served
from tests.feedback.forms import ask, form_file
from tests.licensing.racers import NO, YES, Browser
from tests.operations.house import House, house_again
from tests.operations.load import Load, Pool, make_pool
from tests.tus import TusClient, an_app, signed_in

CHANGES_MEANWHILE = {
    "attempt_counts",
    "audit_events",
    "feedback_receipts",
    "feedback_spool",
    "invitations",
    "jobs",
    "joinings",
    "letters",
    "licence_warnings",
    "memberships",
    "pairing_keys",
    "people",
    "scheduled_tasks",
    "seat_events",
    "seat_requests",
    "seats",
    "sign_in_links",
    "sign_ins",
    "training_dues",
    "video_progress",
}
"""By the load, and by the workers: a rule for new hires gives whoever joins a seat, or a place in line."""
ROUNDS = 30


@dataclass(frozen=True)
class Cut:
    """A backup, the moments between which it was made, and what the watchers had been told at both."""

    name: str
    begun: float
    ended: float
    watched_before: dict[int, int]
    watched_until: dict[int, int]


def command(house: House, *words: str) -> str:
    """Run `elearn backup …` as an operator does, and return what it says."""
    settings = house.settings
    environment = house.env | {"ELEARN_DATA": str(settings.data), "ELEARN_SECRET_KEY": settings.secret_key}
    ran = subprocess.run(
        [sys.executable, "-m", "elearn", "backup", *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def serving(house: House, *, only_web: bool) -> AbstractContextManager[Served]:
    """Serve the house; the backups are the test's."""
    return served(house.database, house.settings.data, only_web=only_web, **house.env, ELEARN_KEEP_BACKUPS="0")


def back_up(house: House, load: Load) -> Cut:
    """Make a backup in the middle of the load."""
    load.wait_for_more()
    watched, begun = load.senders.acknowledged, time.monotonic()
    said = command(house, "make")
    ended, until = time.monotonic(), load.senders.acknowledged
    load.wait_for_more()
    found = re.search(r"([^/]+): \d+ rows, \d+ films, encrypted", said)
    assert found, said
    return Cut(found[1], begun, ended, watched, until)


def ask_for_feedback(house: House) -> str:
    """Ask whoever has completed the course; return the form's address."""
    with house.database.transaction() as session:
        form, _round = ask(session, session.merge(house.world.ours.course), form_file("waiting"))
        return f"/feedback/{form.id}"


def certify(house: House) -> str:
    """Put a code of ours on the learner's certificate, and return it."""
    code = certificates.new_code()
    with house.database.transaction() as session:
        session.execute(update(Certificate).values(code=code))
    return code


def hand_in(learner: TusClient, page: str) -> None:
    """Have somebody answer without their name: that waits for company."""
    form_encoded = {"Content_Type": "application/x-www-form-urlencoded"}
    assert learner.ask("POST", page, b"q.notice=3", **form_encoded).headers["location"] == "/feedback/thanks"
    assert learner.ask("GET", page).status == 303, "they are not asked twice"


def files(*folders: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for each in folders for path in each.rglob("*") if path.is_file()}


def content_of(house: House) -> dict[str, bytes]:
    return files(house.settings.media, house.settings.courses, house.settings.manifests)


def play(house: House, backups: int, chance: random.Random, *, only_web: bool) -> None:
    """Serve, load, back up, lose everything, put one of the backups back, and serve again."""
    pool, page = make_pool(house, people=1_000 * backups), ask_for_feedback(house)
    code = certify(house)
    before, kept = house.rows(), content_of(house)
    app, ours = an_app(house.database, house.settings.data), house.world.ours
    with serving(house, only_web=only_web) as group:
        hand_in(signed_in(app, group.port, ours.learner), page)
        load = Load(house, group.port, pool, signed_in(app, group.port, ours.owner))
        with load.running():
            cuts = [back_up(house, load) for _backup in range(backups)]
    cut = chance.choice(cuts)
    house.destroy()

    said = command(house, "restore", cut.name, "--key", str(house.folder / "backup.key"))

    assert "2 answers to feedback forms are asked for again" in said, "the learner's, and one of the house from before"
    house.reopen()
    check_rows(house, before)
    assert content_of(house) == kept
    check_watched(house, pool, cut)
    check_seats(house, pool, load, cut)
    app.extensions["elearn"] = house.installation
    with serving(house, only_web=only_web) as group:
        check_pages(signed_in(app, group.port, ours.learner), code, page)
        check_no_seat_twice(house, group.port, pool)


def check_rows(house: House, before: dict[str, list[str]]) -> None:
    """What nobody changed is as it was, and nothing waits that could still be joined to a name."""
    after = house.rows()
    assert {name for name in before if after[name] != before[name]} <= CHANGES_MEANWHILE
    with house.database.reader() as session:
        assert session.scalars(select(SpooledResponse.id)).all() == []
        assert session.scalars(select(FeedbackReceipt.form_id).where(FeedbackReceipt.is_final.is_(False))).all() == []


def check_watched(house: House, pool: Pool, cut: Cut) -> None:
    """Each has the seconds they were told of before, a beginning without gaps, and at most one that was on its way."""
    assert cut.watched_before
    assert lost_seconds(house.database, pool.video_id, cut.watched_before) == 0
    with house.database.reader() as session:
        rows = session.scalars(select(VideoProgress).where(VideoProgress.person_id.in_(cut.watched_before))).all()
    for row in rows:
        seconds = row.seen.bit_count()
        assert row.seen == (1 << seconds) - 1
        assert seconds <= cut.watched_until.get(row.person_id, 0) + 1, "it is from after the backup"


def check_seats(house: House, pool: Pool, load: Load, cut: Cut) -> None:
    """Each seat is as its holder had been told, and what was written together is there together."""
    with house.database.reader() as session:
        seats = session.scalars(select(Seat).where(Seat.licence_id == pool.licence_id)).all()
        events = session.scalars(
            select(SeatEvent).where(SeatEvent.seat_id.in_([each.id for each in seats])).order_by(SeatEvent.id)
        ).all()
        joined = set(session.scalars(select(Joining.person_id).where(Joining.joined_at.is_not(None))))
    assert len(seats) == pool.seats
    held = {each.person_id for each in seats if each.person_id}
    for person in pool.letters:
        words = [each.what for each in events if each.person_id == person]
        asked, told = load.journal.perhaps(person, cut.ended), load.journal.surely(person, cut.begun)
        assert words == asked[: len(words)], "it is from after the backup"
        assert len(words) >= len(told), "what was acknowledged is not there"
        assert len(words) != 1, "half of a transaction"
        assert (person in held, person in joined) == (len(words) == 2, bool(words)), "half of a transaction"
    for seat in seats:
        now = replay([each for each in events if each.seat_id == seat.id]).now
        assert (now.person_id if now else None) == seat.person_id


def check_pages(learner: TusClient, code: str, form_page: str) -> None:
    """The product answers: the certificate is genuine, and the form that waited for company asks again."""
    certificate = learner.ask("GET", f"/certificates/{code}")
    assert "The certificate is genuine" in certificate.text
    assert learner.ask("GET", form_page).status == 200, "the form is asked again"


def check_no_seat_twice(house: House, port: int, pool: Pool) -> None:
    """Whoever presses now gets a seat as long as there is one, and nobody after that."""
    with house.database.reader() as session:
        licence = (Seat.licence_id == pool.licence_id, Seat.person_id.is_not(None))
        holders = set(session.scalars(select(Seat.person_id).where(*licence)))
        joined = set(session.scalars(select(Joining.person_id).where(Joining.joined_at.is_not(None))))
    free = pool.seats - len(holders)
    fresh = [person for person in pool.letters if person not in joined][: free + 3]
    with closing(Browser(port)) as browser:
        said = [browser.press(person, pool.letters[person]).said for person in fresh]
    assert said == [YES] * free + [NO] * 3
    with house.database.reader() as session:
        now = session.scalars(select(Seat.person_id).where(*licence)).all()
    assert sorted(now) == sorted(holders | set(fresh[:free]))


@pytest.mark.race
def test_what_was_backed_up_under_load_comes_back_as_one_moment(sealed_house: House) -> None:
    clock.set_source(None)
    play(sealed_house, 1, random.Random(1), only_web=True)


@pytest.mark.soak
def test_many_backups_under_load(databases: Databases, house: House, tmp_path_factory: pytest.TempPathFactory) -> None:
    clock.set_source(None)
    chance = random.Random(2)
    house.database.dispose()
    for _round in range(ROUNDS):
        copied = house_again(databases, house, tmp_path_factory.mktemp("round"), key=True)
        play(copied, 3, chance, only_web=False)
        copied.database.dispose()
