"""A GET writes nothing but attempts and audit rows: links are opened by mail scanners."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event

from elearn.app import Elearn
from elearn.core.db import Base
from tests.rules.field import Field, routes

MAY_BE_WRITTEN = {"attempt_counts", "audit_events", "api_tokens"}
"""Of a token the day it was last used, so that forgotten ones are seen; one row, once a day."""
WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)


@pytest.fixture
def written(connection: Connection) -> Iterator[list[str]]:
    """The tables that statements have written to, as they happen."""
    tables: list[str] = []

    def note(_connection, _cursor, statement, *_others) -> None:
        if found := WRITES.match(statement):
            tables.append(found[1])

    event.listen(connection, "before_cursor_execute", note)
    yield tables
    event.remove(connection, "before_cursor_execute", note)


def counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: len(connection.execute(table.select()).all())
        for table in Base.metadata.sorted_tables
        if not table.name.startswith("municipalit")
    }


def test_opening_pages_changes_nothing(app: Elearn, field: Field, connection, written, browser, world) -> None:
    people = [browser(), browser().signed_in_as(world.ours.learner), browser().signed_in_as(world.ours.owner)]
    written.clear()
    before = counts(connection)

    for rule, method in routes(app):
        if method == "GET":
            for client in people:
                written.clear()
                client.get(field.fill(rule, field.ours))
                assert set(written) <= MAY_BE_WRITTEN, f"GET {rule.rule} writes {set(written) - MAY_BE_WRITTEN}"

    after = counts(connection)
    assert {name for name in after if after[name] != before[name]} <= MAY_BE_WRITTEN


def test_the_witness_sees_writes(learner, field: Field, written) -> None:
    written.clear()

    learner.send(f"/learn/modules/{field.ours['module_id']}/notes/a-child", {"text": "New words"})

    assert "notes" in written
