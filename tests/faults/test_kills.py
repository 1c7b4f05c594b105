"""kill -9 in the middle of a progress load: what was acknowledged is in the database."""

import random
import signal
import time

import psutil
import pytest

from tests.databases import ENGINE
from tests.faults.conftest import PEOPLE, Place
from tests.faults.senders import Senders, lost_seconds, people_with_seats
from tests.faults.served import Served, served, wait_for

PAUSE_S = 3.0
"""Between kills of the older worker: granian gives up when a worker dies within 5.5 s of its start."""
LIMIT_S = 60
"""How long anything is waited for, on busy machines too; how fast it comes is printed, and noted in docs/figures.md."""


def _kill_workers_under_load(
    place: Place, group: Served, kills: int, pause_s: float = PAUSE_S, seed: int = 1
) -> tuple[int, int, list[float]]:
    """Kill one web worker after the other; return seconds acknowledged, seconds lost, and how long each was away."""
    chance = random.Random(seed)
    away = []
    wait_for(lambda: len(group.workers()) == 2, LIMIT_S)
    people = people_with_seats(place.database, PEOPLE)
    with Senders(place.installation.tokens, group.port, people, place.video_id) as senders:
        time.sleep(1)
        for kill in range(kills):
            if kill:
                time.sleep(max(0.0, pause_s - away[-1]) + chance.random() * 0.2)
            workers = sorted(group.workers(), key=psutil.Process.create_time)
            before = {worker.pid for worker in workers}
            workers[0].kill()
            away.append(wait_for(lambda before=before: _is_back(group, before), LIMIT_S))
        time.sleep(1)
    refused = [status for journal in senders.journals for status in journal.refused]
    assert not refused
    acknowledged = senders.acknowledged
    return sum(acknowledged.values()), lost_seconds(place.database, place.video_id, acknowledged), away


def _is_back(group: Served, before: set[int]) -> bool:
    """Whether a new worker serves: it runs the threads that only a worker with its application loaded has."""
    new = [worker for worker in group.workers() if worker.pid not in before]
    return len(group.workers()) == 2 and bool(new) and new[0].num_threads() > 2


def _show(what: str, acknowledged: int, lost: int, away: list[float]) -> None:
    median = sorted(away)[len(away) // 2]
    print(  # noqa: T201 - the measured times are for docs/figures.md
        f"\n{ENGINE}, {what}: {len(away)} kills, {acknowledged} seconds acknowledged, {lost} lost; "
        f"worker back after {median:.2f} s (median), {max(away):.2f} s at most"
    )


@pytest.mark.race
def test_killed_workers_lose_no_acknowledged_second(place: Place) -> None:
    with served(place.database, place.folder) as group:
        acknowledged, lost, away = _kill_workers_under_load(place, group, 2)

    _show("workers killed", acknowledged, lost, away)
    assert acknowledged > 100
    assert lost == 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))  # of one minute each: within it people can have watched what they report
def test_many_killed_workers_lose_no_acknowledged_second(place: Place, seed: int) -> None:
    with served(place.database, place.folder) as group:
        acknowledged, lost, away = _kill_workers_under_load(place, group, 24, seed=seed)

    _show("workers killed", acknowledged, lost, away)
    assert acknowledged > 1000
    assert lost == 0


@pytest.mark.soak
def test_a_build_that_answers_before_it_commits_is_found_out(place: Place) -> None:
    """The negative control: the same kills, and seconds are lost, or the tests above would prove nothing."""
    with served(place.database, place.folder, application="tests.faults.answers_early:app") as group:
        acknowledged, lost, away = _kill_workers_under_load(place, group, 8)

    _show("answering before the commit", acknowledged, lost, away)
    assert lost > 0


@pytest.mark.race
def test_a_killed_main_process_is_back_and_nothing_acknowledged_is_lost(place: Place) -> None:
    people = people_with_seats(place.database, PEOPLE)
    with (
        served(place.database, place.folder) as group,
        Senders(place.installation.tokens, group.port, people, place.video_id) as senders,
    ):
        time.sleep(2.5)
        old = group.main
        old.kill()
        away_s = wait_for(lambda: group.main.pid != old.pid and len(group.workers()) == 2 and group.answers(), LIMIT_S)
        at_kill = sum(senders.acknowledged.values())
        back_s = wait_for(lambda: sum(senders.acknowledged.values()) > at_kill + 50, LIMIT_S)

    print(f"\n{ENGINE}: main process killed; back after {away_s:.2f} s, storing {back_s:.2f} s later")  # noqa: T201 - as above
    assert lost_seconds(place.database, place.video_id, senders.acknowledged) == 0


@pytest.mark.race
def test_sigterm_ends_the_whole_group(place: Place) -> None:
    with served(place.database, place.folder) as group:
        everybody = group.process.children(recursive=True)
        assert len(everybody) >= 4  # main process, two workers, background work
        group.process.send_signal(signal.SIGTERM)
        group.process.wait(LIMIT_S)

    wait_for(lambda: not any(process.is_running() for process in everybody), LIMIT_S)
    assert not group.answers()
