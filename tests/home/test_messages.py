"""A buyer writes to all learners of a licence: once per press, answers to the buyer, nobody else's people."""

import pytest
from sqlalchemy import select

from elearn.core.audit import AuditEvent
from elearn.core.tokens import random_token
from elearn.jobs.queue import run_due
from elearn.licensing.models import Licence, LicenceMessage
from elearn.licensing.services import messages
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from tests.licensing.test_emails import text
from tests.world import World, add_learner

WORDS = "We meet on Thursday.\n\nDo bring a colleague."


@pytest.fixture
def path(world: World) -> str:
    return f"/municipalities/{world.ours.municipality.id}/licences/{world.ours.licence.id}/message"


def letters(session) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.kind == "licensing/message").order_by(Letter.id)))


def work(installation) -> None:
    while run_due(installation):
        pass


def test_every_learner_gets_one_letter_and_answers_go_to_the_buyer(buyer, path, session, installation, world) -> None:
    second = add_learner(session, installation, session.get_one(Licence, world.ours.licence.id), "Second")
    session.commit()
    page = buyer.page(path)
    assert "Write to the 2 learners" in page.text
    press = page.select_one("input[name=press]")["value"]
    preview = buyer.press(path, text=WORDS, press=press)
    assert preview.status_code == 200
    assert "We meet on Thursday." in preview.text
    assert "Send to 2 people" in preview.text
    assert letters(session) == [], "nothing is sent before the second press"

    buyer.press(f"{path}/send", text=WORDS, press=press)
    work(installation)

    sent = letters(session)
    assert [letter.recipient for letter in sent] == [world.ours.learner.address, second.address]
    message = render(installation, sent[0])
    assert message["Subject"] == "A message about your course"
    assert message["Reply-To"] == "buyer@ours.example"
    assert "Do bring a colleague." in text(message)
    assert "Buyer ours\nFavrskov Kommune" in text(message)
    trail = session.scalars(select(AuditEvent).where(AuditEvent.kind == "licensing.message.sent")).one()
    assert trail.data["recipients"] == 2
    assert "Thursday" not in str(trail.data)


def test_pressing_twice_sends_once(buyer, path, session, installation) -> None:
    press = random_token()
    answers = [buyer.press(f"{path}/send", text=WORDS, press=press).status_code for _ in range(3)]
    work(installation)

    assert answers == [303] * 3
    assert len(letters(session)) == 1
    assert len(session.scalars(select(LicenceMessage)).all()) == 1


def test_a_second_run_of_the_job_writes_nobody_twice(buyer, path, session, installation, monkeypatch) -> None:
    monkeypatch.setattr(messages, "BATCH", 1)
    buyer.press(f"{path}/send", text=WORDS, press=random_token())
    work(installation)
    message = session.scalars(select(LicenceMessage)).one()

    messages.write_some(session, message_id=message.id)

    assert len(letters(session)) == 1


def test_many_get_theirs_in_batches(buyer, path, session, installation, world, monkeypatch) -> None:
    for name in ("Second", "Third"):
        add_learner(session, installation, session.get_one(Licence, world.ours.licence.id), name)
    session.commit()
    monkeypatch.setattr(messages, "BATCH", 1)

    buyer.press(f"{path}/send", text=WORDS, press=random_token())
    work(installation)

    assert len(letters(session)) == 3
    assert len({letter.recipient for letter in letters(session)}) == 3


def test_a_buyer_writes_five_times_a_day_at_most(buyer, path, session) -> None:
    answers = [buyer.press(f"{path}/send", text=WORDS, press=random_token()).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]
    assert len(session.scalars(select(LicenceMessage)).all()) == 5


@pytest.mark.parametrize("words", ["", "   ", "x" * 2001])
def test_a_text_that_will_not_do_is_refused_and_kept(buyer, path, session, words: str) -> None:
    answer = buyer.press(path, text=words, press=random_token())

    assert answer.status_code == 422
    assert buyer.press(f"{path}/send", text=words, press=random_token()).status_code == 422
    assert session.scalars(select(LicenceMessage)).all() == []
    if words.strip():
        assert words in answer.text


def test_another_municipalitys_learners_are_nowhere(buyer, session, world) -> None:
    theirs, ours = world.theirs, world.ours
    for municipality, licence in ((ours, theirs), (theirs, theirs), (theirs, ours)):
        path = f"/municipalities/{municipality.municipality.id}/licences/{licence.licence.id}/message/send"
        assert buyer.press(path, text=WORDS, press=random_token()).status_code == 404
    assert session.scalars(select(LicenceMessage)).all() == []


def test_what_is_written_is_never_live(buyer, path, session, installation) -> None:
    words = "<script>canary()</script> {{70707*7}}"
    preview = buyer.press(path, text=words, press=random_token())
    buyer.press(f"{path}/send", text=words, press=random_token())
    work(installation)

    html = text(render(installation, letters(session)[0]), "html")
    for place in (preview.text, html):
        assert "<script>canary()" not in place
        assert str(70707 * 7) not in place
