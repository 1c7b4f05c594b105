"""What CloudFront does before a bucket, as far as cookies go: it reads the policy, and checks whose key signed it."""

import base64
import fnmatch
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from elearn.media.stores.packages import TYPES
from tests.peers.serving import in_thread


def key_pair(file: Path) -> RSAPublicKey:
    """Write a new private key into a file; return what CloudFront is told."""
    key: RSAPrivateKey = generate_private_key(65537, 2048)
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key.public_key()


class Cdn(ThreadingHTTPServer):
    """Sends files of a folder to whoever brings cookies that one of its keys signed for them."""

    def __init__(self, files: Path, page_origin: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.page_origin = page_origin
        """The site whose scripts may read what is sent."""
        self.holds_back: Callable[[str], bool] = lambda _path: False
        """Which paths cannot be had now (503)."""
        self.now: Callable[[], float] = time.time
        self.keys: dict[str, RSAPublicKey] = {}
        self.sent: list[str] = []
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"

    def opens(self, cookies: dict[str, str], path: str) -> bool:
        """Whether a policy lets somebody have a path now, and was signed by a key of ours."""
        try:
            policy = unescaped(cookies["CloudFront-Policy"])
            key = self.keys[cookies["CloudFront-Key-Pair-Id"]]
            key.verify(unescaped(cookies["CloudFront-Signature"]), policy, PKCS1v15(), SHA1())
            (statement,) = json.loads(policy)["Statement"]
        except (KeyError, ValueError, InvalidSignature):
            return False
        ends = statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
        return fnmatch.fnmatchcase(f"{self.url}{path}", statement["Resource"]) and self.now() < ends


class Handler(BaseHTTPRequestHandler):
    """Answers as CloudFront with a policy of response headers for one site and its credentials."""

    protocol_version = "HTTP/1.1"
    server: Cdn

    def do_GET(self) -> None:
        cookies = {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("Cookie", "")).items()}
        file = self.server.files / self.path.lstrip("/")
        away = self.server.holds_back(self.path)
        is_open = not away and self.server.opens(cookies, self.path) and ".." not in self.path and file.is_file()
        (self.server.sent if is_open else self.server.refused).append(self.path)
        body = file.read_bytes() if is_open else b"refused"
        self.send_response(200 if is_open else 503 if away else 403)
        self.send_header("Content-Type", TYPES[file.suffix] if is_open else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if self.server.page_origin:
            self.send_header("Access-Control-Allow-Origin", self.server.page_origin)
            self.send_header("Access-Control-Allow-Credentials", "true")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def unescaped(text: str) -> bytes:
    """Undo CloudFront's way of writing base64 in cookies."""
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")), validate=True)


@contextmanager
def cdn_server(files: Path) -> Iterator[Cdn]:
    """Serve a CDN for a test."""
    with in_thread(Cdn(files)) as server:
        yield server
