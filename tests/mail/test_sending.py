"""Letters reach a real mail server, whole, under one Message-ID, and wait while it is away."""

import smtplib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from elearn.config import Settings
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from elearn.mail.services import queue
from tests.conftest import settings_in
from tests.peers.postbox import Postbox, taking_letters

CONTEXT = {"name": "Åse", "minutes": 30, "house": "Børnehuset"}


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with taking_letters() as box:
        yield box


@pytest.fixture
def settings(tmp_path: Path, postbox: Postbox) -> Settings:
    return settings_in(
        tmp_path / "data",
        ELEARN_MAIL=f"smtp://127.0.0.1:{postbox.port}",
        ELEARN_MAIL_FROM="Børnehuset <kursus@example.dk>",
        ELEARN_NAME="Børnehuset",
    )


def write(installation, to: str = "aase@x.example", **context: object) -> int:
    with installation.database.transaction() as session:
        minted = installation.tokens.mint("sign-in")
        letter = queue(
            session,
            "accounts/sign_in",
            to=to,
            language="da",
            context=CONTEXT | context,
            token_purpose="sign-in",
            token=minted,
        )
        return letter.id


def test_a_letter_arrives_whole(installation, postbox: Postbox, clock) -> None:
    write(installation)

    run_due(installation)

    (letter,) = postbox.letters
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert letter["To"] == "aase@x.example"
    assert letter["From"] == "Børnehuset <kursus@example.dk>"
    assert letter["Content-Language"] == "da"
    assert "Åse" in text.get_content()
    assert "Åse" in html.get_content()
    assert "http://localhost/sign-in/" in text.get_content()


def test_a_subject_in_any_letters_arrives_as_it_was(installation, postbox: Postbox, clock, monkeypatch) -> None:
    from elearn.mail import jobs

    def with_subject(*args):
        message = render(*args)
        del message["Subject"]
        message["Subject"] = "Blåbærgrød – én gang til på Ærø"
        return message

    monkeypatch.setattr(jobs, "render", with_subject)
    write(installation)

    run_due(installation)

    assert postbox.letters[0]["Subject"] == "Blåbærgrød – én gang til på Ærø"


def test_while_the_server_refuses_nothing_is_lost(installation, postbox: Postbox, clock, session) -> None:
    postbox.refusing = True
    letter_id = write(installation)
    for _ in range(3):
        run_due(installation)
        clock.advance(minutes=10)
    assert postbox.letters == []

    postbox.refusing = False
    run_due(installation)

    assert len(postbox.letters) == 1
    assert session.get_one(Letter, letter_id, populate_existing=True).sent_at is not None


def test_an_address_refused_for_good_is_noted_and_not_tried_again(
    installation, postbox: Postbox, clock, session
) -> None:
    postbox.unknown["aase@x.example"] = "550 5.1.1 No such user here"
    letter_id = write(installation)

    for _ in range(3):
        run_due(installation)
        clock.advance(hours=2)

    letter = session.get_one(Letter, letter_id, populate_existing=True)
    job = session.scalars(select(Job)).one()
    assert (letter.refused, letter.sent_at) == ("550 5.1.1 No such user here", None)
    assert (job.runs, job.last_error) == (1, None)
    assert job.done_at is not None
    assert postbox.letters == []


@pytest.mark.parametrize(
    "answer",
    ["450 4.2.1 Mailbox busy", "451 try again", "530 5.7.0 Authentication required", "550 5.7.1 Relaying denied"],
)
def test_a_refusal_that_may_pass_or_is_not_the_addresss_fault_is_tried_again(
    installation, postbox: Postbox, clock, session, answer: str
) -> None:
    postbox.unknown["aase@x.example"] = answer
    letter_id = write(installation)
    run_due(installation)
    postbox.unknown.clear()

    clock.advance(seconds=11)
    run_due(installation)

    letter = session.get_one(Letter, letter_id, populate_existing=True)
    assert len(postbox.letters) == 1
    assert (letter.refused, letter.sent_at is not None) == (None, True)


@pytest.mark.parametrize("to", ["søren@x.example", "aase.@x.example", "aase@x.example."])
def test_an_address_that_no_letter_can_say_is_noted_as_refused(
    installation, postbox: Postbox, clock, session, to: str
) -> None:
    """Such addresses were taken once."""
    letter_id = write(installation, to)

    run_due(installation)

    job = session.scalars(select(Job)).one()
    assert session.get_one(Letter, letter_id, populate_existing=True).refused
    assert (job.done_at is not None, job.last_error) == (True, None)


def test_a_domain_in_any_letters_is_written_as_every_server_knows_it(installation, postbox: Postbox, clock) -> None:
    write(installation, "aase@ærø.example")

    run_due(installation)

    assert postbox.letters[0]["To"] == "aase@xn--r-3fa9c.example"


def test_one_refused_address_holds_up_nobody_else(installation, postbox: Postbox, clock) -> None:
    postbox.unknown["aase@x.example"] = "550 5.1.1 No such user here"
    write(installation)
    write(installation, to="bo@x.example")

    run_due(installation)

    assert [letter["To"] for letter in postbox.letters] == ["bo@x.example"]


