"""Load by wrk (Debian), which costs little itself: for what is measured on the very cores that the load comes from."""

import re
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """What a load came to."""

    answers: int
    seconds: float
    processor_s: float
    """What wrk itself used."""

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


def need() -> None:
    """Say what to install where it is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("install wrk: sudo apt install wrk")


def ask(port: int, script: Path, *, connections: int, threads: int, seconds: int) -> Asked:
    """Have a script's requests sent for some seconds. Raises when an answer is a refusal or does not come."""
    before = _children_s()
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "-s", str(script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
    found = re.search(r"(\d+) requests in ([\d.]+)s", said)
    if "Non-2xx" in said or "Socket errors" in said or found is None:
        raise RuntimeError(said)
    return Asked(int(found[1]), float(found[2]), _children_s() - before)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
