"""The ways in which the product is hurt: every process there is killed by signal 9, and PostgreSQL restarted."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil
from sqlalchemy import select, update

from elearn.jobs.models import Job
from tests.faults.postgresql import Server
from tests.faults.served import wait_for
from tests.faults.works.base import Ground

LIMIT_S = 60


@dataclass
class Hand:
    """Who strikes, and where."""

    ground: Ground
    chance: random.Random
    server: Server | None = None
    """The PostgreSQL that the product stands on."""

    def jobs_worker(self, *, media: bool) -> psutil.Process:
        """Return the worker of ordinary jobs, or the one of films and backups."""
        return next(
            process
            for process in self.ground.site.group.process.children()
            if "work" in process.cmdline() and ("media" in process.cmdline()) is media
        )


Strike = Callable[[Hand], None]


def a_web_worker(hand: Hand) -> None:
    """Kill one of the two that answer."""
    hand.chance.choice(hand.ground.site.group.workers()).kill()


def the_web_main_process(hand: Hand) -> None:
    """Kill the one that starts the others."""
    hand.ground.site.group.main.kill()


def the_job_worker(hand: Hand) -> None:
    """Kill the one that sends letters, with a job in its hands or not."""
    _kill_worker(hand, hand.jobs_worker(media=False))


def the_media_worker(hand: Hand) -> None:
    """Kill the one that packages films."""
    _kill_worker(hand, hand.jobs_worker(media=True))


def elearn_serve(hand: Hand) -> None:
    """Kill the parent of all: the parts have to end by themselves, and leave the port to the next one."""
    group = hand.ground.site.group
    parts = group.process.children(recursive=True)
    group.process.kill()
    _gone, alive = psutil.wait_procs(parts, timeout=LIMIT_S)
    assert not alive, f"left behind: {[part.cmdline() for part in alive]}"
    group.begin_again()


def everything_at_once(hand: Hand) -> None:
    """Cut the power: every process of the product, and PostgreSQL's, which comes back after the product does."""
    group = hand.ground.site.group
    everybody = [group.process, *group.process.children(recursive=True)]
    for process in everybody:
        with suppress(psutil.NoSuchProcess):  # a part whose parent is gone ends by itself
            process.kill()
    psutil.wait_procs(everybody, LIMIT_S)
    if hand.server is not None:
        hand.server.kill()
        group.begin_again()
        wait_for(group.answers, LIMIT_S)
        hand.server.start()
        let_leases_end(hand)
    else:
        let_leases_end(hand)
        group.begin_again()


def a_connection_of_postgresql(hand: Hand) -> None:
    """Kill one of its processes: it ends all others too, and recovers."""
    assert hand.server is not None
    hand.server.kill_one(hand.chance)


def postgresql(hand: Hand) -> None:
    """Kill its main process, and start it again after a moment."""
    assert hand.server is not None
    hand.server.kill()
    hand.server.start()


def a_restart_of_postgresql(hand: Hand) -> None:
    """Restart it as an upgrade of the machine does."""
    assert hand.server is not None
    hand.server.restart()


STRIKES: list[Strike] = [a_web_worker, the_web_main_process, the_job_worker, the_media_worker, elearn_serve]
STRIKES_AT_POSTGRESQL: list[Strike] = [a_connection_of_postgresql, postgresql, a_restart_of_postgresql]


def _kill_worker(hand: Hand, worker: psutil.Process) -> None:
    worker.kill()
    let_leases_end(hand)


def let_leases_end(hand: Hand) -> None:
    """Let the time pass, for the jobs alone, in which nobody takes up what the dead had in their hands.

    `elearn serve` starts a worker again after half a second at the earliest: what is leased now is the dead's.
    """
    held = hand.ground.look(
        lambda session: session.execute(
            select(Job.id, Job.runs).where(Job.done_at.is_(None), Job.leased_until.is_not(None))
        ).all()
    )
    with hand.ground.site.database.transaction() as session:
        for number, runs in held:
            session.execute(update(Job).where(Job.id == number, Job.runs == runs).values(leased_until=None))
