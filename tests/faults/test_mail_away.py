"""A mail server in trouble: no page waits for it, no letter is lost or doubled, and all leave by themselves."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from elearn.app import create_app
from elearn.core import clock as product_clock
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.mail import transport
from elearn.mail.models import Letter
from elearn.mail.services import queue
from tests.client import PageClient
from tests.conftest import TestClock, settings_in
from tests.databases import Databases
from tests.faults.presses import House, about_to_press
from tests.peers.line import Fault, Line, line_to
from tests.peers.postbox import Postbox, taking_letters
from tests.world import make_world

pytestmark = [pytest.mark.race, pytest.mark.looks]  # about lines and letters: databases make no difference
LETTERS = 3


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with taking_letters() as box:
        yield box


@pytest.fixture
def line(postbox: Postbox) -> Iterator[Line]:
    """The way to the mail server."""
    with line_to(f"smtp://127.0.0.1:{postbox.port}") as line:
        yield line


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("mail")
    app = create_app(settings_in(folder / "data", ELEARN_DATABASE=databases.copy()))
    app.test_client_class = PageClient
    product_clock.set_source(TestClock())
    installation = app.extensions["elearn"]
    with installation.database.writer() as session:
        house = House(app, make_world(session, installation, folder))
        session.commit()
        about_to_press(house, session)
    while run_due(installation):  # what was written until now is no part of any test
        pass
    product_clock.set_source(None)
    yield house
    installation.database.dispose()


@pytest.fixture
def mailing(house: House, line: Line, clock: TestClock, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house, whose letters go over the line."""
    monkeypatch.setattr(transport, "TIMEOUT_S", 0.2)
    _mail_by(house, f"smtp://127.0.0.1:{line.port}")
    return house


def _mail_by(house: House, url: str) -> None:
    house.installation.settings = replace(house.installation.settings, mail_url=url)


def write_letters(house: House, day: str) -> list[int]:
    with house.installation.database.transaction() as session:
        return [
            queue(
                session, "learning/nudge", to=f"{day}{n}@x.example", language="da", context={"name": "B", "house": "H"}
            ).id
            for n in range(LETTERS)
        ]


def hours_pass(house: House, clock: TestClock, hours: int) -> None:
    for _hour in range(hours):
        for _round in range(LETTERS):
            run_due(house.installation)
        clock.advance(hours=1)


def unsent(house: House, letters: list[int]) -> list[int]:
    with house.installation.database.reader() as session:
        waiting = select(Letter.id).where(Letter.id.in_(letters), Letter.sent_at.is_(None)).order_by(Letter.id)
        return list(session.scalars(waiting))


@pytest.mark.parametrize("name", ["order", "list", "sign-in", "answers"])
def test_no_press_waits_for_the_mail_server(mailing: House, line: Line, name: str) -> None:
    line.cut(Fault.SILENT)

    answer = mailing.presses[name].press()

    assert answer.status_code in (200, 303)
    assert line.calls == 0, "nobody spoke to it: that is for a job"


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SILENT, Fault.HALF])
def test_letters_wait_while_the_line_is_bad_and_leave_once_it_is_good(
    mailing: House, line: Line, postbox: Postbox, clock: TestClock, fault: Fault
) -> None:
    line.cut(fault)
    letters = write_letters(mailing, fault.value[:4])
    hours_pass(mailing, clock, 2)
    waiting = unsent(mailing, letters)
    line.mend()
    hours_pass(mailing, clock, 2)

    assert waiting == letters
    assert arrived(postbox, mailing, letters)


def test_a_line_that_is_cut_in_the_middle_of_a_letter_brings_none_of_it(
    mailing: House, line: Line, postbox: Postbox, clock: TestClock
) -> None:
    line.cut_after = 400  # the greetings and a beginning
    letters = write_letters(mailing, "cut")
    hours_pass(mailing, clock, 2)
    taken = list(postbox.letters)
    line.mend()
    hours_pass(mailing, clock, 2)

    assert taken == []
    assert arrived(postbox, mailing, letters)


def test_whoever_is_new_to_a_server_that_puts_strangers_off_is_taken_later(
    mailing: House, postbox: Postbox, clock: TestClock
) -> None:
    postbox.unknown["grey1@x.example"] = "450 4.2.0 Greylisted, see you in five minutes"
    letters = write_letters(mailing, "grey")
    hours_pass(mailing, clock, 1)
    waiting = unsent(mailing, letters)
    postbox.unknown.clear()
    hours_pass(mailing, clock, 1)

    assert waiting == letters[1:2], "the others were not held up"
    assert arrived(postbox, mailing, letters)


@pytest.mark.parametrize("scheme", ["smtp://somebody:wrong@", "smtps://"])
def test_letters_wait_for_a_right_password_and_for_tls(
    mailing: House, postbox: Postbox, clock: TestClock, scheme: str
) -> None:
    letters = write_letters(mailing, scheme[:5].strip(":/"))
    with taking_letters(signing_in=True) as strict:
        _mail_by(mailing, f"{scheme}127.0.0.1:{strict.port}")
        hours_pass(mailing, clock, 2)
    waiting = unsent(mailing, letters)
    told = mailing.app.test_client().signed_in_as(mailing.world.ours.owner).page("/owner/status")
    _mail_by(mailing, f"smtp://127.0.0.1:{postbox.port}")
    hours_pass(mailing, clock, 2)

    assert (waiting, strict.letters) == (letters, [])
    assert "Check that the mail server takes letters" in told.find("b", string="Emails").find_parent("li").text
    assert arrived(postbox, mailing, letters)


def test_after_a_long_weekend_without_mail_nobody_has_to_press_anything(
    mailing: House, line: Line, postbox: Postbox, clock: TestClock
) -> None:
    line.cut(Fault.DOWN)
    letters = write_letters(mailing, "long")
    with mailing.installation.database.transaction() as session:
        session.execute(update(Job).where(Job.done_at.is_(None)).values(runs=4 * 24))  # once an hour
    hours_pass(mailing, clock, 1)
    line.mend()
    hours_pass(mailing, clock, 1)

    assert arrived(postbox, mailing, letters)


def arrived(postbox: Postbox, house: House, letters: list[int]) -> bool:
    """Whether each letter has come, and once."""
    come = Counter(each["Message-ID"].split("@")[0] for each in postbox.letters)
    return unsent(house, letters) == [] and all(come[f"<letter-{number}"] == 1 for number in letters)
