"""What Swift lacks for browsers: it lets one site's scripts read what it sends, as a bucket's CORS rule does."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from tests.peers.serving import in_thread

PASSED_ON = ("Host", "Range", "Authorization", "Content-Type", "Content-MD5", "Cache-Control")
GIVEN_BACK = ("Content-Type", "Content-Length", "Content-Range", "Cache-Control", "ETag", "x-amz-meta-sha256")


class CorsProxy(ThreadingHTTPServer):
    """Stands before an S3 service, for browsers that read, and for the product that puts small files there besides."""

    def __init__(self, service: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.service = urlsplit(service).netloc
        self.page_origin = ""
        """The site whose scripts may read what is sent."""
        self.holds_back: Callable[[str], bool] = lambda _path: False
        """Which paths cannot be had now (503)."""
        self.sent: list[str] = []
        """The paths of what scripts of a site have got."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Passes a request on, signature and all, and gives the answer back."""

    protocol_version = "HTTP/1.1"
    server: CorsProxy

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.server.holds_back(path):
            self._answer(503, {}, b"")
            return
        status = self._pass_on()
        if status < 300 and "Origin" in self.headers:
            self.server.sent.append(path)

    def do_HEAD(self) -> None:
        self._pass_on()

    def do_PUT(self) -> None:
        self._pass_on()

    def _pass_on(self) -> int:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        passed = {
            name: value
            for name, value in self.headers.items()
            if name in PASSED_ON or name.lower().startswith("x-amz-")
        }
        service = http.client.HTTPConnection(self.server.service)
        service.request(self.command, self.path, body or None, headers=passed)
        answer = service.getresponse()
        given_back = {name: answer.headers[name] for name in GIVEN_BACK if name in answer.headers}
        self._answer(answer.status, given_back, answer.read())
        service.close()
        return answer.status

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        if self.server.page_origin:
            self.send_header("Access-Control-Allow-Origin", self.server.page_origin)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@contextmanager
def cors_proxy(service: str) -> Iterator[CorsProxy]:
    """Stand before a service for a test."""
    with in_thread(CorsProxy(service)) as server:
        yield server
