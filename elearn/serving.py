"""Serving the product: web workers and the background worker as one group that starts, and ends, together.

granian stops when a worker is killed unless told otherwise, and its workers live on when its main process is
killed; so they are respawned by granian, and the whole group is ended here.
"""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from elearn.config import Settings

CHECK_EVERY_S = 0.5
GRACE_S = 15
READY_WITHIN_S = 10
PAUSE_BETWEEN_STARTS_S = 2
PR_SET_PDEATHSIG = 1

_log = logging.getLogger(__name__)


def serve_until_stopped(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code. A part that dies is started again."""
    os.environ["ELEARN_SECRET_KEY"] = settings.secret_key
    stopping = False
    if _port_is_taken(settings.listen_host, settings.listen_port):
        _log.error("port %s is in use; stop what uses it, or set ELEARN_PORT to another", settings.listen_port)
        return 1

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    parts = parts_of(settings)
    try:
        for part in parts:
            part.start()
            part.wait_until_ready()
        while not stopping:
            time.sleep(CHECK_EVERY_S)
            for part in parts:
                part.restart_if_dead()
    finally:
        for part in parts:
            part.ask_to_end()
        for part in parts:
            part.stop()
    return 0


def become_web(settings: Settings) -> NoReturn:
    """Turn this process into the web workers' main process, for systemd, which looks after processes itself."""
    os.environ["ELEARN_SECRET_KEY"] = settings.secret_key
    command = web_command(settings)
    os.execv(command[0], command)  # noqa: S606 - our own command


def parts_of(settings: Settings) -> list["Part"]:
    """Return what is served: web, jobs, long jobs; in the demo Stripe's stand-in, where its port is free."""
    parts = [
        Part("web", lambda: web_command(settings)),
        Part("jobs", _jobs_command),
        Part("long jobs", _long_jobs_command),
    ]
    if settings.has_stripe_stand_in:
        port = settings.stripe_stand_in_port
        if _port_is_taken("127.0.0.1", port):
            _log.error("port %s is in use, so nobody plays Stripe; the demo takes no cards until it is free", port)
        else:
            return [Part("stripe stand-in", _stand_in_command, port), *parts]
    return parts


class Part:
    """A child process and everything it starts, in a process group of its own."""

    def __init__(self, name: str, command: Callable[[], list[str]], awaited_port: int | None = None) -> None:
        self.name = name
        self._command = command
        self._awaited_port = awaited_port
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    def start(self) -> None:
        """Start it."""
        self._started = time.monotonic()
        self._process = subprocess.Popen(self._command(), start_new_session=True, preexec_fn=_end_with_parent)

    def wait_until_ready(self) -> None:
        """Wait a moment for its port, where others ask it from the start."""
        until = time.monotonic() + READY_WITHIN_S
        while self._awaited_port and not _answers(self._awaited_port) and time.monotonic() < until:
            time.sleep(CHECK_EVERY_S / 10)

    def restart_if_dead(self) -> None:
        """Start it again when its main process is gone, ending what that left behind; never in a tight loop."""
        assert self._process is not None
        if self._process.poll() is not None and time.monotonic() - self._started > PAUSE_BETWEEN_STARTS_S:
            _log.error("%s ended with %s; starting it again", self.name, self._process.returncode)
            self._signal(signal.SIGKILL)
            self.start()

    def ask_to_end(self) -> None:
        """Ask the whole group to end, and do not wait for it: the others are asked in the same moment."""
        if self._process is not None:
            self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """Wait until the group has ended as it was asked to; end it by force when it does not."""
        if self._process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE_S)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def _port_is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _end_with_parent() -> None:
    """Have the kernel end the child when this process is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def web_command(settings: Settings, application: str = "wsgi:app") -> list[str]:
    """Return the command of the web workers; benches and fault tests serve other applications by it.

    The main process loads the application before it forks: a worker that is started again is back in a moment instead
    of after a second of imports, and what was loaded lies in memory once for all of them. `gc.freeze` keeps it so: a
    worker's garbage collector would write to every object it looks at, and so have a copy of it all.
    """
    root = Path(__file__).parent.parent
    loaded = application.split(":")[0]
    if settings.has_s3:
        loaded += (
            ", elearn.media.stores.bucket"  # boto3 takes half a second, which else the first page of a worker waits for
        )
    return [
        sys.executable,
        "-c",
        "import gc, multiprocessing, sys; multiprocessing.set_start_method('fork'); "
        f"sys.path.insert(0, {str(root)!r}); import {loaded}; from granian.cli import entrypoint; "
        "gc.collect(); gc.freeze(); entrypoint()",
        "--interface=wsgi",
        f"--host={settings.listen_host}",
        f"--port={settings.listen_port}",
        f"--workers={settings.web_workers}",
        f"--blocking-threads={settings.web_threads}",
        "--respawn-failed-workers",
        "--workers-kill-timeout=10",
        "--no-ws",
        "--log-level=warning",
        f"--working-dir={root}",
        application,
    ]


def _jobs_command() -> list[str]:
    return [sys.executable, "-m", "elearn", "jobs", "work"]


def _long_jobs_command() -> list[str]:
    return [*_jobs_command(), "--queue", "media", "--queue", "backup"]


def _stand_in_command() -> list[str]:
    return [sys.executable, "-m", "elearn", "demo", "stripe"]