def test_what_a_server_says_is_cut_short_and_kept_on_one_line(installation, postbox: Postbox, clock, session) -> None:
    postbox.unknown["aase@x.example"] = "550-5.1.1 " + "x" * 400 + "\r\n550 gone"
    letter_id = write(installation)

    run_due(installation)

    refused = session.get_one(Letter, letter_id, populate_existing=True).refused
    assert refused is not None
    assert len(refused) == 300
    assert "\n" not in refused


def test_an_answer_goes_where_the_letter_says(installation, postbox: Postbox, clock) -> None:
    letter_id = write(installation)
    with installation.database.transaction() as session:
        session.get_one(Letter, letter_id).reply_to = "karin@kommune.example"

    run_due(installation)

    assert postbox.letters[0]["Reply-To"] == "karin@kommune.example"


def test_while_the_server_is_down_nothing_is_lost(installation, postbox: Postbox, clock, monkeypatch) -> None:
    write(installation)
    with monkeypatch.context() as down:
        down.setattr(smtplib.SMTP, "connect", lambda *_: (_ for _ in ()).throw(ConnectionRefusedError))
        run_due(installation)
    assert postbox.letters == []

    clock.advance(seconds=11)
    run_due(installation)

    assert len(postbox.letters) == 1


def test_a_crash_after_sending_sends_twice_under_one_message_id(
    installation, postbox: Postbox, clock, session, monkeypatch
) -> None:
    from elearn.mail import jobs

    letter_id = write(installation)
    with monkeypatch.context() as crash:
        crash.setattr(jobs, "update", lambda *_: 1 / 0)
        run_due(installation)
    clock.advance(seconds=11)
    run_due(installation)

    first, second = (letter["Message-ID"] for letter in postbox.letters)
    assert first == second == f"<letter-{letter_id}@localhost>"


def test_a_letter_that_was_sent_is_not_sent_again(installation, postbox: Postbox, clock, session) -> None:
    write(installation)
    run_due(installation)
    job = session.scalars(select(Job)).one()
    job.done_at = None
    session.commit()

    run_due(installation)

    assert len(postbox.letters) == 1


@pytest.mark.parametrize("name", ["Åse\r\nBcc: all@x.example", "Åse\nX-Evil: 1\n\nbody", "Åse\x0bBcc: x@y.example"])
def test_a_name_with_line_breaks_adds_no_header(installation, postbox: Postbox, clock, name: str) -> None:
    write(installation, name=name, house=name)

    run_due(installation)

    (letter,) = postbox.letters
    assert "Bcc" not in letter
    assert "X-Evil" not in letter
    assert letter["To"] == "aase@x.example"


def test_an_address_with_line_breaks_is_never_written_to(installation, postbox: Postbox, clock) -> None:
    write(installation, to="aase@x.example\r\nBcc: all@x.example")

    run_due(installation)

    assert postbox.letters == []


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "{{70707*7}}", "${70707*7}", "</script>", '"><img src=x>']
)
def test_what_people_write_is_never_live_in_a_letter(installation, postbox: Postbox, clock, text: str) -> None:
    write(installation, name=text, house=text)

    run_due(installation)

    html = postbox.letters[0].get_body(("html",)).get_content()
    assert text not in html or "<" not in text
    assert str(70707 * 7) not in html


def test_a_waiting_letter_holds_no_token(installation, session, clock) -> None:
    letter = session.get_one(Letter, write(installation))

    token = installation.tokens.reveal("sign-in", letter.token_nonce)

    assert token in str(render(installation, letter))
    held = [str(getattr(letter, column.name)) for column in Letter.__table__.columns]
    assert not [text for text in held if token in text]


def test_letters_lie_in_the_data_folder_until_a_server_is_named(installation, tmp_path: Path, clock) -> None:
    installation.settings = settings_in(tmp_path / "files")
    write(installation)

    run_due(installation)

    (file,) = installation.settings.mail_folder.glob("*.eml")
    assert file.stat().st_mode & 0o077 == 0, "nobody else on the machine reads it"
    assert b"aase@x.example" in file.read_bytes()


def test_letters_that_wait_are_kept_as_long_as_they_are_tried(installation, session, clock) -> None:
    from elearn.mail.jobs import forget_sent_letters

    installation.settings = replace(installation.settings, keep_letters_days=1)
    write(installation)
    clock.advance(days=7)
    forget_sent_letters(installation, session)
    assert len(session.scalars(select(Letter)).all()) == 1

    clock.advance(days=1)
    forget_sent_letters(installation, session)

    assert session.scalars(select(Letter)).all() == []


def test_sent_letters_are_forgotten_after_a_month(installation, postbox, session, clock) -> None:
    from elearn.mail.jobs import forget_sent_letters

    write(installation)
    run_due(installation)
    clock.advance(days=29, hours=23)
    forget_sent_letters(installation, session)
    assert len(session.scalars(select(Letter)).all()) == 1

    clock.advance(hours=2)
    forget_sent_letters(installation, session)

    assert session.scalars(select(Letter)).all() == []
