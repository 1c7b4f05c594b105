"""The disk of PostgreSQL's log without room, under a progress load: PostgreSQL ends, and loses nothing by it.

It cannot go on without its log, so it stops at once. Whoever looks after the machine makes room; it is started again
by what started it (systemd, on a server).
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from elearn.core.db import Database
from tests.databases import ENGINE
from tests.faults.conftest import PEOPLE, Place, make_place
from tests.faults.postgresql import Server
from tests.faults.senders import Senders, lost_seconds, people_with_seats
from tests.faults.served import served, wait_for
from tests.faults.small_disk import SmallDisk, small_disk

AWAY_S = 2.0
LIMIT_S = 60

pytestmark = [pytest.mark.soak, pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite's log: test_full_disk")]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", megabytes=400) as disk:
        for above in (disk.folder, tmp_path):
            above.chmod(0o711)
        yield disk


@pytest.fixture
def server(disk: SmallDisk) -> Iterator[Server]:
    made = Server(disk.folder / "server")
    yield made
    made.databases.close()


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Iterator[Place]:
    database = Database(server.databases.copy())
    yield make_place(database, tmp_path)
    database.dispose()


def use_up_the_log(url: str) -> None:
    """Begin file after file of the log, until there is no room for another."""
    with suppress(psycopg.OperationalError), psycopg.connect(_plain(url), autocommit=True) as connection:
        while True:
            connection.execute("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()")


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_log_without_room_loses_no_acknowledged_second(place: Place, server: Server, disk: SmallDisk) -> None:
    url = place.database.engine.url.render_as_string(hide_password=False)
    people = people_with_seats(place.database, PEOPLE)
    with (
        served(place.database, place.folder) as group,
        Senders(place.installation.tokens, group.port, people, place.video_id) as senders,
    ):
        wait_for(lambda: sum(senders.acknowledged.values()) > 20, LIMIT_S)
        disk.fill()
        use_up_the_log(url)
        time.sleep(AWAY_S)
        before = sum(senders.acknowledged.values())
        time.sleep(AWAY_S)
        while_full = sum(senders.acknowledged.values()) - before
        disk.make_room()
        server.start()
        wait_for(lambda: sum(senders.acknowledged.values()) > before + 20, LIMIT_S)
    place.database.dispose()

    assert while_full == 0, "the log had room, so nothing was tried"
    assert not [status for journal in senders.journals for status in journal.refused], "refused, and not with 503"
    assert lost_seconds(place.database, place.video_id, senders.acknowledged) == 0
