"""What the engine says when a statement fails: enough to mend it, nothing of what people wrote."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from elearn.core.db import Database
from tests.databases import ENGINE


def test_an_error_does_not_repeat_what_somebody_wrote(own_database: Database) -> None:
    with pytest.raises(DBAPIError) as failed, own_database.transaction() as session:
        session.execute(text("INSERT INTO nowhere (text) VALUES (:text)"), {"text": "a private note"})

    assert "INSERT INTO nowhere" in str(failed.value)
    assert "a private note" not in repr(failed.value) + str(failed.value)


@pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite is on no other machine")
def test_a_machine_that_is_gone_without_a_word_is_noticed_within_seconds(own_database: Database) -> None:
    for engine in (own_database.engine, own_database._at_once):
        pooled = engine.raw_connection()
        asked = pooled.driver_connection.info.get_parameters()
        pooled.close()

        assert int(asked["tcp_user_timeout"]) <= 10_000
        assert int(asked["keepalives_idle"]) + int(asked["keepalives_interval"]) <= 10
