"""Does our door to Stripe understand others' peers? `python -m bench.stripe_peers`.

Our own stand-in says what we believe of Stripe. Two peers written by others, emulate (npm, Checkout) and localstripe
(PyPI, payments and refunds), are asked through the same door, where they can do the call. Both are installed in a
folder of their own, thrown away afterwards: one is GPL and neither belongs to the product.
"""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import stripe

from elearn.billing.errors import EventForged, PaymentServiceAway, StripeRefused
from elearn.billing.stand_in.server import Sender
from elearn.billing.stripe_api import CheckoutWish, StripeDoor, verified_event
from elearn.billing.told import ToldRefund, refund_from, session_from
from elearn.config import Settings
from tests.peers.stripe_server import stripe_server

EMULATE, LOCALSTRIPE = "emulate@0.12.2", "localstripe==1.15.10"
SECRET = "whsec_bench"
TOTAL = 7_496_875
PAID_CARD = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}}

said: list[bool] = []


def main() -> int:
    """Ask all three, and print what each could do; leaves with 1 when one says something we misunderstand."""
    folder = Path(tempfile.mkdtemp(prefix="stripe-peers-"))
    try:
        with webhook() as heard:
            print("our stand-in")
            ask_stand_in(heard)
            heard.forget()
            print(EMULATE)
            with emulate(folder, heard.url) as url:
                ask_emulate(url, heard)
            heard.forget()
            print(LOCALSTRIPE)
            with localstripe(folder) as url:
                ask_localstripe(url, heard)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{sum(said)} of {len(said)} calls understood")
    return 0 if all(said) else 1


def check(what: str, ask: Callable[[], object]) -> None:
    """Print whether something holds."""
    try:
        holds, why = bool(ask()), ""
    except (StripeRefused, PaymentServiceAway, EventForged, AssertionError, stripe.StripeError, OSError) as error:
        holds, why = False, f": {error!r:.120}"
    said.append(holds)
    print(f"  {'ok    ' if holds else 'FAILED'} {what}{why}")


def gap(what: str, is_there: Callable[[], bool]) -> None:
    """Print what a peer cannot do; a gap that has closed is worth a check."""
    print(f"  {'gap   ' if is_there() else 'closed'} {what}")


def is_away(ask: Callable[[], object]) -> bool:
    """Say whether an answer that is none of Stripe's comes out as unknown."""
    try:
        ask()
    except PaymentServiceAway:
        return True
    return False


def refuses(ask: Callable[[], object]) -> bool:
    """Say whether Stripe's clear no comes out as ours."""
    try:
        ask()
    except StripeRefused:
        return True
    return False


def ask_stand_in(heard: "Heard") -> None:
    """Begin, find, pay, pay back, list: everything the product asks."""
    with stripe_server() as server:
        server.account.listeners.append(Sender(heard.url, SECRET).send)
        door = StripeDoor(settings(server.url))
        begun = door.begin_checkout(wish("key"))
        check("Checkout of one line: the amount asked for", lambda: begun.amount_minor == TOTAL and begun.url)
        check("the same key, the same session", lambda: door.begin_checkout(wish("key")).id == begun.id)
        check(
            "the same key for something else is refused", lambda: refuses(lambda: door.begin_checkout(wish("key", 5)))
        )
        page = Request(str(begun.url), urlencode({"way": "pay"}).encode())
        check("its page pays", lambda: urlopen_without_following(page) == 303)
        check("found, paid", lambda: door.find_checkout(begun.id).is_paid)
        check("its webhook, signed", lambda: session_from(heard.wait_for("checkout.session.completed")).id == begun.id)
        intent = str(door.find_checkout(begun.id).payment_intent_id)
        refund = door.refund(key="r", payment_intent_id=intent, amount_minor=1000)
        check("refund", lambda: refund.has_succeeded and refund.key == "r")
        check("refunds of a payment", lambda: [each.id for each in door.refunds_of(intent)] == [refund.id])
        check("its webhook, signed", lambda: refund_from(heard.wait_for("refund.created")).id == refund.id)
        check("events", lambda: len(list(door.events_since(hour_ago(), ["refund.created"]))) == 1)


def ask_emulate(url: str, heard: "Heard") -> None:
    """Checkout: it knows prices made beforehand, no `price_data`, and tells no amount."""
    door = StripeDoor(settings(url))
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": url}, max_network_retries=0)
    price = client.v1.prices.create(
        {"product": client.v1.products.create({"name": "Seats"}).id, "currency": "dkk", "unit_amount": TOTAL}
    )

    def begin() -> str:
        return client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price": price.id, "quantity": 1}],
                "success_url": "http://localhost/ok",
                "metadata": {"house": "1"},
            }
        ).id

    first, second = begin(), begin()
    check("find a session", lambda: not door.find_checkout(first).is_paid and door.find_checkout(first).house == "1")
    check("list sessions", lambda: {each.id for each in door.checkouts_since(hour_ago())} >= {first, second})
    page = Request(f"{url}/checkout/{first}/complete", b"")
    check("its page pays", lambda: urlopen_without_following(page) in (302, 303))
    check("found, paid", lambda: door.find_checkout(first).is_paid)
    check("its webhook, signed", lambda: heard.wait_for("checkout.session.completed")["id"] == first)
    gap("its events have no id, moment and mode: refused", lambda: "checkout.session.completed" not in heard.whole)
    check("end a session", lambda: door.end_checkout(second).has_expired)
    check("ending it twice is refused", lambda: refuses(lambda: door.end_checkout(second)))
    gap("price_data", lambda: refuses(lambda: door.begin_checkout(wish("k"))))


