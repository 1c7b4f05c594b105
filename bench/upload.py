"""A large film over a line that is cut ten times: whole at the end, how fast, and how much memory the server took.

    python -m bench.upload [--gib 2] [--cuts 10] [sqlite|postgresql]

Pieces are those of the browser's script; every other one carries its checksum. The reference is copying the file.
"""

import argparse
import base64
import hashlib
import http.client
import os
import random
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from itsdangerous import URLSafeTimedSerializer

from bench.places import ENGINES, FOLDER, SECRET, Place, Places
from bench.players import session_cookie
from bench.servers import product
from elearn.accounts.models import Person
from elearn.accounts.services import open_sign_in
from elearn.core import clock, migrations
from elearn.core.installation import Installation
from elearn.organisations.services import add_house, make_owner

PIECE_BYTES = 32 * 1024 * 1024
MIB = 1024 * 1024
MB = 1_000_000
MOST_MB = 200
UPLOADS = "/owner/films/uploads"


def main(engine: str, gib: float, cuts: int) -> None:
    """Upload, compare, print."""
    place, headers = _place(engine)
    film = FOLDER / "upload.film"
    digest = _made(film, round(gib * 1024))
    size = film.stat().st_size
    copied_s = _copied(film)
    with product(place) as port, _watched(port) as memory:
        sender = Sender(port, headers, film, cuts)
        began = time.monotonic()
        sender.run()
        took_s = time.monotonic() - began
    uploaded = place.settings().uploads / sender.path.rsplit("/", 1)[-1]
    is_whole = _sha256(uploaded) == digest
    film.unlink()
    uploaded.unlink()
    rate, reference = size / MB / took_s, size / MB / copied_s
    print(
        f"{gib:g} GiB, {engine}, line cut {sender.cut} times, {sender.pieces} pieces: "
        f"{'whole, the same sha256' if is_whole else 'NOT THE SAME FILE'}; {rate:.0f} MB/s "
        f"({rate / reference:.2f} of copying the file, {reference:.0f} MB/s)\n"
        f"memory of the web server, main process and workers together, shared pages once: {memory.most:.0f} MB at most "
        f"(below {MOST_MB} MB: {'kept' if memory.most < MOST_MB else 'BROKEN'}), {memory.most - memory.idle:.0f} MB "
        f"more than before the upload; its largest process held {memory.largest:.0f} MB",
        flush=True,
    )


def _place(engine: str) -> tuple[Place, dict[str, str]]:
    """Make an installation with one house, and sign its owner in."""
    place = Place(engine, "upload", Places().empty_database(engine, "upload"))
    installation = Installation(place.settings())
    migrations.upgrade(installation.database)
    with installation.database.transaction() as session:
        owner = Person(name="Owner", language="en", created_at=clock.now())
        session.add(owner)
        make_owner(
            session,
            person=owner,
            house=add_house(session, slug="house", name="House", country="DK", email="house@bench.example"),
        )
        opened = open_sign_in(session, person=owner, door="bench")
        opened.sign_in.second_factor_at = clock.now()
        token = opened.token
    installation.database.dispose()
    csrf = secrets.token_hex(20)
    seen = int(clock.now().timestamp())
    cookie = {"_user_id": token, "_fresh": True, "language": "en", "seen": seen, "csrf_token": csrf}
    return place, {
        "Cookie": session_cookie(place, cookie),
        "X-CSRFToken": str(URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(csrf)),
        "Tus-Resumable": "1.0.0",
    }


@dataclass
class Sender:
    """Sends a film piece by piece over lines that are cut at places chosen by chance."""

    port: int
    headers: dict[str, str]
    film: Path
    cuts: int
    path: str = ""
    cut: int = 0
    pieces: int = 0

    def run(self) -> None:
        """Send all of it."""
        size = self.film.stat().st_size
        told = {"film": "bench", "language": "da", "filename": "bench.mp4"}
        metadata = ",".join(f"{name} {_base64(value.encode())}" for name, value in told.items())
        begun = self._ask("POST", UPLOADS, {"Upload-Length": str(size), "Upload-Metadata": metadata})
        self.path = begun["Location"]
        places = sorted(random.Random(1).sample(range(1, size), self.cuts), reverse=True)
        at = 0
        while at < size:
            length = min(PIECE_BYTES, size - at)
            if places and places[-1] < at + length:
                self._send(at, length, places.pop() - at)
                self.cut += 1
                at = self._arrived(at)
            else:
                at = self._send(at, length, length)

    def _send(self, at: int, length: int, sent: int) -> int:
        """Send a piece, or only its beginning; return how much is there."""
        self.pieces += 1
        with self.film.open("rb") as file, socket.create_connection(("127.0.0.1", self.port)) as line:
            headers = self.headers | {"Upload-Offset": str(at), "Content-Length": str(length), "Host": "localhost"}
            headers["Content-Type"] = "application/offset+octet-stream"
            if self.pieces % 2:
                file.seek(at)
                headers["Upload-Checksum"] = "sha256 " + _base64(hashlib.sha256(file.read(length)).digest())
            head = [f"PATCH {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
            line.sendall("\r\n".join(head).encode())
            line.sendfile(file, at, sent)
            if sent < length:
                return at
            answer = http.client.HTTPResponse(line)
            answer.begin()
            if answer.status != 204:
                raise RuntimeError(f"{answer.status}: {answer.read().decode()}")
            return int(answer.headers["Upload-Offset"])

    def _arrived(self, at_least: int) -> int:
        """Return how much has arrived, once the server has noticed the cut: two looks that are the same."""
        before = -1
        while before != (here := int(self._ask("HEAD", self.path, {})["Upload-Offset"])):
            before = here
            time.sleep(0.05)
        assert here >= at_least
        return here

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> http.client.HTTPMessage:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, headers=self.headers | headers)
        answer = connection.getresponse()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.read().decode()}")
        connection.close()
        return answer.headers


@dataclass
class Memory:
    """Megabytes that the server's processes held."""

    idle: float = 0
    most: float = 0
    largest: float = 0


@contextmanager
def _watched(port: int) -> Iterator[Memory]:
    """Look at the server's processes ten times a second."""
    processes = [each for each in psutil.process_iter() if f"127.0.0.1:{port} " in _command(each)]
    memory, is_over = Memory(), threading.Event()

    def look() -> None:
        while True:
            held = [each.memory_full_info() for each in processes]
            together = sum(each.pss for each in held) / MB
            memory.idle = memory.idle or together
            memory.most = max(memory.most, together)
            memory.largest = max(memory.largest, *(each.rss / MB for each in held))
            if is_over.wait(0.1):
                return

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield memory
    finally:
        is_over.set()
        looker.join()


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def _made(film: Path, mib: int) -> str:
    chance, digest = random.Random(1), hashlib.sha256()
    with film.open("wb") as file:
        for _block in range(mib):
            block = chance.randbytes(MIB)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _copied(film: Path) -> float:
    """Copy the film within its disk, to the disk; return the seconds that took."""
    began, copy = time.monotonic(), film.with_suffix(".copy")
    with film.open("rb") as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target, MIB)
        target.flush()
        os.fsync(target.fileno())
    took_s = time.monotonic() - began
    copy.unlink()
    return took_s


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", nargs="?", choices=ENGINES, default="sqlite")
    parser.add_argument("--gib", type=float, default=2)
    parser.add_argument("--cuts", type=int, default=10)
    options = parser.parse_args()
    main(options.engine, options.gib, options.cuts)
