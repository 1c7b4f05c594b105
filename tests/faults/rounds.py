"""Rounds: everybody is at work, something is killed at a random moment, all of it goes on by itself, and is checked."""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select

from elearn.core import clock
from elearn.core.limits import AttemptCount
from elearn.home.demo_field import fill
from elearn.jobs.models import Job
from tests.databases import ENGINE, Databases
from tests.faults.postbox import postbox
from tests.faults.postgresql import Server
from tests.faults.senders import people_with_seats
from tests.faults.senders_site import make_site
from tests.faults.strikes import Hand, Strike
from tests.faults.works import Films, Ground, SignInLetters, Work
from tests.faults.works.base import all_at_work
from tests.peers.stripe_server import stripe_server

PEOPLE = 1_500
LIMIT_S = 120
"""How long anything is waited for; how fast it comes is printed, and noted in docs/figures.md."""
LATER = timedelta(seconds=5)
"""Jobs that are due later than that are no part of what was begun."""


@dataclass
class Result:
    """What the rounds with one strike came to."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    back_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """From the strike until something was acknowledged again, of each work."""
    refused: str = ""
    doubles: int = 0

    def show(self, what: str, rounds: int) -> None:
        acknowledged = ", ".join(f"{name} {number}{self._back(name)}" for name, number in self.acknowledged.items())
        print(  # noqa: T201 - the figures are for docs/figures.md
            f"\n{ENGINE}, {what}, {rounds} rounds: acknowledged {acknowledged}; {len(self.wrong)} lost or doubled; "
            f"refused {self.refused or 'nothing'}; letters that came twice: {self.doubles}"
        )

    def _back(self, name: str) -> str:
        back = sorted(self.back_s[name])
        return f" (again after {back[len(back) // 2]:.1f} s, {back[-1]:.1f} s at most)" if back else ""


@contextmanager
def ground(databases: Databases, folder: Path, **more: str) -> Iterator[Ground]:
    """Serve the product with a mail server and a Stripe beside it, and people enough for all works."""
    with postbox() as box, stripe_server() as stripe:
        settings = {
            "ELEARN_MAIL": f"smtp://127.0.0.1:{box.port}",
            "ELEARN_MAIL_FROM": "House <house@example.dk>",
            "ELEARN_TRUSTED_PROXIES": "1",
            "ELEARN_KEEP_BACKUPS": "0",
            **stripe.settings,
            **more,
        }
        with make_site(databases, folder, **settings) as site:
            fill(site.installation, people=PEOPLE, films=0, seed=1, slug="hard-talks")
            yield Ground(site, box, stripe, people_with_seats(site.database, PEOPLE))


def rounds(
    on: Ground, kinds: Sequence[Callable[[Ground], Work]], strike: Strike, number: int, server: Server | None = None
) -> Result:
    """Strike that often while all are at work, and check after each round."""
    works = [kind(on) for kind in kinds]
    hand = Hand(on, random.Random(number), server)
    result = Result()
    for each in range(1, number + 1):
        _forget_limits(on)
        with all_at_work(works):
            _wait_until_all_go_on(works)
            time.sleep(hand.chance.random())
            struck = time.monotonic()
            strike(hand)
            _note_when_back(works, struck, result)
        _judge(on, works, each, result)
        if result.wrong:
            break
    return result


def blows(on: Ground, kinds: Sequence[Callable[[Ground], Work]], strike: Strike, number: int) -> Result:
    """Strike that often in one round, the next blow soon after the last."""
    works = [kind(on) for kind in kinds]
    hand = Hand(on, random.Random(number))
    result = Result()
    with all_at_work(works):
        _wait_until_all_go_on(works)
        for _blow in range(number):
            time.sleep(hand.chance.random() / 2)
            strike(hand)
    _judge(on, works, 1, result)
    return result


def _wait_until_all_go_on(works: Sequence[Work]) -> None:
    before = [work.acknowledged for work in works]
    _wait(lambda: all(work.acknowledged > was or work.wrong for work, was in zip(works, before, strict=True)))


def _note_when_back(works: Sequence[Work], struck: float, result: Result) -> None:
    """Wait until each work has something acknowledged again, and note how long that took."""
    waiting = {work: work.acknowledged for work in works}
    until = time.monotonic() + LIMIT_S
    while waiting and time.monotonic() < until:
        for work, before in list(waiting.items()):
            if work.acknowledged > before or work.wrong:
                result.back_s[work.name].append(time.monotonic() - struck)
                del waiting[work]
        time.sleep(0.02)
    result.wrong += [f"{work.name} did not go on within {LIMIT_S} s" for work in waiting]


def _left_over(on: Ground) -> list[str]:
    """Wait until every job that is due, and every one that failed, has been done; return those that never are."""

    def left() -> list[str]:
        soon = clock.now() + LATER
        jobs = on.look(lambda session: session.scalars(select(Job).where(Job.done_at.is_(None))).all())
        return [f"{job.name} is left over: {job.last_error}" for job in jobs if job.last_error or job.due_at < soon]

    _wait(lambda: not left())
    return left()


def _judge(on: Ground, works: Sequence[Work], number: int, result: Result) -> None:
    """Note what was acknowledged, and what is wrong, once everything has come to its end."""
    wrong = [*_left_over(on), *on.refusals.wrong]
    wrong += [f"{work.name}: {each}" for work in works for each in (*work.wrong, *work.lost())]
    result.wrong += [f"round {number}: {each}" for each in wrong]
    result.acknowledged = {work.name: work.acknowledged for work in works}
    result.refused = ", ".join(f"{many} × {how}" for how, many in sorted(on.refusals.counted.items()) if many)
    result.doubles = next((work.doubles for work in works if isinstance(work, SignInLetters)), 0)


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LIMIT_S
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)


def _forget_limits(on: Ground) -> None:
    """All rounds are made by a few people within an hour, which the limits are there to prevent."""
    with on.site.database.transaction() as session:
        session.execute(delete(AttemptCount))


def films_in(folder: Path) -> Callable[[Ground], Work]:
    """Return the work of sending films, whose clip is made in a folder."""
    return lambda on: Films(on, folder)
