"""How long pages take while the bucket of films does not answer as it should: down, silent, dripping, cut, changed.

    python -m bench.films_away [--visits 3]

Films lie in a real S3 service (Swift, from Debian), and a line before it goes bad. Each visit comes when the product
asks the bucket again, and nothing is left of what it had read there: each waits as long as any.
"""

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bench.page import signed_in
from bench.places import FOLDER, ROOT, Place, Places
from bench.players import Player, players, session_cookie
from bench.servers import product
from elearn.accounts.services import find_or_add_person, open_sign_in
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.organisations.models import CourseHouse
from elearn.organisations.services import make_owner
from tests.peers import swift
from tests.peers.line import Fault, Line, line_to

SEATS = 1_000
FAULTS = (Fault.NONE, Fault.DOWN, Fault.SILENT, Fault.LATE, Fault.DRIPPING, Fault.HALF, Fault.CHANGES_ANSWERS)
ASKED_AGAIN_AFTER_S = 2.2
"""For two seconds after a failure the product does not ask the bucket (docs/films-on-s3.md)."""
MOST_S = 1.0
MODULE, REPORT, OWNER, FILMS = "module page", "progress report", "owner's start", "owner's films"


@dataclass
class Visits:
    """What is asked for under one fault, and how long each answer took."""

    port: int
    module: str
    learner: str
    player: Player
    owner: str
    took_s: dict[str, list[float]] = field(default_factory=dict)

    def make(self) -> None:
        """Ask for everything once."""
        report = json.dumps(self.player.report()).encode()
        watched = f"/learn/lessons/{self.player.lesson_id}/watched"
        self._ask(MODULE, "GET", self.module, self.learner)
        self._ask(REPORT, "POST", watched, self.player.cookie, report)
        self._ask(OWNER, "GET", "/owner", self.owner)
        self._ask(FILMS, "GET", "/owner/films", self.owner)

    def _ask(self, name: str, method: str, path: str, cookie: str, body: bytes | None = None) -> None:
        time.sleep(ASKED_AGAIN_AFTER_S)
        shutil.rmtree(FOLDER / "media-cache", ignore_errors=True)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": cookie, "Host": "localhost:8000", "Origin": "http://localhost:8000"}
        if body:
            headers["Content-Type"] = "application/json"
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        self.took_s.setdefault(name, []).append(time.perf_counter() - began)
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status}")


def main(visits: int) -> bool:
    """Measure each fault, print the table, return whether everything came in time."""
    place = Places().place("sqlite", SEATS, kind="scale")
    module, learners = signed_in(place)
    player, owner = players(place, 1, seed=1)[0], _owner(place)
    slowest = 0.0
    with _bucket(place) as (line, settings), product(place, ELEARN_WEB_WORKERS="1", **settings) as port:
        print(f"\npages while the bucket is away, {visits} visits each: median and slowest, in seconds")
        Visits(port, module, learners[0], player, owner).make()  # templates are read once
        for fault in FAULTS:
            line.cut(fault)
            asked = Visits(port, module, learners[0], player, owner)
            for _visit in range(visits):
                asked.make()
            line.mend()
            told = (f"{name} {sorted(each)[visits // 2]:.2f} {max(each):.2f}" for name, each in asked.took_s.items())
            print(f"  {fault.value:<16} {'; '.join(told)}", flush=True)
            slowest = max(slowest, *(max(each) for each in asked.took_s.values()))
    met = slowest < MOST_S
    print(f"slowest of all: {slowest:.2f} s (below {MOST_S:g} s: {'met' if met else 'MISSED'})")
    return met


@contextmanager
def _bucket(place: Place) -> Iterator[tuple[Line, dict[str, str]]]:
    """Bring the place's films into a bucket; lend the line to it and the settings that go by that line."""
    folder = tempfile.TemporaryDirectory(prefix="swift-", dir=swift.parent_folder())
    with folder, swift.serving(Path(folder.name)) as service, line_to(service.url) as line:
        settings = service.settings(service.new_bucket(), line.url)
        subprocess.run(
            [sys.executable, "-m", "elearn", "media", "sync", "--to", "s3"],
            env=place.environment | settings,
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield line, settings


def _owner(place: Place) -> str:
    """Return the cookie of an owner's browser."""
    installation = Installation(place.settings())
    with installation.database.transaction() as session:
        owner, _email = find_or_add_person(session, address="owner@bench.example", name="Owner", language="en")
        make_owner(session, person=owner, house=session.scalars(select(CourseHouse).limit(1)).one())
        opened = open_sign_in(session, person=owner, door="bench")
        opened.sign_in.second_factor_at = clock.now()
        token = opened.token
    installation.database.dispose()
    seen = int(clock.now().timestamp())
    return session_cookie(place, {"_user_id": token, "_fresh": True, "language": "en", "seen": seen})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=3)
    sys.exit(0 if main(parser.parse_args().visits) else 1)
