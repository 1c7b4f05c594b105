"""Two web machines and two workers on one PostgreSQL behave as one: nothing lives in one process's memory."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from elearn.accounts.models import EmailAddress, Person
from elearn.core import clock
from elearn.jobs.models import Job, ScheduledTask
from elearn.learning.models import VideoProgress
from elearn.mail.services import queue
from elearn.media.models import Packaging
from tests.databases import ENGINE, Databases
from tests.faults.served import wait_for
from tests.faults.two_machines import SEGMENT, Browser, Pair, letters_in, two_machines
from tests.tus import signed_in

pytestmark = [
    pytest.mark.race,
    pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite is for one machine"),
]
LIMIT_S = 60


@pytest.fixture(scope="module")
def pair(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with two_machines(databases, tmp_path_factory.mktemp("machines")) as made:
        yield made


def address_of(pair: Pair, person: Person) -> str:
    with pair.database.reader() as session:
        return session.scalars(select(EmailAddress.address).where(EmailAddress.person_id == person.id)).one()


def links_to(pair: Pair, address: str) -> set[str]:
    """Return the links for signing in that somebody has got."""
    texts = [text for to, text in pair.letters if to == address]
    return {found[1] for text in texts if (found := re.search(r"(/sign-in/\S+)", text))}


def sign_in(pair: Pair, address: str) -> Browser:
    """Sign in as people do: by the link in a letter, opened at one machine and pressed at the other."""
    browser, before = pair.browser(), links_to(pair, address)
    assert browser.press("/sign-in", email=address).location.endswith("/sign-in/sent")
    wait_for(lambda: links_to(pair, address) - before, LIMIT_S)
    link = (links_to(pair, address) - before).pop()
    assert browser.get(link).status == 200
    assert browser.press(link).status == 303
    return browser


def is_signed_in(browser: Browser) -> list[bool]:
    """Say what each machine thinks."""
    return [browser.get("/learn").status == 200 for _machine in range(2)]


def letters_waiting(pair: Pair) -> int:
    with pair.database.reader() as session:
        jobs = select(func.count()).select_from(Job).where(Job.done_at.is_(None), Job.name == "mail.send_letter")
        return session.scalar(jobs) or 0


def test_people_are_signed_in_at_both_and_signed_out_at_both(pair: Pair) -> None:
    address = address_of(pair, pair.world.ours.learner)
    phone, laptop = sign_in(pair, address), sign_in(pair, address)
    assert is_signed_in(phone) == is_signed_in(laptop) == [True, True]

    assert laptop.press("/security/browsers/end-others").status == 303
    assert (is_signed_in(phone), is_signed_in(laptop)) == ([False, False], [True, True])

    assert laptop.press("/sign-out").status == 303
    assert is_signed_in(laptop) == [False, False]


def test_guesses_are_counted_together(pair: Pair) -> None:
    browser, address = pair.browser(), address_of(pair, pair.world.theirs.learner)

    said = [browser.press("/sign-in/password", email=address, password=f"guess {n} of many").status for n in range(12)]

    assert said == [200] * 10 + [429] * 2


def test_a_ticket_of_one_machine_opens_films_at_the_other_until_the_seat_is_taken_back(pair: Pair) -> None:
    ours = pair.world.ours
    with pair.database.reader() as session:
        lesson_id, seat_id = ours.outline(session).modules[0].lessons[0].id, ours.seat(session).id
    learner, owner = pair.browser(), pair.browser()
    learner.cookies["session"] = signed_in(pair.app, 0, ours.learner).cookie
    owner.cookies["session"] = signed_in(pair.app, 0, ours.owner).cookie
    ticket, report = f"/learn/lessons/{lesson_id}/ticket", f"/learn/lessons/{lesson_id}/watched"

    claims = None
    for number in range(4):
        told = json.loads(learner.send(ticket, {"player": "p", "language": "da", "claims": claims}).text)
        claims, segment = told["claims"], told["master"].replace("master.m3u8", "720-00000.m4s")
        assert [learner.get(segment).text for _machine in range(2)] == [SEGMENT] * 2
        seconds = {"claims": claims, "id": f"r{number}", "seq": number, "ranges": [[number, number + 1]]}
        assert learner.send(report, {**seconds, "position": number + 1}).status == 200
    with pair.database.reader() as session:
        seen = session.scalars(select(VideoProgress.seen).where(VideoProgress.person_id == ours.learner.id)).one()
    assert seen > 0

    assert owner.press(f"/owner/seats/{seat_id}/take-back", person=str(ours.learner.id)).status == 303
    asked = {"player": "p", "language": "da", "claims": claims}
    assert [learner.send(ticket, asked).status for _machine in range(2)] == [403, 403]


def test_a_film_may_arrive_at_both_in_turn(pair: Pair) -> None:
    owner, film = signed_in(pair.app, pair.ports[0], pair.world.theirs.owner), bytes(range(256)) * 200
    half = len(film) // 2
    path = owner.begin(len(film), "a-film").headers["location"]
    assert owner.send(path, 0, film[:half]).status == 204
    owner.port = pair.ports[1]
    assert owner.arrived(path) == half
    owner.port = pair.ports[0]
    assert owner.send(path, 0, film[:half]).status == 409, "it begins where the file ends, at either machine"
    owner.port = pair.ports[1]
    assert owner.send(path, half, film[half:]).status == 204

    assert (pair.uploads / path.rpartition("/")[2]).read_bytes() == film
    with pair.database.reader() as session:
        assert session.scalars(select(Packaging.film_key)).all() == ["a-film"]
        assert session.scalar(select(func.count()).select_from(Job).where(Job.name == "media.package")) == 1


def test_each_job_runs_once_and_each_letter_is_sent_once_though_both_work(pair: Pair) -> None:
    people = [f"person-{number}@work.example" for number in range(60)]
    with pair.database.transaction() as session:
        for address in people:
            context = {"house": "Huset", "path": "/owner/status", "what": "all is well"}
            queue(session, "operations/trouble_over", to=address, language="en", context=context)

    wait_for(lambda: set(people) <= {to for to, _text in pair.letters} and not letters_waiting(pair), LIMIT_S)

    assert Counter(to for to, _text in pair.letters if to in people) == dict.fromkeys(people, 1)
    assert all(any(to in people for to, _text in letters_in(box)) for box in pair.postboxes), "both workers send"
    with pair.database.reader() as session:
        assert set(session.scalars(select(Job.runs).where(Job.name == "mail.send_letter"))) == {1}


def test_what_is_due_every_day_is_queued_once(pair: Pair) -> None:
    def backups() -> int:
        with pair.database.reader() as session:
            return session.scalar(select(func.count()).select_from(Job).where(Job.name == "backup.make")) or 0

    def is_all_done() -> bool:
        with pair.database.reader() as session:
            due = select(ScheduledTask.name).where(ScheduledTask.due_at <= clock.now())
            return backups() > 0 and not session.scalars(due).all()

    wait_for(is_all_done, LIMIT_S)
    assert backups() == 1
    for days in (2, 3):
        with pair.database.transaction() as session:
            session.execute(update(ScheduledTask).values(due_at=clock.now() - timedelta(seconds=1)))
        wait_for(is_all_done, LIMIT_S)
        assert backups() == days


def test_neither_is_a_demo(pair: Pair) -> None:
    browser = pair.browser()

    assert [browser.get(page).status for page in ("/demo", "/demo", "/demo/mail", "/demo/mail")] == [404] * 4
