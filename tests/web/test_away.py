"""What people see while the database is away: 503, when to try again, and nothing half done (P4)."""

from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from elearn.accounts.models import Person
from elearn.core.db import Database
from tests.client import PageClient, check_page


@pytest.fixture
def away(app, tmp_path: Path) -> Database:
    """A database that cannot be reached."""
    return Database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}")


def test_pages_say_when_to_try_again(learner: PageClient, owner: PageClient, installation, away: Database) -> None:
    installation.database = away
    for client, path in ((learner, "/learn"), (owner, "/owner/people"), (learner, "/")):
        response = client.get(path)

        assert (response.status_code, response.headers["Retry-After"]) == (503, "5"), path
        check_page(path, response)


def test_what_does_not_exist_is_still_said_to_be_nowhere(learner: PageClient, installation, away) -> None:
    installation.database = away

    learner.page("/nowhere", status=404)


def test_scripts_are_told_to_keep_their_report(learner: PageClient, world, installation, away, session) -> None:
    lesson = world.ours.outline(session).modules[0].lessons[0].id
    token = learner.csrf_token()
    installation.database = away

    response = learner.post(f"/learn/lessons/{lesson}/ticket", json={"player": "p"}, headers={"X-CSRFToken": token})

    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.is_json


def test_a_write_that_is_cut_short_leaves_nothing(learner: PageClient, session, world, database) -> None:
    """The connection dies at each statement of the request in turn; what was done before is undone."""
    token = learner.csrf_token()
    connection = database._connection
    name = session.get_one(Person, world.ours.learner.id).name

    for fails_at in range(1, 30):
        seen = 0

        def die(_connection, _cursor, statement, *_others, fails_at: int = fails_at) -> None:
            nonlocal seen
            if not statement.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                seen += 1
                if seen == fails_at:
                    raise OperationalError(statement, {}, Exception("the server closed the connection"))

        event.listen(connection, "before_cursor_execute", die)
        response = learner.post("/learn/my-data/name", data={"name": "New Name", "csrf_token": token})
        event.remove(connection, "before_cursor_execute", die)
        kept = connection.execute(
            text("SELECT name FROM people WHERE id = :id"), {"id": world.ours.learner.id}
        ).scalar()
        if response.status_code == 303:
            assert kept == "New Name"
            assert fails_at > 3, "the request has several statements"
            return
        assert response.status_code == 503
        assert kept == name
    pytest.fail("the request never came through")
