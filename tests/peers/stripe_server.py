"""Stripe as tests need it: the demo's stand-in, with faults on demand."""

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elearn.billing.stand_in.account import Account, Values
from elearn.billing.stand_in.server import Handler, StandIn
from tests.peers.serving import in_thread

SECRET = "whsec_for_tests"
KEY = "sk_test_for_tests"


class StripeServer(StandIn):
    """A peer whose next calls can go wrong: 'lost' (done, the answer never comes), 'failed' (500, done or not)."""

    def __init__(self, account: Account) -> None:
        super().__init__(account, handler=Faulty)
        self.faults: deque[str] = deque()
        self.calls: list[tuple[str, str, str | None]] = []
        """Method, path and idempotency key of every call."""

    @property
    def settings(self) -> dict[str, str]:
        """What the product must be told to speak with this peer."""
        return {
            "ELEARN_STRIPE_KEY": KEY,
            "ELEARN_STRIPE_WEBHOOK_SECRET": SECRET,
            "ELEARN_STRIPE_URL": self.url,
        }


class Faulty(Handler):
    """Answers, unless a fault was asked for."""

    server: StripeServer

    def call(self, method: str, asked: Values) -> None:
        self.server.calls.append((method, self.path, self.headers.get("Idempotency-Key")))
        fault = self.server.faults.popleft() if self.server.faults else ""
        if fault == "failed before":
            self.respond_json(500, {"error": {"type": "api_error", "message": "on demand"}})
        elif fault in ("lost", "failed after"):
            key = self.headers.get("Idempotency-Key")
            self.server.api.answer(method, self.path.partition("?")[0], asked, key)
            if fault == "lost":
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self.respond_json(500, {"error": {"type": "api_error", "message": "on demand"}})
        else:
            super().call(method, asked)


@contextmanager
def stripe_server(**account: Any) -> Iterator[StripeServer]:
    """Serve a peer of its own for a test."""
    with in_thread(StripeServer(Account(**account))) as server:
        yield server
