"""kill -9 of PostgreSQL itself under a progress load: what it acknowledged is there afterwards."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from elearn.core.db import Database
from tests.databases import ENGINE
from tests.faults.conftest import PEOPLE, Place, make_place
from tests.faults.postgresql import Server
from tests.faults.senders import Senders, lost_seconds, people_with_seats
from tests.faults.served import served, wait_for

LIMIT_S = 60

pytestmark = pytest.mark.skipif(ENGINE != "postgresql", reason="SQLite has no server that could be killed")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "server")
    yield made
    made.databases.close()


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Iterator[Place]:
    database = Database(server.databases.copy())
    yield make_place(database, tmp_path)
    database.dispose()


def _kill_under_load(place: Place, server: Server, kills: int, seed: int = 1) -> tuple[int, int, list[float]]:
    """Kill it again and again; return seconds acknowledged, seconds lost, and how long until reports were stored."""
    chance = random.Random(seed)
    back = []
    people = people_with_seats(place.database, PEOPLE)
    with (
        served(place.database, place.folder) as group,
        Senders(place.installation.tokens, group.port, people, place.video_id) as senders,
    ):
        wait_for(lambda: sum(senders.acknowledged.values()) > 20, LIMIT_S)
        for _kill in range(kills):
            time.sleep(0.3 + chance.random() * 0.5)
            server.kill()
            server.start()
            before = sum(senders.acknowledged.values())
            back.append(wait_for(lambda before=before: sum(senders.acknowledged.values()) > before + 20, LIMIT_S))
    assert not [status for journal in senders.journals for status in journal.refused]
    place.database.dispose()  # its connections died with the server
    acknowledged = senders.acknowledged
    return sum(acknowledged.values()), lost_seconds(place.database, place.video_id, acknowledged), back


def _show(acknowledged: int, lost: int, back: list[float]) -> None:
    print(  # noqa: T201 - the measured times are for docs/figures.md
        f"\nPostgreSQL killed {len(back)} times: {acknowledged} seconds acknowledged, {lost} lost; "
        f"storing again {sorted(back)[len(back) // 2]:.2f} s (median), {max(back):.2f} s at most after it was started"
    )


@pytest.mark.race
def test_a_killed_postgresql_loses_no_acknowledged_second(place: Place, server: Server) -> None:
    acknowledged, lost, back = _kill_under_load(place, server, 3)

    _show(acknowledged, lost, back)
    assert acknowledged > 50
    assert lost == 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_a_postgresql_killed_many_times_loses_no_acknowledged_second(place: Place, server: Server, seed: int) -> None:
    acknowledged, lost, back = _kill_under_load(place, server, 30, seed)

    _show(acknowledged, lost, back)
    assert acknowledged > 1000
    assert lost == 0
