"""Films over lines that are cut, to a served product: what arrived stays, and nothing wrong ever counts."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from select import select as select_lines

import pytest
from sqlalchemy import select

from elearn.media.models import Packaging
from elearn.media.uploads.folder import BLOCK_BYTES
from tests.databases import Databases
from tests.faults.senders_site import Site, make_site
from tests.faults.served import wait_for
from tests.peers.nginx_server import BY_AUTH_REQUEST, nginx_before
from tests.tus import Answer, TusClient, sha256

pytestmark = [pytest.mark.race, pytest.mark.looks]  # about lines and files: databases make no difference
FILM = random.Random(1).randbytes(3_000_000)


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with make_site(databases, tmp_path_factory.mktemp("uploads")) as site:
        yield site


@pytest.fixture
def path(site: Site, request: pytest.FixtureRequest) -> Iterator[str]:
    """An upload that has begun, of a film of the test's own."""
    begun = site.ours.begin(len(FILM), request.node.name.replace("_", "-")[:60])
    assert begun.status == 201, begun
    yield begun.headers["location"]
    site.ours.ask("DELETE", begun.headers["location"])


def _answers(site: Site) -> bool:
    with suppress(OSError):
        return len(site.group.workers()) == 2 and site.ours.ask("GET", "/sign-in").status == 200
    return False


def stored(site: Site, path: str) -> bytes:
    return site.folder.path(path.rsplit("/", 1)[-1]).read_bytes()


def go_on(sender: TusClient, path: str, film: bytes) -> Answer:
    """Send what has not arrived of a film. What a cut line still held may be on its way: 409 says to ask again."""
    for _ in range(20):
        at = sender.arrived(path)
        answer = sender.send(path, at, film[at:])
        if answer.status != 409:
            break
    return answer


def test_a_line_that_is_cut_keeps_what_had_arrived(site: Site, path: str) -> None:
    with site.ours.line(path, 0, 1_000_000) as line:
        line.sendall(FILM[:400_000])
    wait_for(lambda: site.ours.arrived(path) == 400_000, 10)

    answer = site.ours.send(path, 400_000, FILM[400_000:500_000])

    assert (answer.status, answer.offset) == (204, 500_000)
    assert stored(site, path) == FILM[:500_000]


def test_a_whole_film_waits_to_be_packaged_and_the_owner_is_told(site: Site) -> None:
    begun = site.ours.begin(len(FILM), "no-film")
    path = begun.headers["location"]
    for at in range(0, len(FILM), 1_000_000):
        piece = FILM[at : at + 1_000_000]
        assert site.ours.send(path, at, piece, Upload_Checksum=sha256(piece)).status == 204

    def states() -> list[str]:
        with site.database.reader() as session:
            return list(session.scalars(select(Packaging.problem).where(Packaging.film_key == "no-film")))

    wait_for(lambda: states() == ["not-a-film"], 20)
    assert stored(site, path) == FILM


def test_a_damaged_piece_is_answered_460_and_not_kept(site: Site, path: str) -> None:
    damaged = site.ours.send(path, 0, FILM[:50_000] + b"x", Upload_Checksum=sha256(FILM[:50_001]))
    with site.ours.line(path, 0, 100_000, Upload_Checksum=sha256(FILM[:100_000])) as line:
        line.sendall(FILM[:60_000])

    assert damaged.status == 460
    assert "damaged" in damaged.text
    wait_for(lambda: site.ours.send(path, 0, FILM[:10]).status == 204, 10)
    assert stored(site, path) == FILM[:10]


def test_another_house_finds_no_upload(site: Site, path: str) -> None:
    answers = [site.theirs.ask("HEAD", path), site.theirs.send(path, 0, b"x"), site.theirs.ask("DELETE", path)]

    assert [answer.status for answer in answers] == [404, 404, 404]
    assert site.ours.arrived(path) == 0


def test_what_is_too_large_is_refused_with_a_sentence(site: Site, path: str) -> None:
    too_large = site.ours.begin(1_000_000_001, "too-large")
    too_much = site.ours.send(path, 0, FILM + b"x")

    assert (too_large.status, "up to 1 GB" in too_large.text) == (413, True)
    assert too_much.status == 400


def test_while_bytes_come_slowly_others_write_and_pages_open(site: Site, path: str) -> None:
    """No transaction is held while a sender is slow: on SQLite nobody could write before it ends."""
    with site.ours.line(path, 0, 1_000_000) as line:
        line.sendall(FILM[: BLOCK_BYTES + 1])
        wait_for(lambda: site.ours.arrived(path) == BLOCK_BYTES, 10)
        began = time.monotonic()
        other = site.ours.begin(10, "meanwhile")
        dropped = site.ours.ask("DELETE", other.headers["location"])
        page = site.ours.ask("GET", "/sign-in")
        took_s = time.monotonic() - began

    assert (other.status, dropped.status, page.status) == (201, 204, 200)
    assert took_s < 3


