"""Every event of many payments several times, shuffled, with forged ones between, and the server killed (P5).

The end has to be the in-order run's, to the øre and to the seat.
"""

import json
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from werkzeug.serving import make_server

from elearn.app import create_app
from elearn.billing.services.stripe_events import receive_event
from elearn.billing.stripe_asking import reconcile
from elearn.billing.told import event_from
from elearn.core import clock as product_clock
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.jobs.queue import LEASE, run_due
from tests.billing.cards.storm import Storm, deliveries, set_up, state_of
from tests.conftest import settings_in
from tests.databases import ENGINE
from tests.faults.served import Served, served, wait_for
from tests.peers.stripe_server import StripeServer, stripe_server
from tests.world import make_world

SEED = 5
Serve = Callable[[Database, Path], AbstractContextManager[Served]]


@pytest.fixture
def stripe() -> Iterator[StripeServer]:
    with stripe_server() as server:
        yield server
    product_clock.set_source(None)


@contextmanager
def place(databases, folder: Path, stripe: StripeServer) -> Iterator[Installation]:
    installation = Installation(settings_in(folder / "data", **stripe.settings))
    installation.database = Database(databases.copy())
    yield installation
    installation.database.dispose()


def tell_in_order(databases, folder: Path, stripe: StripeServer, orders: int) -> tuple[Storm, dict]:
    with place(databases, folder, stripe) as installation:
        storm = _begun(installation, folder, orders)
        for event in storm.events:
            with installation.database.transaction() as session:
                assert receive_event(session, event_from(json.dumps(event)))
        while run_due(installation):
            pass
        return storm, state_of(installation)


def _begun(installation: Installation, folder: Path, orders: int) -> Storm:
    with installation.database.writer() as session:
        world = make_world(session, installation, folder)
        session.commit()
    return set_up(installation, world, orders, SEED)


def rage(databases, folder: Path, stripe: StripeServer, monkeypatch, *, orders: int, kills: int, serve: Serve) -> None:
    storm, calm = tell_in_order(databases, folder / "calm", stripe, orders)
    with place(databases, folder / "storm", stripe) as installation:
        monkeypatch.setattr("tests.billing.cards.storm.brew", lambda *_asked: storm)
        _begun(installation, folder / "storm", orders)
        stripe.account.__dict__.update(objects=storm.account.objects, events=storm.account.events)
        for name, value in stripe.settings.items():
            monkeypatch.setenv(name, value)
        begun = time.monotonic()
        counted = _deliver(installation, folder / "storm" / "data", storm, kills, serve)
        took_s = time.monotonic() - begun
        # What a killed worker had begun is done again when its lease has run out.
        later = datetime.now(UTC) + LEASE + timedelta(minutes=1)
        product_clock.set_source(lambda: later)
        while run_due(installation):
            pass
        wild = state_of(installation)
        _show(storm, counted, kills, took_s, wild)
        assert not [kind for kind in counted if kind.startswith(("forged 2", "genuine 4"))]
        for part, told in calm.items():
            assert wild[part] == told, part
        assert wild["invoice numbers without a gap"]
        assert reconcile(installation).number == 0


def _deliver(installation: Installation, folder: Path, storm: Storm, kills: int, serve: Serve) -> Counter[str]:
    """Deliver everything while the server is killed and started again; return how it was answered."""
    folder.mkdir(parents=True, exist_ok=True)
    serving: list[Served] = []
    sent = deliveries(storm, lambda: serving[-1].port if serving else 1)
    in_all = len(sent.waiting)
    marks = [in_all * (kills - number) // (kills + 1) for number in range(kills)]
    sender = threading.Thread(target=sent.run)
    for mark in [*marks, -1]:
        with serve(installation.database, folder) as group:
            serving.append(group)
            if len(serving) == 1:
                sender.start()
            if mark == -1:
                sender.join()
            else:
                wait_for(lambda mark=mark: len(sent.waiting) <= mark, 600)
                _kill_all(group)
    return sent.counted


@contextmanager
def forked(database: Database, folder: Path) -> Iterator[Served]:
    """Serve from a copy of this process: at once, where `elearn serve` has to import everything first."""
    settings = settings_in(
        folder, **{name: os.environ[name] for name in os.environ if name.startswith("ELEARN_STRIPE")}
    )
    app = create_app(settings)
    installation = Installation(settings)
    installation.database = Database(database.engine.url.render_as_string(hide_password=False))
    app.extensions["elearn"] = installation
    server = make_server("127.0.0.1", 0, app, threaded=True)
    child = multiprocessing.get_context("fork").Process(target=server.serve_forever)
    child.start()
    server.socket.close()
    try:
        yield Served(psutil.Process(child.pid), server.server_port)
    finally:
        child.kill()
        child.join()


def _kill_all(group: Served) -> None:
    """End every process at once, as a power cut does."""
    everyone = [group.process, *group.process.children(recursive=True)]
    for process in everyone:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(everyone, 10)


def _show(storm: Storm, counted, kills: int, took_s: float, state: dict) -> None:
    forged = sum(number for kind, number in counted.items() if kind.startswith("forged"))
    away = sum(number for kind, number in counted.items() if kind.endswith("away"))
    failed = sum(number for kind, number in counted.items() if " 5" in kind)
    states = ", ".join(
        f"{sum(each[1] == word for each in state['orders'])} {word}" for word in ("ready", "to_pay", "cancelled")
    )
    print(  # noqa: T201 - the figures are for docs/figures.md
        f"\n{ENGINE}: {len(storm.events)} events of {len(state['orders'])} orders, {sum(counted.values())} deliveries "
        f"({forged} forged or malformed, {away} met nobody, {failed} answered 5xx), {kills} kill -9, {took_s:.1f} s; "
        f"orders {states}; {sum(each[3] for each in state['orders'])} seats; books "
        f"{sum(each[3] for each in state['payments'])} øre in {len(state['payments'])} entries: as in order"
    )


@pytest.mark.race
def test_a_storm_ends_as_the_calm(databases, tmp_path, stripe, monkeypatch) -> None:
    rage(databases, tmp_path, stripe, monkeypatch, orders=22, kills=1, serve=forked)


@pytest.mark.soak
def test_a_storm_of_a_thousand_events_ends_as_the_calm(databases, tmp_path, stripe, monkeypatch) -> None:
    rage(databases, tmp_path, stripe, monkeypatch, orders=450, kills=3, serve=served)
