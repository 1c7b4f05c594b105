"""Sending films: nginx alone, nginx with the product's check, the product alone; whole segments and stretches of them.

python bench/delivery.py [--rounds 3] [--seconds 6]

One after the other on the same machine, in turns, by wrk (Debian), which costs little itself. Viewers each have a
ticket of their own, and ask with it as often as somebody who watches does before the player has it renewed.
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
from functools import reduce
from pathlib import Path

import psutil

from bench.places import FOLDER, SECRET, Place
from bench.servers import product
from elearn.core.tokens import Tokens
from elearn.media import ffmpeg
from elearn.media.packaging import add_package
from elearn.media.stores.local_store import LocalStore
from elearn.media.tickets import RENEW_AFTER, Ticket, TicketSigner
from tests.peers.nginx_server import ACCEL, BY_AUTH_REQUEST, BY_X_ACCEL, nginx_before

FILM_S = 48
STRETCH_BYTES = 64 * 1024
CONNECTIONS = 16
LEAST_RATIO = 0.85
ALONE, ASKED, ACCELERATED, PRODUCT = "nginx alone", "nginx + auth_request", "nginx + X-Accel", "the product alone"
WHOLE, STRETCHES = "whole segments", "stretches of 64 KiB"
TICKETS = 4000
TURN = 16
"""So many viewers ask in turns; each goes away when its ticket would have been renewed, and another comes."""
SCRIPT = """
local tickets, heads, n, threads = {}, {}, 0, 0
for line in io.lines("{folder}/tickets") do tickets[#tickets + 1] = line .. "\\r\\n\\r\\n" end
for line in io.lines("{folder}/heads") do heads[#heads + 1] = line:gsub("|", "\\r\\n") .. "\\r\\nCookie: ticket=" end
setup = function(thread) thread:set("first", threads * #tickets / 2); threads = threads + 1 end
request = function()
  local viewer = first + math.floor(n / ({times} * {turn})) * {turn} + n % {turn}
  n = n + 1
  return heads[n % #heads + 1] .. tickets[viewer % #tickets + 1]
end
"""


@dataclass(frozen=True)
class Film:
    """A packaged film, and which of its segments are asked for."""

    package: str
    segments: dict[str, int]
    """File name and size."""

    def bytes_asked(self, kind: str) -> float:
        """What one request asks for, on average."""
        return STRETCH_BYTES if kind == STRETCHES else statistics.mean(self.segments.values())

    def times_by_a_check(self, kind: str) -> int:
        """How often a viewer who watches asks with one ticket, which nginx has checked once."""
        bytes_per_s = sum(self.segments.values()) / FILM_S
        return round(RENEW_AFTER.total_seconds() * bytes_per_s / self.bytes_asked(kind))


@dataclass(frozen=True)
class Load:
    """What a run came to."""

    per_s: float
    megabytes_per_s: float
    wrk_share: float
    """Of one core."""
    server_us: float
    """What one answer cost all that is not wrk: on a busy machine this tells more than the rate."""


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


def heads(film: Film, kind: str) -> Iterator[str]:
    """Yield requests without their ticket, as wrk's script reads them."""
    choose = random.Random(1)
    for _number in range(1000):
        file, size = choose.choice(list(film.segments.items()))
        lines = [f"GET /media/1/{film.package}/{file} HTTP/1.1", "Host: localhost"]
        if kind == STRETCHES:
            first = choose.randrange(size - STRETCH_BYTES)
            lines.append(f"Range: bytes={first}-{first + STRETCH_BYTES - 1}")
        yield "|".join(lines)


def new_tickets(film: Film) -> Iterator[str]:
    """Yield tickets that nobody has shown yet."""
    signer, now_ms = TicketSigner(Tokens(SECRET)), int(time.time() * 1000)
    same = dict.fromkeys(Ticket.__dataclass_fields__, 0) | {"video_id": 1, "package": film.package, "skipped": ()}
    for person in range(TICKETS):
        yield signer.sign(Ticket(**same | {"issued_ms": now_ms, "person_id": person}))  # type: ignore[arg-type]  # numbers throughout


def measured(port: int, film: Film, kind: str, seconds: int) -> Load:
    """Let wrk ask for so long. Any answer that is no film is a failure of the bench."""
    size = film.bytes_asked(kind)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "heads").write_text("\n".join(heads(film, kind)))
        (folder / "tickets").write_text("\n".join(new_tickets(film)))
        own = {"{folder}": name, "{times}": str(film.times_by_a_check(kind)), "{turn}": str(TURN)}
        (folder / "script.lua").write_text(reduce(lambda text, each: text.replace(*each), own.items(), SCRIPT))
        before, servers_before = _children_s(), _servers_s()
        command = ["wrk", "-t2", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", f"{name}/script.lua"]
        said = subprocess.run([*command, f"http://127.0.0.1:{port}"], check=True, capture_output=True, text=True).stdout
        used_s, servers_s = _children_s() - before, _servers_s() - servers_before
    assert "Non-2xx" not in said and "Socket errors" not in said, said  # noqa: PT018 - one sentence of wrk's
    answers = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]  # wrk always says so
    took_s = float(re.search(r"requests in ([\d.]+)s", said)[1])  # type: ignore[index]
    return Load(answers / took_s, answers * size / took_s / 1e6, used_s / took_s, servers_s / answers * 1e6)


def _servers_s() -> float:
    """Return the processor's seconds that servers of ours have had, wrk being none."""
    return sum(sum(each.cpu_times()[:2]) for each in psutil.Process().children(recursive=True))


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
    print(f"\n{kind}: a viewer asks {film.times_by_a_check(kind)} times before another ticket is checked")
    loads: dict[str, list[Load]] = {name: [] for name in ports}
    for turn in range(rounds):
        order = list(ports.items())
        for name, port in reversed(order) if turn % 2 else order:
            loads[name].append(measured(port, film, kind, seconds))
    ratios = {}
    for name, each in loads.items():
        ratios[name] = [one.per_s / alone.per_s for one, alone in zip(each, loads[ALONE], strict=True)]
        print(
            f"  {name:22} {statistics.median(one.megabytes_per_s for one in each):7.0f} MB/s"
            f" {statistics.median(one.per_s for one in each):8.0f} requests/s"
            f"   of nginx alone {statistics.median(ratios[name]):.2f}"
            f" ({min(ratios[name]):.2f} to {max(ratios[name]):.2f})"
            f"   {statistics.median(one.server_us for one in each):5.0f} µs each"
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
        reached = [compare(film, ports, kind, options.rounds, options.seconds) for kind in (WHOLE, STRETCHES)]
    print(f"\nnginx with the check, of nginx alone: {min(reached):.2f}, at least {LEAST_RATIO}: ", end="")
    print("kept" if min(reached) >= LEAST_RATIO else "BROKEN")


if __name__ == "__main__":
    main()
