"""A stretch of a film's file against the whole file, through the shipped server, in turns.

python bench/ranges.py [--rounds 10]
"""

import argparse
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from elearn.config import Settings
from elearn.core import clock, migrations
from elearn.core.installation import Installation
from elearn.media.models import Video
from elearn.media.stores.local_store import LocalStore
from elearn.media.tickets import Ticket, TicketSigner, cookie_name
from elearn.organisations.models import CourseHouse

PACKAGE = "0123456789abcdef"
FILE = "720-00000.m4s"
SEGMENT = "720-00001.m4s"
SIZE = 64 * 1024 * 1024
SEGMENT_SIZE = 1_200_000
LEAST_RATIO = 0.9


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def prepare(installation: Installation) -> tuple[str, str]:
    """Make a film with one large file; return its address and a cookie that opens it."""
    installation.settings.data.mkdir(parents=True, exist_ok=True)
    migrations.upgrade(installation.database)
    with installation.database.transaction() as session:
        house = CourseHouse(slug="bench", name="Bench", country="DK", email="bench@example.org")
        session.add(house)
        session.flush()
        rest = {"generation": 1, "language": "da", "duration_ms": 10_000, "length_s": 10, "manifest": {}}
        video = Video(course_house_id=house.id, key="film", package=PACKAGE, published_at=clock.now(), **rest)
        session.add(video)
        session.flush()
        video_id = video.id
    folder = LocalStore(installation.settings.media).root / PACKAGE
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(os.urandom(SIZE))
    (folder / SEGMENT).write_bytes(os.urandom(SEGMENT_SIZE))
    numbers = dict.fromkeys(Ticket.__dataclass_fields__, 0)
    now = int(time.time() * 1000)
    ticket = Ticket(**numbers | {"video_id": video_id, "package": PACKAGE, "issued_ms": now, "skipped": ()})  # type: ignore[arg-type]  # numbers throughout
    claims = TicketSigner(installation.tokens).sign(ticket)
    return f"/media/{video_id}/{PACKAGE}/", f"{cookie_name(secure=installation.settings.secure)}={claims}"


def fetch(
    connection: http.client.HTTPConnection, path: str, cookie: str, asked: str | None
) -> tuple[int, float, float]:
    """Return bytes, seconds and milliseconds to the first byte of one answer."""
    headers = {"Cookie": cookie} | ({"Range": asked} if asked else {})
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    assert response.status == (206 if asked else 200), response.status
    first = time.perf_counter() - began
    total = 0
    while block := response.read(1 << 20):
        total += len(block)
    return total, time.perf_counter() - began, first * 1000


def measure(connection: http.client.HTTPConnection, base: str, cookie: str, rounds: int) -> float:
    cases = {
        "whole file, 64 MiB": (FILE, None, 1),
        "all of it as a range": (FILE, f"bytes=0-{SIZE - 1}", 1),
        "its second half as a range": (FILE, f"bytes={SIZE // 2}-", 1),
        "whole segment, 1.2 MB, ×20": (SEGMENT, None, 20),
        "a segment's range, ×20": (SEGMENT, f"bytes=0-{SEGMENT_SIZE - 1}", 20),
    }
    speeds: dict[str, list[float]] = {name: [] for name in cases}
    firsts: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds):
        order = list(cases.items())
        for name, (file, asked, times) in reversed(order) if turn % 2 else order:
            got = [fetch(connection, base + file, cookie, asked) for _ in range(times)]
            speeds[name].append(sum(g[0] for g in got) / sum(g[1] for g in got) / 1e6)
            firsts[name].append(statistics.median(g[2] for g in got))
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    for name, speed in medians.items():
        print(f"{name:30} {speed:8.0f} MB/s   first byte after {statistics.median(firsts[name]):5.1f} ms")
    values = list(medians.values())
    return min(values[1] / values[0], values[2] / values[0], values[4] / values[3])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = {"ELEARN_DATA": f"{folder}/data", "ELEARN_PORT": str(port), "PATH": os.environ["PATH"]}
        base, cookie = prepare(Installation(Settings.from_environment(env)))
        server = subprocess.Popen(
            [sys.executable, "-m", "elearn", "serve"], env=env, cwd=Path(__file__).parent.parent, start_new_session=True
        )
        try:
            connection = connected(port)
            ratio = measure(connection, base, cookie, options.rounds)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait()
        print(f"slowest range against its whole: {ratio:.2f}, at least {LEAST_RATIO}: ", end="")
        print("kept" if ratio >= LEAST_RATIO else "BROKEN")


def connected(port: int) -> http.client.HTTPConnection:
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port)):
                return http.client.HTTPConnection("127.0.0.1", port)
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()
