"""Sending films: nginx alone, nginx with the product's check, the product alone; whole segments and stretches of them.

python bench/delivery.py [--rounds 3] [--seconds 6]

One after the other on the same machine, in turns, by wrk (Debian), which costs little itself. Viewers each have a
ticket of their own, as many as the bytes that nginx alone sends are enough for; within a run as many of them come for
the first time as would have to be checked anew in that time.
"""

import argparse
import random
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.places import FOLDER, SECRET, Place
from bench.servers import product
from elearn.core.tokens import Tokens
from elearn.media import ffmpeg
from elearn.media.local_store import LocalStore
from elearn.media.packaging import add_package
from elearn.media.tickets import Ticket, TicketSigner
from elearn.media.views import CHECK_STANDS
from tests.peers.nginx_server import ACCEL, BY_AUTH_REQUEST, BY_X_ACCEL, nginx_before

FILM_S = 48
STRETCH_BYTES = 64 * 1024
CONNECTIONS = 16
LEAST_RATIO = 0.85
ALONE, ASKED, ACCELERATED, PRODUCT = "nginx alone", "nginx + auth_request", "nginx + X-Accel", "the product alone"
KINDS = ("whole segments", "stretches of 64 KiB")
SCRIPT = """
local requests, n = {}, 0
for line in io.lines("{file}") do requests[#requests + 1] = line:gsub("|", "\\r\\n") .. "\\r\\n\\r\\n" end
request = function() n = n % #requests + 1; return requests[n] end
"""


@dataclass(frozen=True)
class Film:
    """A packaged film, and which of its segments are asked for."""

    package: str
    segments: dict[str, int]
    """File name and size."""

    @property
    def bytes_per_s(self) -> float:
        """What one viewer needs."""
        return sum(self.segments.values()) / FILM_S


@dataclass(frozen=True)
class Load:
    """What a run came to."""

    per_s: float
    megabytes_per_s: float
    wrk_share: float
    """Of one core."""


def packaged_film(store: LocalStore) -> Film:
    """Make a restless film by the product's own packaging, once: its segments are as large as segments get."""
    film = FOLDER / "restless.mp4"
    if not film.exists():
        picture = f"testsrc2=size=1280x720:rate=25:duration={FILM_S},noise=alls=30:allf=t"
        sound = ["-f", "lavfi", "-i", f"sine=f=220:d={FILM_S}"]
        command = [ffmpeg.find_ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", picture, *sound]
        subprocess.run([*command, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "12M", str(film)], check=True)
    package = add_package(film, store, poster_s=1).written.package
    files = sorted((store.root / package).glob("720-*.m4s"))
    return Film(package, {file.name: file.stat().st_size for file in files})


def requests(film: Film, kind: str, tickets: list[str]) -> Iterator[str]:
    """Yield requests as wrk's script reads them, viewers in turn."""
    choose = random.Random(1)
    for number in range(max(len(tickets), 2000)):
        file, size = choose.choice(list(film.segments.items()))
        lines = [f"GET /media/1/{film.package}/{file} HTTP/1.1", "Host: localhost"]
        lines.append(f"Cookie: ticket={tickets[number % len(tickets)]}")
        if kind != KINDS[0]:
            first = choose.randrange(size - STRETCH_BYTES)
            lines.append(f"Range: bytes={first}-{first + STRETCH_BYTES - 1}")
        yield "|".join(lines)


def tickets_for(film: Film, viewers: int) -> list[str]:
    """Return tickets that nobody has shown yet."""
    signer, now_ms = TicketSigner(Tokens(SECRET)), int(time.time() * 1000)
    numbers = dict.fromkeys(Ticket.__dataclass_fields__, 0)
    same = numbers | {"video_id": 1, "package": film.package, "issued_ms": now_ms, "skipped": ()}
    return [signer.sign(Ticket(**same | {"person_id": person})) for person in range(viewers)]  # type: ignore[arg-type]  # numbers throughout


def measured(port: int, film: Film, kind: str, seconds: int, viewers: int) -> Load:
    """Let wrk ask for so long. Any answer that is no film is a failure of the bench."""
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder) / "requests", Path(folder) / "script.lua"
        file.write_text("\n".join(requests(film, kind, tickets_for(film, viewers))))
        script.write_text(SCRIPT.replace("{file}", str(file)))
        before = _children_s()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), f"http://127.0.0.1:{port}"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        used_s = _children_s() - before
    assert "Non-2xx" not in said and "Socket errors" not in said, said  # noqa: PT018 - one sentence of wrk's
    answers = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]  # wrk always says so
    took_s = float(re.search(r"requests in ([\d.]+)s", said)[1])  # type: ignore[index]
    size = STRETCH_BYTES if kind != KINDS[0] else statistics.mean(film.segments.values())
    return Load(answers / took_s, answers * size / took_s / 1e6, used_s / took_s)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def everybody(media: Path) -> Iterator[dict[str, int]]:
    """Start all that is compared; gives their ports."""
    place = Place("sqlite", "delivery", f"sqlite:///{FOLDER / 'delivery.sqlite'}")
    folder = FOLDER / "nginx"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with ExitStack() as stack:
        alone = stack.enter_context(product(place))
        accelerated = stack.enter_context(product(place, ELEARN_MEDIA_ACCEL=ACCEL))
        ways = {
            ALONE: (alone, BY_AUTH_REQUEST, "auth_request /elearn-ticket;"),
            ASKED: (alone, BY_AUTH_REQUEST, ""),
            ACCELERATED: (accelerated, BY_X_ACCEL, ""),
        }
        ports = {
            name: stack.enter_context(
                nginx_before(port, media, films, folder / str(number), workers=2, without=without)
            )
            for number, (name, (port, films, without)) in enumerate(ways.items())
        }
        yield ports | {PRODUCT: alone}