def ask_localstripe(url: str, heard: "Heard") -> None:
    """Refunds of a payment made beforehand; it has no Checkout."""
    door = StripeDoor(settings(url))
    client = stripe.StripeClient("sk_test_1", base_addresses={"api": url}, max_network_retries=0)
    hook = urlencode({"url": heard.url, "secret": SECRET}).encode()
    urlopen(Request(f"{url}/_config/webhooks/bench", hook)).close()
    method = client.v1.payment_methods.create(PAID_CARD)  # type: ignore[arg-type]
    customer = client.v1.customers.create({"email": "buyer@example.dk"})
    client.v1.payment_methods.attach(method.id, {"customer": customer.id})
    intent = client.v1.payment_intents.create(
        {"amount": TOTAL, "currency": "dkk", "customer": customer.id, "payment_method": method.id, "confirm": True}
    ).id

    def pay_back(key: str, payment: str, amount_minor: int) -> ToldRefund:
        return door.refund(key=key, payment_intent_id=payment, amount_minor=amount_minor)

    refund = pay_back("r", intent, 1000)
    check("refund", lambda: refund.has_succeeded and (refund.key, refund.amount_minor) == ("r", 1000))
    check("refunds of a payment", lambda: [each.id for each in door.refunds_of(intent)] == [refund.id])
    check("an unknown payment is refused", lambda: refuses(lambda: pay_back("t", "pi_x", 1)))
    gap("it gives more back than was paid", lambda: not refuses(lambda: pay_back("s", intent, TOTAL)))
    gap("Checkout", lambda: is_away(lambda: door.begin_checkout(wish("k"))))
    check("its webhook, signed", lambda: heard.wait_for("payment_intent.succeeded")["id"] == intent)


class Heard:
    """A webhook that keeps what was signed: whole events, and what lacks too much to be one of Stripe's."""

    def __init__(self) -> None:
        self.url = ""
        self.objects: dict[str, Any] = {}
        self.whole: set[str] = set()

    def forget(self) -> None:
        """Begin anew, with another peer."""
        self.objects.clear()
        self.whole.clear()

    def take(self, body: bytes, header: str | None) -> None:
        """Verify an event as the product does."""
        try:
            event = verified_event(settings(""), body, header)
        except EventForged as error:
            if str(error) == "not understood":  # which is said of what is signed
                told = json.loads(body)
                self.objects[told["type"]] = told["data"]["object"]
            return
        self.objects[event.kind] = event.object
        self.whole.add(event.kind)

    def wait_for(self, kind: str) -> Any:
        """Return what an event of a kind is about."""
        for _look in range(100):
            if kind in self.objects:
                return self.objects[kind]
            time.sleep(0.05)
        raise AssertionError(f"no {kind} among {sorted(self.objects)}")


@contextmanager
def webhook() -> Iterator[Heard]:
    """Listen as the product does."""
    heard = Heard()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.take(self.rfile.read(int(self.headers["Content-Length"])), self.headers.get("Stripe-Signature"))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_what: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    heard.url = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield heard
    server.shutdown()


@contextmanager
def emulate(folder: Path, webhook_url: str) -> Iterator[str]:
    """Install and run emulate."""
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), EMULATE])
    seed = folder / "seed.json"
    hooks = [{"url": webhook_url, "secret": SECRET, "events": ["*"]}]
    seed.write_text(json.dumps({"stripe": {"webhooks": hooks}}))
    port = free_port()
    program = str(folder / "node_modules/.bin/emulate")
    with running([program, "start", "--service", "stripe", "--port", str(port), "--seed", str(seed)], port):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def localstripe(folder: Path) -> Iterator[str]:
    """Install and run localstripe."""
    run([sys.executable, "-m", "venv", str(folder / "venv")])
    run([str(folder / "venv/bin/pip"), "install", "-q", "--disable-pip-version-check", LOCALSTRIPE])
    port = free_port()
    with running([str(folder / "venv/bin/localstripe"), "--port", str(port), "--from-scratch"], port):
        yield f"http://127.0.0.1:{port}"


def run(command: list[str]) -> None:
    """Run a command; say what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr[-500:]}")


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    """Run a server until the block ends."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        for _look in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)  # node may be started by a program in between
        process.wait(10)


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def urlopen_without_following(request: Request) -> int:
    """Return the status of an answer that leads elsewhere."""
    parts = urlsplit(request.full_url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    connection.request("POST", parts.path, request.data, {"Content-Type": "application/x-www-form-urlencoded"})  # type: ignore[arg-type]
    status = connection.getresponse().status
    connection.close()
    return status


def hour_ago() -> datetime:
    """Return the moment an hour ago."""
    return datetime.now(UTC) - timedelta(hours=1)


def settings(url: str) -> Settings:
    """Return the settings that lead to a peer."""
    env = {
        "ELEARN_SECRET_KEY": "a secret for measuring only, long",
        "ELEARN_STRIPE_KEY": "sk_test_1",
        "ELEARN_STRIPE_WEBHOOK_SECRET": SECRET,
    }
    return Settings.from_environment(env | ({"ELEARN_STRIPE_URL": url} if url else {}))


def wish(key: str, amount_minor: int = TOTAL) -> CheckoutWish:
    """Return the sample offer as a payment."""
    return CheckoutWish(
        key=key,
        order_id=1,
        house_id=1,
        amount_minor=amount_minor,
        currency="DKK",
        title="Seats",
        description="100 seats",
        email="buyer@example.dk",
        language="da",
        expires_at=datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=20),
        success_url="http://localhost/ok",
        cancel_url="http://localhost/left",
    )


if __name__ == "__main__":
    sys.exit(main())
