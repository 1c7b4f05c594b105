"""The product served as in life, on a database of the test's own, to be hurt."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from elearn.core.db import Database
from elearn.serving import web_command
from tests.conftest import settings_in

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Served:
    """A group of processes, and the port it answers on."""

    process: psutil.Popen
    port: int
    begin: Callable[[], psutil.Popen] | None = None
    """Starts such a group, as whoever looks after the machine does when it is gone."""

    def begin_again(self) -> None:
        """Start the group again, on the same port, once nothing of the old one is left."""
        assert self.begin is not None
        self.process.wait(60)
        wait_for(lambda: not self.answers(), 60)
        self.process = self.begin()

    @property
    def main(self) -> psutil.Process:
        """The web workers' main process."""
        return self.process if self.process.name() == "granian" or self._is_web(self.process) else self._main_below()

    def workers(self) -> list[psutil.Process]:
        """The web workers alive now."""
        return [child for child in self.main.children() if child.status() != psutil.STATUS_ZOMBIE]

    def answers(self) -> bool:
        """Whether anybody listens on the port."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _main_below(self) -> psutil.Process:
        return next(child for child in self.process.children() if self._is_web(child))

    @staticmethod
    def _is_web(process: psutil.Process) -> bool:
        return any("granian" in argument for argument in process.cmdline())


@contextmanager
def served(
    database: Database, folder: Path, *, application: str | None = None, only_web: bool = False, **more: str
) -> Iterator[Served]:
    """Serve by `elearn serve`, or another application under the same web workers: a build that was spoilt."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    changed = {
        "ELEARN_PORT": str(port),
        "ELEARN_DATABASE": database.engine.url.render_as_string(hide_password=False),
        "ELEARN_PUBLIC_URL": f"http://localhost:{port}",
        "ELEARN_MANIFESTS": str(folder.parent / "media_manifest"),
        **more,
    }
    settings = settings_in(folder, **changed)
    environment = os.environ | changed | {"ELEARN_DATA": str(folder), "ELEARN_SECRET_KEY": settings.secret_key}
    command = web_command(settings, application) if application else _serve_command(only_web)
    log = (folder.parent / "served.log").open("wb")

    def begin() -> psutil.Popen:
        return psutil.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stdout=log, stderr=log)

    group = Served(begin(), port, begin)
    try:
        wait_for(group.answers, 120)  # on a busy machine, too
        yield group
    finally:
        _end(group.process)
        log.close()


def _serve_command(only_web: bool) -> list[str]:
    return [sys.executable, "-m", "elearn", "serve", *(["--only-web"] if only_web else [])]


def _end(process: psutil.Popen) -> None:
    if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except psutil.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def wait_for(condition: Callable[[], object], at_most_s: float) -> float:
    """Wait until something holds; return how long that took."""
    begun = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - begun
        except (psutil.Error, StopIteration):
            pass
        if time.monotonic() - begun > at_most_s:
            raise AssertionError(f"not within {at_most_s} s: {condition}")
        time.sleep(0.02)