def test_a_silent_line_keeps_nobody_from_going_on_over_another(site: Site, path: str) -> None:
    with site.ours.line(path, 0, len(FILM)) as line:
        line.sendall(FILM[: BLOCK_BYTES + 1])
        wait_for(lambda: site.ours.arrived(path) == BLOCK_BYTES, 10)
        again = site.ours.send(path, BLOCK_BYTES, FILM[BLOCK_BYTES : BLOCK_BYTES + 9])
        line.sendall(b"x" * BLOCK_BYTES)
        told = line.recv(1000)

    assert (again.status, again.offset) == (204, BLOCK_BYTES + 9)
    assert told.startswith(b"HTTP/1.1 409")
    assert stored(site, path) == FILM[: BLOCK_BYTES + 9]


def test_lines_whose_sender_is_gone_without_a_word_are_noticed(site: Site, path: str) -> None:
    """The kernel asks on every line on which nothing comes whether anybody is there."""
    with site.ours.line(path, 0, len(FILM)) as line:
        line.sendall(FILM[:10])
        wait_for(lambda: _has_keepalive(site.group.port, line.getsockname()[1]), 10)


def _taken(paths: list[tuple[TusClient, str]]) -> int:
    return sum(house.arrived(path) == BLOCK_BYTES for house, path in paths)


def _has_keepalive(port: int, peer_port: int) -> bool:
    """Whether the kernel's timer of a connection, as the server holds it, is one that asks."""
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        own, peer, _state, _queues, timer = row.split()[1:6]
        if own.endswith(f":{port:04X}") and peer.endswith(f":{peer_port:04X}"):
            return timer.startswith("02:")
    return False


def test_slow_senders_leave_threads_for_everybody_else(site: Site) -> None:
    """Eight threads in two workers, and ten senders that never finish."""
    paths = [
        (house, house.begin(len(FILM), f"slow-{name}-{number}").headers["location"])
        for name, house in (("ours", site.ours), ("theirs", site.theirs))
        for number in range(5)
    ]
    with ExitStack() as lines:
        open_lines = [lines.enter_context(house.line(path, 0, len(FILM))) for house, path in paths]
        for line in open_lines:
            line.sendall(FILM[: BLOCK_BYTES + 1])
        wait_for(lambda: _taken(paths) >= 2, 10)
        began = time.monotonic()
        pages = [site.ours.ask("GET", "/sign-in").status for _ in range(8)]
        took_s = time.monotonic() - began
        taken = _taken(paths)
        crowded = [line.recv(1000) for line in open_lines if select_lines([line], [], [], 1)[0]]
    for house, path in paths:
        house.ask("DELETE", path)

    assert pages == [200] * 8
    assert took_s < 5
    assert taken <= 4
    assert len(crowded) == 10 - taken
    assert all(answer.startswith(b"HTTP/1.1 503") and b"retry-after" in answer for answer in crowded)


def test_behind_nginx_large_pieces_pass_and_cut_lines_keep_what_had_arrived(site: Site, tmp_path: Path) -> None:
    large = FILM * 8
    path = site.ours.begin(len(large) + len(FILM), "nginx").headers["location"]
    with nginx_before(site.group.port, tmp_path / "media", BY_AUTH_REQUEST, tmp_path / "nginx") as port:
        behind = replace(site.ours, port=port)
        whole = behind.send(path, 0, large)
        with behind.line(path, len(large), len(FILM)) as line:
            line.sendall(FILM[:1_000_000])
            wait_for(lambda: site.ours.arrived(path) > len(large), 20)
        again = go_on(behind, path, large + FILM[:-1])
    is_same = stored(site, path) == large + FILM[:-1]
    site.ours.ask("DELETE", path)

    assert (whole.status, whole.offset) == (204, len(large))
    assert again.status == 204
    assert is_same


def test_a_killed_web_worker_loses_nothing_that_was_acknowledged(site: Site, path: str) -> None:
    at, chance = 0, random.Random(2)
    for kill in range(2):
        answer = site.ours.send(path, at, FILM[at : at + 300_000])
        assert answer.status == 204
        with suppress(OSError), site.ours.line(path, answer.offset, 600_000) as line:
            line.sendall(FILM[answer.offset : answer.offset + chance.randrange(100_000, 500_000)])
            for worker in site.group.workers():
                worker.kill()
        wait_for(lambda: _answers(site), 60)
        at = site.ours.arrived(path)
        assert at >= answer.offset, f"kill {kill}"
        assert stored(site, path) == FILM[:at]
        time.sleep(3)  # granian gives up when a worker dies soon after its start

    assert site.ours.send(path, at, FILM[at:-1]).status == 204
    assert stored(site, path) == FILM[:-1]
