"""The product in one process, pages and jobs, copied from one that has imported everything: killed, and back at once.

`elearn serve` is killed under `make soak`; this is what the suite has time for.
"""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

from werkzeug.serving import make_server

from elearn.app import create_app
from elearn.config import Settings
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.home.demo_field import fill
from elearn.jobs import worker
from elearn.serving import _end_with_parent
from tests.conftest import settings_in
from tests.databases import Databases
from tests.faults.postbox import postbox
from tests.faults.senders import people_with_seats
from tests.faults.strikes import Hand, let_leases_end
from tests.faults.works import Ground
from tests.peers.stripe_server import stripe_server
from tests.world import make_world

PEOPLE = 260
LOOK_EVERY_S = 0.05
"""How often it looks for jobs."""


class Forked:
    """A process that serves; requests wait in the line while it is dead."""

    def __init__(self, settings: Settings, database_url: str) -> None:
        self._settings, self._database_url = settings, database_url
        self._app = create_app(settings)
        self._line = socket.create_server(("127.0.0.1", 0))
        self.port = self._line.getsockname()[1]
        self._orders, theirs = multiprocessing.Pipe()
        # What is copied has no threads: one that holds a lock would not come along.
        self._mother = multiprocessing.get_context("fork").Process(target=self._copy_when_told, args=(theirs,))
        self._mother.start()
        self._pid = 0

    def begin(self) -> None:
        """Start it."""
        self._orders.send("begin")
        self._pid = self._orders.recv()

    def kill(self) -> None:
        """End it by signal 9."""
        os.kill(self._pid, signal.SIGKILL)
        self._orders.send("bury")
        self._orders.recv()

    def close(self) -> None:
        self.kill()
        self._orders.send("end")
        self._mother.join()
        self._line.close()

    def _copy_when_told(self, orders: Connection) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._orders.close()  # so that the test's own death is noticed here
        while (told := _told(orders)) != "end":
            if told == "bury":
                orders.send(os.wait())
                continue
            pid = os.fork()
            if not pid:
                self._serve()
            orders.send(pid)

    def _serve(self) -> None:
        _end_with_parent()
        installation = Installation(self._settings)
        installation.database = Database(self._database_url)
        self._app.extensions["elearn"] = installation
        worker.PAUSE_S = LOOK_EVERY_S
        threading.Thread(target=worker.work, args=(installation, threading.Event()), daemon=True).start()
        make_server("127.0.0.1", self.port, self._app, threaded=True, fd=self._line.fileno()).serve_forever()


def _told(orders: Connection) -> str:
    try:
        return str(orders.recv())
    except EOFError:
        return "end"


@contextmanager
def forked_ground(databases: Databases, folder: Path) -> Iterator[Ground]:
    """Have the product so, with a mail server and a Stripe beside it."""
    with postbox() as box, stripe_server() as stripe:
        settings = settings_in(
            folder / "data",
            ELEARN_MAIL=f"smtp://127.0.0.1:{box.port}",
            ELEARN_MAIL_FROM="House <house@example.dk>",
            ELEARN_TRUSTED_PROXIES="1",
            ELEARN_KEEP_BACKUPS="0",
            **stripe.settings,
        )
        installation = Installation(settings)
        installation.database = database = Database(databases.copy())
        group = Forked(settings, database.engine.url.render_as_string(hide_password=False))
        with database.writer() as session:
            world = make_world(session, installation, folder)
            session.commit()
        fill(installation, people=PEOPLE, films=0, seed=1, slug="hard-talks")
        group.begin()
        site = SimpleNamespace(group=group, installation=installation, world=world, database=database)
        try:
            yield Ground(site, box, stripe, people_with_seats(database, PEOPLE))
        finally:
            group.close()
            database.dispose()


def everything(hand: Hand) -> None:
    """Kill it, with requests and a job in its hands, and start it again."""
    group = hand.ground.site.group
    group.kill()
    let_leases_end(hand)
    group.begin()
