"""Two web machines and two workers of one installation: a database, what docs/deploy.md says they share, no more."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from elearn.app import Elearn
from elearn.core import i18n
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.media.models import Video
from tests.conftest import settings_in
from tests.databases import Databases
from tests.faults.served import served
from tests.peers.postbox import Postbox, taking_letters
from tests.tus import an_app
from tests.world import World, make_world

MACHINES = ("one", "two")
SHARED = ("media", "uploads")
"""Of the data folder; courses and manifests are named by settings."""
SEGMENT = "a segment of the film"


@dataclass
class Answer:
    """What a machine said."""

    status: int
    location: str
    text: str


class Browser:
    """Keeps cookies as a browser does; the balancer before it sends each request to the next machine.

    Of two presses in a row, each arrives at the other machine than the one before.
    """

    def __init__(self, ports: tuple[int, ...]) -> None:
        self._turn = cycle(ports)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path)

    def press(self, path: str, **fields: str) -> Answer:
        """Fetch a form's token from one machine, and send the form to the other."""
        form = urlencode({"csrf_token": self.form_token(), **fields})
        answer = self._ask("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})
        next(self._turn)
        return answer

    def send(self, path: str, told: Any) -> Answer:
        """Send JSON as a script does."""
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.form_token()}
        answer = self._ask("POST", path, json.dumps(told), headers)
        next(self._turn)
        return answer

    def form_token(self) -> str:
        """Return the token that forms of this browser carry."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/sign-in/password").text)
        assert found
        return found[1]

    def _ask(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", next(self._turn), timeout=30)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, {"Cookie": cookies, "Accept-Language": "en", **(headers or {})})
        answer = connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return Answer(answer.status, answer.headers.get("Location", ""), text)


@dataclass
class Pair:
    """The two machines, as people and a test see them."""

    database: Database
    world: World
    app: Elearn
    """The same application, in the test: it signs people in without a letter."""
    ports: tuple[int, ...]
    postboxes: tuple[Postbox, ...]
    """A mail server for each: so it is seen which of them sent a letter."""
    uploads: Path

    def browser(self) -> Browser:
        """Return a browser that nobody has used."""
        return Browser(self.ports)

    @property
    def letters(self) -> list[tuple[str, str]]:
        """All letters that arrived: to whom, and the text."""
        return [letter for box in self.postboxes for letter in letters_in(box)]


def letters_in(box: Postbox) -> list[tuple[str, str]]:
    """Return to whom a machine sent what."""
    return [(str(each["To"]), each.get_body(("plain",)).get_content()) for each in box.letters]  # type: ignore[union-attr]  # letters have a body


@contextmanager
def two_machines(databases: Databases, folder: Path) -> Iterator[Pair]:
    """Set two machines up and serve on both, with a worker on each; the workers begin in the same moment."""
    installation = Installation(settings_in(folder / "shared"))
    installation.database = database = Database(databases.copy())
    with i18n.speaking("en"), database.writer() as session:
        world = make_world(session, installation, folder)
        session.commit()
        for package in session.scalars(select(Video.package)):
            (folder / "shared" / "media" / package).mkdir(parents=True, exist_ok=True)
            (folder / "shared" / "media" / package / "720-00000.m4s").write_text(SEGMENT)
    with ExitStack() as until_the_end:
        boxes = tuple(until_the_end.enter_context(taking_letters()) for _machine in MACHINES)
        places = [_machine(folder, name, box) for name, box in zip(MACHINES, boxes, strict=True)]
        workers = [_worker(database, data, env) for data, env in places]
        until_the_end.callback(_end, workers)
        groups = [until_the_end.enter_context(served(database, data, only_web=True, **env)) for data, env in places]
        app, ports = an_app(database, folder / "shared"), tuple(group.port for group in groups)
        yield Pair(database, world, app, ports, boxes, folder / "shared" / "uploads")
    database.dispose()


def _machine(folder: Path, name: str, box: Postbox) -> tuple[Path, dict[str, str]]:
    """Give a machine a data folder of its own, in which only what is shared leads elsewhere."""
    data = folder / name / "data"
    data.mkdir(parents=True, mode=0o700)
    for shared in SHARED:
        (folder / "shared" / shared).mkdir(exist_ok=True)
        (data / shared).symlink_to(folder / "shared" / shared)
    return data, {
        "ELEARN_PUBLIC_URL": "http://localhost",
        "ELEARN_MAIL": f"smtp://127.0.0.1:{box.port}",
        "ELEARN_MAIL_FROM": "kursus@example.dk",
        "ELEARN_COURSES": str(folder / "ours" / "courses"),
        "ELEARN_MANIFESTS": str(folder / "ours" / "media_manifest"),
        "ELEARN_WEB_WORKERS": "1",
    }


def _worker(database: Database, data: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    own = {
        "ELEARN_DATABASE": database.engine.url.render_as_string(hide_password=False),
        "ELEARN_DATA": str(data),
        "ELEARN_SECRET_KEY": settings_in(data).secret_key,
    }
    return subprocess.Popen([sys.executable, "-m", "elearn", "jobs", "work"], env=os.environ | env | own)


def _end(workers: list[subprocess.Popen[bytes]]) -> None:
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.wait(30)
