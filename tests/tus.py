"""A sender that speaks tus to a served product over its own sockets, and can be cut off in the middle of a piece."""

import base64
import hashlib
import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from elearn.accounts.models import Person
from elearn.app import Elearn, create_app
from elearn.core.db import Database
from tests.client import PageClient
from tests.conftest import settings_in

UPLOADS = "/owner/films/uploads"
PIECE = "application/offset+octet-stream"


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def offset(self) -> int:
        return int(self.headers["upload-offset"])


@dataclass
class TusClient:
    """An owner's browser as its uploads see it: a cookie, a CSRF token, and the port of the product."""

    port: int
    cookie: str
    csrf: str

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request and return the answer. Header names have underscores for hyphens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, self.headers(**headers))
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, told, answer.read().decode(errors="replace"))
        finally:
            connection.close()

    def begin(self, size: int, film: str = "a-film", name: str = "film.mp4", language: str = "da") -> Answer:
        """Begin an upload; the answer's Location is its address."""
        told = {"film": film, "filename": name, "language": language}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
        return self.ask("POST", UPLOADS, b"", Upload_Length=str(size), Upload_Metadata=metadata)

    def arrived(self, path: str) -> int:
        """Return how much of an upload is there."""
        answer = self.ask("HEAD", path)
        assert answer.status == 200, answer
        return answer.offset

    def send(self, path: str, at: int, piece: bytes, **headers: str) -> Answer:
        """Send a piece."""
        return self.ask("PATCH", path, piece, Content_Type=PIECE, Upload_Offset=str(at), **headers)

    @contextmanager
    def line(self, path: str, at: int, length: int, **headers: str) -> Iterator[socket.socket]:
        """Open a line on which a piece of some length is to come; leaving the block cuts it."""
        given = self.headers(
            Content_Type=PIECE,
            Upload_Offset=str(at),
            Content_Length=str(length),
            Host=f"localhost:{self.port}",
            **headers,
        )
        lines = [f"PATCH {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            line.sendall("\r\n".join(lines).encode())
            yield line
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def headers(self, **more: str) -> dict[str, str]:
        """Return the headers of a request."""
        given = {"Tus-Resumable": "1.0.0", "Cookie": f"session={self.cookie}", "X-CSRFToken": self.csrf}
        given |= {"Accept": "application/json"}
        return given | {name.replace("_", "-"): value for name, value in more.items()}


def sha256(piece: bytes) -> str:
    """Return what Upload-Checksum says of a piece."""
    return "sha256 " + base64.b64encode(hashlib.sha256(piece).digest()).decode()


def sender(database: Database, folder: Path, port: int, person: Person) -> TusClient:
    """Sign an owner in, and return what their browser would send uploads with."""
    return signed_in(an_app(database, folder), port, person)


def an_app(database: Database, folder: Path) -> Elearn:
    """Return the application on the database that is served: it can make the cookies of whoever is signed in."""
    app = create_app(settings_in(folder))
    app.extensions["elearn"].database = database
    app.test_client_class = PageClient
    return app


def signed_in(app: Elearn, port: int, person: Person) -> TusClient:
    """Sign somebody in, and return their browser."""
    browser = app.test_client()
    assert isinstance(browser, PageClient)
    browser.signed_in_as(person)
    csrf = browser.csrf_token()
    cookie = browser.get_cookie("session")
    assert cookie is not None
    return TusClient(port, cookie.value, csrf)
