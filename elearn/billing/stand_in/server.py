"""The stand-in over HTTP, on this machine alone, and the webhooks it sends."""

import hashlib
import hmac
import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

from elearn.billing.stand_in import pages
from elearn.billing.stand_in.account import Account, Refusal, Values
from elearn.billing.stand_in.api import Api, nested
from elearn.config import Settings

WEBHOOK_PATH = "/billing/stripe-webhook"
PAUSES_S = (0.0, 0.5, 2, 5, 15, 60, 300)
"""How long after the last try each webhook is tried again; Stripe tries for three days."""

_log = logging.getLogger(__name__)


def serve_until_stopped(settings: Settings) -> None:
    """Play Stripe for the demo, on the port its settings say."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = Account(kept=settings.data / "stripe-stand-in.json")
    server = StandIn(account, port=settings.stripe_stand_in_port)
    webhook = f"http://127.0.0.1:{settings.listen_port}{WEBHOOK_PATH}"
    account.listeners.append(Sender(webhook, settings.stripe_webhook_secrets[0]).send)
    server.serve_forever()


def signature(payload: bytes, secret: str, at: float) -> str:
    """Return what Stripe writes into `Stripe-Signature`."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + payload, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


class Sender:
    """Sends events to a webhook one after the other, and again while nobody takes them."""

    def __init__(self, url: str, secret: str, *, now: Callable[[], float] = time.time) -> None:
        self._url, self._secret, self._now = url, secret, now
        self._waiting: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._work, daemon=True).start()

    def send(self, event: Values) -> None:
        """Have an event sent."""
        self._waiting.put(json.dumps(event).encode())

    def wait_until_sent(self) -> None:
        """Wait until every event was taken, or given up."""
        self._waiting.join()

    def _work(self) -> None:
        while True:
            payload = self._waiting.get()
            if not any(self._try(payload, pause_s) for pause_s in PAUSES_S):
                _log.error("nobody takes webhooks at %s", self._url)
            self._waiting.task_done()

    def _try(self, payload: bytes, pause_s: float) -> bool:
        time.sleep(pause_s)
        headers = {
            "Content-Type": "application/json",
            "Stripe-Signature": signature(payload, self._secret, self._now()),
        }
        try:
            with urlopen(Request(self._url, payload, headers), timeout=20) as answer:  # noqa: S310 - http, this machine
                return bool(answer.status < 300)
        except (URLError, OSError):
            return False


class StandIn(ThreadingHTTPServer):
    """The server; `url` is where it is."""

    daemon_threads = True

    def __init__(self, account: Account, *, port: int = 0, handler: "type[Handler] | None" = None) -> None:
        super().__init__(("127.0.0.1", port), handler or Handler)
        self.account = account
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.api = Api(account, self.url)


class Handler(BaseHTTPRequestHandler):
    """Answers API calls under /v1, and shows pages elsewhere."""

    server: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a call, or show a page."""
        path, account = urlsplit(self.path).path, self.server.account
        if path.startswith("/v1/"):
            self.call("GET", nested(parse_qsl(urlsplit(self.path).query)))
            return
        with account.lock:
            if path == "/":
                self._show(pages.dashboard(account))
            elif path.startswith("/pay/"):
                self._show_session(path.removeprefix("/pay/"), was_declined=False)
            else:
                self.respond(404, b"", "text/plain")

    def do_POST(self) -> None:
        """Answer a call, or do what a button says."""
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if path.startswith("/v1/"):
            self.call("POST", nested(parse_qsl(body, keep_blank_values=True)))
            return
        way = dict(parse_qsl(body)).get("way", "")
        try:
            with self.server.account.lock:
                if path.startswith("/pay/"):
                    self._pay(path.removeprefix("/pay/"), way)
                else:
                    self._live(path.removeprefix("/dashboard/"), way)
        except Refusal as refused:
            self.respond(refused.status, str(refused).encode(), "text/plain")

    def call(self, method: str, asked: Values) -> None:
        """Answer an API call."""
        if not self.headers.get("Authorization", "").startswith("Bearer sk_test_"):
            self.respond_json(401, Refusal(401, "Invalid API Key provided").error)
            return
        key = self.headers.get("Idempotency-Key") if method == "POST" else None
        self.respond_json(*self.server.api.answer(method, urlsplit(self.path).path, asked, key))

    def _pay(self, number: str, way: str) -> None:
        account = self.server.account
        session = account.find(number, "checkout.session")
        if way in ("pay", "later"):
            account.pay(number, takes_days=way == "later")
            self._lead_to(session["success_url"].replace("{CHECKOUT_SESSION_ID}", number))
        elif way == "back":
            self._lead_to(session["cancel_url"])
        else:
            self._show_session(number, was_declined=True)

    def _live(self, number: str, way: str) -> None:
        account = self.server.account
        ways: dict[str, Any] = {
            "expire": lambda: account.expire(number),
            "settle": lambda: account.settle(number),
            "fail": lambda: account.settle(number, has_failed=True),
            "refund": lambda: account.refund({"payment_intent": number}),
            "dispute": lambda: account.dispute(number),
            "win": lambda: account.close_dispute(number, is_won=True),
            "lose": lambda: account.close_dispute(number, is_won=False),
        }
        if way not in ways:
            raise Refusal(400, "no such button")
        ways[way]()
        self._lead_to("/")

    def _show_session(self, number: str, *, was_declined: bool) -> None:
        try:
            session = self.server.account.find(number, "checkout.session")
        except Refusal:
            self.respond(404, b"", "text/plain")
            return
        is_open = session["status"] == "open"
        self._show(pages.pay_page(session, was_declined=was_declined) if is_open else pages.over_page(session))

    def _show(self, page: str) -> None:
        self.respond(200, page.encode(), "text/html; charset=utf-8")

    def _lead_to(self, url: str) -> None:
        self.respond(303, b"", "text/plain", Location=url)

    def respond_json(self, status: int, values: Values) -> None:
        """Answer in JSON."""
        self.respond(status, json.dumps(values).encode(), "application/json")

    def respond(self, status: int, body: bytes, kind: str, **headers: str) -> None:
        """Answer in any kind."""
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_what: object) -> None:
        """Say nothing: the product's log is no place for the stand-in's."""
