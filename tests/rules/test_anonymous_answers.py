"""No path leads from a released anonymous answer to a person: not over the schema, not through what is written.

The spool until a release, and the pseudonym of compared questions until closing, are the named exceptions.
"""

import logging

import pytest
from sqlalchemy import DateTime, text

from elearn.accounts.models import Person
from elearn.core.db import Base
from elearn.feedback.services.releasing import release
from elearn.licensing.services import add_seats
from tests.databases import ENGINE
from tests.feedback.forms import ask, form_file
from tests.feedback.people import add_learners

RELEASED = {
    "released_answers": {
        *("id", "round_id", "form_id", "form_version_id", "batch_id", "lot_id", "audience", "about", "question"),
        *("item", "municipality_id", "sector", "number", "choice", "pseudonym"),
    },
    "feedback_texts": {
        *("id", "round_id", "form_id", "question", "audience", "sector", "may_quote", "text"),
        *("is_out", "state", "is_redacted", "tells_sector"),
    },
}
"""Every column of an answer that was released. A new one is a question: does it tell whose it is, or when?"""
KEPT_UNORDERED = {*RELEASED, "feedback_spool", "feedback_receipts"}
CANARY = "CANARY-WORDS"


def snapshot(session) -> dict[str, list[tuple]]:
    session.expire_all()
    return {
        table.name: sorted(map(repr, session.execute(text(f"SELECT * FROM {table.name}")).all()))
        for table in Base.metadata.sorted_tables
    }


def changed(before: dict, after: dict) -> set[str]:
    return {name for name in after if after[name] != before[name]}


def said_in(taken: dict[str, list], words: str) -> set[str]:
    return {name for name, rows in taken.items() if any(words in row for row in rows)}


@pytest.mark.parametrize("name", RELEASED)
def test_a_released_answer_has_no_column_but_the_named_ones_and_no_time(name: str) -> None:
    table = Base.metadata.tables[name]

    assert set(table.columns.keys()) == RELEASED[name]
    assert not [column.name for column in table.columns if isinstance(column.type, DateTime)]


@pytest.mark.parametrize("name", RELEASED)
def test_what_a_released_answer_points_at_knows_no_respondent(name: str) -> None:
    reached, ahead = set(), {name}
    while ahead:
        table = Base.metadata.tables[ahead.pop()]
        reached.add(table.name)
        ahead |= {key.column.table.name for key in table.foreign_keys if key.parent.name != "published_by_id"} - reached

    assert not [name for name in reached if "person_id" in Base.metadata.tables[name].columns]
    assert not reached & {"people", "sign_ins", "email_addresses", "seats", "memberships"}


@pytest.mark.skipif(ENGINE != "sqlite", reason="PostgreSQL numbers no rows; its spool is rewritten after a release")
def test_rows_have_no_number_that_tells_their_order(session) -> None:
    made = dict(session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())

    assert not [name for name in KEPT_UNORDERED if "WITHOUT ROWID" not in made[name].upper()]


def test_answering_writes_a_receipt_and_the_spool_and_nothing_else(
    session, installation, world, browser, caplog, clock
) -> None:
    side = world.ours
    form, round_ = ask(session, side.course, form_file(moment="on-request"))
    add_seats(session, licence=session.merge(side.licence), seats=1, by_id=None)
    people = [side.learner, *add_learners(session, installation, side, "Ane", "Bo", "Eva", "Ib")]
    clients = [browser().signed_in_as(person) for person in people]
    tokens = [client.csrf_token() for client in clients]
    caplog.set_level(logging.DEBUG)
    before = snapshot(session)
    for number, (client, token) in enumerate(zip(clients, tokens, strict=True)):
        clock.advance(minutes=7)
        client.get(f"/feedback/{form.id}")
        said = {"q.notice": "4", "q.more": f"{CANARY} {number}", "csrf_token": token}
        assert client.post(f"/feedback/{form.id}", data=said).status_code == 303
        client.get("/feedback/thanks")
    answered = snapshot(session)

    assert changed(before, answered) == {"feedback_receipts", "feedback_spool"}
    assert said_in(answered, CANARY) == {"feedback_spool"}
    release(session, round_=round_)
    session.commit()
    released = snapshot(session)

    assert changed(answered, released) == {
        *("feedback_receipts", "feedback_spool", "feedback_batches", "released_answers", "feedback_texts"),
        "audit_events",
    }
    assert released["feedback_spool"] == []
    assert said_in(released, CANARY) == {"feedback_texts"}
    trail = session.execute(text("SELECT actor_id, data FROM audit_events ORDER BY id DESC LIMIT 1")).one()
    assert trail.actor_id is None
    assert "person" not in str(trail.data)
    kept = " ".join(released["released_answers"] + released["feedback_texts"])
    assert not [row for row in answered["feedback_spool"] if row.split("'")[1] in kept], "ids are made anew"
    assert CANARY not in caplog.text
    log = caplog.text + "".join(path.read_text() for path in installation.settings.mail_folder.glob("*.eml"))
    assert not [person for person in people if session.get_one(Person, person.id).addresses[0].address in log]
    assert f"/feedback/{form.id}" not in caplog.text, "no line says who answered when"


def test_answers_that_are_not_compared_have_no_pseudonym(session, installation, world, learner) -> None:
    form, _round = ask(session, world.ours.course, form_file(moment="on-request"))
    session.commit()
    learner.press(f"/feedback/{form.id}", **{"q.notice": "4"})

    assert session.execute(text("SELECT pseudonym FROM feedback_spool")).scalars().all() == [None]
