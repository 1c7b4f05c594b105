"""What the engine says when a statement fails: enough to mend it, nothing of what people wrote."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from elearn.core.db import Database


def test_an_error_does_not_repeat_what_somebody_wrote(own_database: Database) -> None:
    with pytest.raises(DBAPIError) as failed, own_database.transaction() as session:
        session.execute(text("INSERT INTO nowhere (text) VALUES (:text)"), {"text": "a private note"})

    assert "INSERT INTO nowhere" in str(failed.value)
    assert "a private note" not in repr(failed.value) + str(failed.value)
