"""What is acknowledged is on disk; a full disk or a database that is away is 503, and passes."""

from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text

from elearn.app import create_app
from elearn.core import writers_line
from elearn.core.db import Database
from tests.conftest import settings_in
from tests.databases import ENGINE
from tests.faults.conftest import Place
from tests.faults.senders import claims_of, lost_seconds, people_with_seats, report

CONNECTIONS = 6
QUESTIONS, ANSWERS = {
    "sqlite": (["PRAGMA synchronous", "PRAGMA journal_mode"], [2, "wal"]),
    "postgresql": (["SHOW synchronous_commit", "SHOW fsync"], ["on", "on"]),
}[ENGINE]
only_sqlite = pytest.mark.skipif(ENGINE != "sqlite", reason="SQLite's own limits stand in for the disk's")
only_postgresql = pytest.mark.skipif(ENGINE != "postgresql", reason="a server that can be away")


@pytest.fixture
def player(place: Place) -> FlaskClient:
    app = create_app(settings_in(place.folder))
    app.extensions["elearn"].database = place.database
    return app.test_client()


def test_every_connection_waits_until_what_it_commits_is_on_disk(own_database: Database) -> None:
    with ExitStack() as open_together:
        sessions = [open_together.enter_context(own_database.reader()) for _ in range(CONNECTIONS)]
        sessions.append(open_together.enter_context(own_database.writer()))
        found = [[session.execute(text(question)).scalar() for question in QUESTIONS] for session in sessions]

    assert found == [ANSWERS] * (CONNECTIONS + 1)


@only_sqlite
def test_a_full_disk_refuses_reports_for_now_and_keeps_what_it_acknowledged(place: Place, player: FlaskClient) -> None:
    full = {"at": 0}

    @event.listens_for(place.database.engine, "checkout")
    def _limit(connection: object, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={full['at'] or 1_000_000}")  # type: ignore[attr-defined]  # sqlite3's

    with place.database.reader() as session:
        full["at"] = session.execute(text("PRAGMA page_count")).scalar_one()
    acknowledged, refused = {}, []
    for person, seat in people_with_seats(place.database, 40):
        claims = claims_of(place.installation.tokens, person, seat, place.video_id)
        answer = player.post("/learn/lessons/1/watched", json=report(claims, 0))
        if answer.status_code == 200:
            acknowledged[person] = 1
        else:
            refused.append((answer, claims))
    full["at"] = 0
    again = [player.post("/learn/lessons/1/watched", json=report(claims, 0)) for _answer, claims in refused]

    assert refused
    assert {answer.status_code for answer, _claims in refused} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 and answer.is_json for answer, _claims in refused)
    assert [answer.status_code for answer in again] == [200] * len(refused)
    assert lost_seconds(place.database, place.video_id, acknowledged) == 0


@only_sqlite
def test_a_database_that_stays_locked_is_503_and_passes(
    place: Place, player: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers_line, "BUSY_TIMEOUT_S", 0)
    person, seat = people_with_seats(place.database, 1)[0]
    claims = claims_of(place.installation.tokens, person, seat, place.video_id)
    other = Database(place.database.engine.url.render_as_string(hide_password=False))

    with other.transaction() as session:
        session.execute(text("SELECT 1"))
        locked = player.post("/learn/lessons/1/watched", json=report(claims, 0))
    other.engine.dispose()
    free = player.post("/learn/lessons/1/watched", json=report(claims, 0))

    assert locked.status_code == 503
    assert int(locked.headers["Retry-After"]) > 0
    assert free.status_code == 200


@only_postgresql
def test_a_database_that_is_away_is_503_and_comes_back_by_itself(place: Place, player: FlaskClient) -> None:
    person, seat = people_with_seats(place.database, 1)[0]
    claims = claims_of(place.installation.tokens, person, seat, place.video_id)
    url = place.database.engine.url
    admin = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false'))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": url.database}
        )
        away = [player.post("/learn/lessons/1/watched", json=report(claims, 0)) for _ in range(3)]
        connection.execute(text(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true'))
    admin.dispose()
    back = player.post("/learn/lessons/1/watched", json=report(claims, 0))

    assert {answer.status_code for answer in away} == {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in away)
    assert back.status_code == 200