def compare(film: Film, ports: dict[str, int], kind: str, rounds: int, seconds: int) -> float:
    """Measure all in turns and print; return what nginx with the check reaches of nginx alone."""
    warm = measured(ports[ALONE], film, kind, 2, 1)
    viewers = round(warm.megabytes_per_s * 1e6 / film.bytes_per_s)
    new = max(1, round(viewers * seconds / CHECK_STANDS.total_seconds()))
    print(f"\n{kind}: nginx alone has enough for {viewers} viewers, of whom {new} must be checked in {seconds} s")
    loads: dict[str, list[Load]] = {name: [] for name in ports}
    for turn in range(rounds):
        order = list(ports.items())
        for name, port in reversed(order) if turn % 2 else order:
            loads[name].append(measured(port, film, kind, seconds, new))
    ratios = {}
    for name, each in loads.items():
        ratios[name] = [one.per_s / alone.per_s for one, alone in zip(each, loads[ALONE], strict=True)]
        print(
            f"  {name:22} {statistics.median(one.megabytes_per_s for one in each):7.0f} MB/s"
            f" {statistics.median(one.per_s for one in each):8.0f} requests/s"
            f"   of nginx alone {statistics.median(ratios[name]):.2f}"
            f" ({min(ratios[name]):.2f} to {max(ratios[name]):.2f})"
            f"   wrk {statistics.median(one.wrk_share for one in each):.0%} of a core"
        )
    return statistics.median(ratios[ASKED])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("install wrk: sudo apt install wrk")
    FOLDER.mkdir(parents=True, exist_ok=True)
    store = LocalStore(FOLDER / "media")
    film = packaged_film(store)
    sizes = [size / 1e6 for size in film.segments.values()]
    load = Path("/proc/loadavg").read_text()[:14]
    print(f"{len(sizes)} segments of {min(sizes):.1f} to {max(sizes):.1f} MB; load {load}")
    with everybody(store.root) as ports:
        reached = [compare(film, ports, kind, options.rounds, options.seconds) for kind in KINDS]
    print(f"\nnginx with the check, of nginx alone: {min(reached):.2f}, at least {LEAST_RATIO}: ", end="")
    print("kept" if min(reached) >= LEAST_RATIO else "BROKEN")


if __name__ == "__main__":
    main()
