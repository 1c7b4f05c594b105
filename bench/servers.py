"""Starting the product's web workers, or another application under the very same command."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psutil

from bench.places import FOLDER, ROOT, SECRET, Place
from elearn.serving import web_command

_mains: dict[int, int] = {}
"""The ids of the main processes by their ports."""


@contextmanager
def product(place: Place, **changed: str) -> Iterator[int]:
    """Serve the product as `elearn serve` does, some settings changed; gives the port."""
    with _served(place, changed) as port:
        yield port


@contextmanager
def minimal(place: Place, database_url: str, **changed: str) -> Iterator[int]:
    """Serve the minimal application under the same server and flags; gives the port."""
    extra = {"BENCH_DATABASE": database_url, "BENCH_SECRET": SECRET} | changed
    with _served(place, extra, "bench.minimal_app:app") as port:
        yield port


def processor_s(port: int) -> float:
    """Return the processor's seconds that the web workers on a port have had."""
    main = psutil.Process(_mains[port])
    return _seconds_of([main, *main.children(recursive=True)])


def workers_on(port: int) -> list[int]:
    """Return the ids of the web workers that serve a port."""
    return [each.pid for each in psutil.Process(_mains[port]).children()]


def database_processor_s() -> float:
    """Return the processor's seconds that our PostgreSQL has had; none where it does not run."""
    file = FOLDER / "postgresql" / "postmaster.pid"
    if not file.exists():
        return 0
    main = psutil.Process(int(file.read_text().split()[0]))
    return _seconds_of([main, *main.children()])


def _seconds_of(processes: Iterable[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes)


@contextmanager
def _served(place: Place, extra: dict[str, str], *application: str) -> Iterator[int]:
    port = _free_port()
    extra = extra | {"ELEARN_PORT": str(port)}
    settings, environment = place.settings(**extra), place.environment | extra
    log = FOLDER / f"server-{port}.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            web_command(settings, *application),
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdout=errors,
            stderr=errors,
        )
    _mains[port] = process.pid
    try:
        _wait_until_it_listens(port)
        yield port
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        text = log.read_text(errors="replace")
        if text.strip():
            print(f"  the server said:\n{text[-2000:]}")
        log.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_listens(port: int) -> None:
    for _attempt in range(1_000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the server did not start")
