"""The web instances of deploy/systemd, run as systemd would: the very commands of the unit, in its order."""

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
UNITS = ROOT / "deploy" / "systemd"
INSTALLED = "/opt/elearn/current"
PROGRAM = f"{INSTALLED}/.venv/bin/elearn"


def here(text: str) -> str:
    """Return a unit's text with this checkout in the place of the installed release."""
    return text.replace(PROGRAM, f"{sys.executable} -m elearn").replace(INSTALLED, str(ROOT))


class WebInstance:
    """One of the two instances, on a port of the test's."""

    def __init__(self, port: int, run: Path, environment: dict[str, str]) -> None:
        self.port = port
        self._environment = os.environ | environment | {"RUNTIME_DIRECTORY": str(run), "PYTHONPATH": str(ROOT)}
        self._unit = (UNITS / "elearn-web@.service").read_text().replace("%i", str(port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command("ExecStart"), env=self._environment, cwd=ROOT, start_new_session=True
        )
        self._run("ExecStartPost")

    def stop(self) -> None:
        """Stop it as the unit does: what it says first, then SIGTERM to the main process, in the end SIGKILL to all."""
        assert self._process is not None
        self._run("ExecStop")
        self._process.terminate()
        try:
            self._process.wait(30)
        finally:
            self.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def kill(self) -> None:
        """End it, and what it started, at once."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            self._process.wait()

    def _run(self, name: str) -> None:
        subprocess.run(self._command(name), env=self._environment, cwd=ROOT, check=True, timeout=120)

    def _command(self, name: str) -> list[str]:
        found = re.search(rf"^{name}=(.*)$", self._unit, re.MULTILINE)
        assert found, f"the unit has no {name}"
        return shlex.split(here(found[1]))


@contextmanager
def web_instances(ports: tuple[int, int], run: Path, environment: dict[str, str]) -> Iterator[list[WebInstance]]:
    """Run both instances."""
    with ExitStack() as running:
        instances = [WebInstance(port, run, environment) for port in ports]
        for instance in instances:
            running.callback(instance.kill)
            instance.start()
        yield instances
