"""A storm of webhooks: what happens to many card payments at Stripe, told in order, or as badly as may be."""

import http.client
import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.services import confirm_address
from elearn.billing.models import (
    Checkout,
    DiscountCode,
    Dispute,
    Invoice,
    Order,
    PayBy,
    Payment,
    Refund,
    Seller,
    StripeEvent,
)
from elearn.billing.services.payments import owed, received
from elearn.billing.stand_in.account import Account, Values
from elearn.billing.stand_in.server import signature
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.installation import Installation
from elearn.core.tokens import random_token
from elearn.licensing.models import Seat
from elearn.mail.models import Letter
from tests.billing.shop import add_campaign, open_shop, order
from tests.peers.stripe_server import SECRET
from tests.world import Side, World

STEP_S = 7
"""Between one thing that happens at Stripe and the next."""
CODE = "STORM"


class Slow:
    """Stripe's clock in a storm: an hour ago, and a step further at each look."""

    def __init__(self) -> None:
        self.time = clock.now().timestamp() - 3600 * 10

    def __call__(self) -> float:
        self.time += 0.01
        return self.time


@dataclass
class Storm:
    """The payments of one account, and the events they made, in the order in which they happened."""

    account: Account
    now: Slow
    chance: random.Random
    sessions: list[list[Values]] = field(default_factory=list)
    """Of each order; of two payments the first has failed before the second was begun."""
    others: list[Values] = field(default_factory=list)
    """Signed events that are not about our payments, or do not fit them."""

    @property
    def events(self) -> list[Values]:
        return self.account.events + self.others


LIVES = ("paid", "paid", "later", "failed", "again", "expired", "refunded", "sent back", "lost", "won", "tampered")


def brew(orders: int, seed: int, house_id: int, totals: list[int], currency: str) -> Storm:
    """Let many payments run their course at Stripe: each order's is one of `LIVES`."""
    now = Slow()
    storm = Storm(Account(now=now), now, random.Random(seed))
    for number in range(orders):
        life = LIVES[number % len(LIVES)]
        first = _begin(storm, house_id, totals[number], currency)
        storm.sessions.append([first])
        storm.now.time += STEP_S
        if life == "expired":
            storm.account.expire(first["id"])
        elif life in ("later", "failed", "again"):
            storm.account.pay(first["id"], takes_days=True)
            storm.now.time += STEP_S
            storm.account.settle(first["id"], has_failed=life != "later")
            if life == "again":
                second = _begin(storm, house_id, totals[number], currency)
                storm.sessions[-1].append(second)
                storm.account.pay(second["id"]) if number % 2 else storm.account.expire(second["id"])
        else:
            storm.account.pay(first["id"])
            _afterwards(storm, life, first)
    return storm


def _begin(storm: Storm, house_id: int, total: int, currency: str) -> Values:
    return storm.account.begin_session(
        {
            "mode": "payment",
            "client_reference_id": random_token(),
            "metadata": {"house": str(house_id)},
            "line_items": [{"quantity": "1", "price_data": {"currency": currency.lower(), "unit_amount": str(total)}}],
            "success_url": "http://localhost/",
        }
    )


def _afterwards(storm: Storm, life: str, session: Values) -> None:
    account, intent = storm.account, session["payment_intent"]
    storm.now.time += STEP_S
    if life == "refunded":
        account.refund({"payment_intent": intent, "amount": session["amount_total"] // 3})
        storm.now.time += STEP_S
        account.refund({"payment_intent": intent, "amount": 100})
    elif life == "sent back":
        account.fail_refund(account.refund({"payment_intent": intent, "amount": 500})["id"])
    elif life in ("lost", "won"):
        account.close_dispute(account.dispute(intent)["id"], is_won=life == "won")
    elif life == "tampered":
        completed = next(each for each in account.events if each["data"]["object"]["id"] == session["id"])
        wrong = json.loads(json.dumps(completed)) | {"id": completed["id"] + "w"}
        wrong["data"]["object"]["amount_total"] -= 1
        strange = {**completed, "id": completed["id"] + "s", "type": "customer.created"}
        storm.others += [wrong, strange]


def set_up(installation: Installation, world: World, orders: int, seed: int) -> Storm:
    """Place the orders, and note their payments as begun."""
    side = world.ours
    with installation.database.transaction() as session:
        side = side_in(session, side)
        open_shop(session, side)
        confirm_address(session, side.buyer.addresses[0])
        code = add_campaign(session, side, code=CODE, min_seats=None, max_seats=None, max_uses=None, value=1000)
        code.campaign = None
        session.flush()
        placed = [
            order(
                session,
                installation.tokens,
                side,
                seats=2 + number % 3,
                code=CODE if number % 2 else "",
                pay_by=PayBy.CARD,
            )
            for number in range(orders)
        ]
        storm = brew(orders, seed, side.house.id, [each.total_minor for each in placed], "DKK")
        for each, sessions in zip(placed, storm.sessions, strict=True):
            for told in sessions:
                has_followed = told is not sessions[-1]
                session.add(
                    Checkout(
                        order=each,
                        idempotency_key=told["client_reference_id"],
                        amount_minor=each.total_minor,
                        currency=each.currency,
                        session_id=told["id"] if each.id % 3 else None,
                        begun_at=clock.now(),
                        expires_at=clock.now() + timedelta(hours=23),
                        failed_at=_failed_at(storm, told) if has_followed else None,
                    )
                )
    return storm


def side_in(session: Session, side: Side) -> Side:
    """Return a side with what orders need of it loaded in a session."""
    names = ("house", "municipality", "course", "buyer")
    return replace(side, **{name: session.get_one(type(getattr(side, name)), getattr(side, name).id) for name in names})


def _failed_at(storm: Storm, session: Values) -> Any:
    from elearn.billing.told import event_from

    return next(
        event_from(json.dumps(event)).created_at
        for event in storm.account.events
        if event["type"].endswith("payment_failed") and event["data"]["object"]["id"] == session["id"]
    )


@dataclass
class Deliveries:
    """What is sent: genuine events several times each, shuffled, with forged and malformed ones among them."""

    waiting: list[tuple[bytes, str | None, bool]]
    """Body, signature (None: to be made when it is sent), whether it is genuine."""
    port: Callable[[], int]
    counted: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, senders: int = 8) -> None:
        threads = [threading.Thread(target=self._send_all) for _sender in range(senders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send_all(self) -> None:
        while True:
            with self.lock:
                if not self.waiting:
                    return
                body, header, is_genuine = self.waiting.pop()
            status = self._send(body, header)
            with self.lock:
                self.counted[f"{'genuine' if is_genuine else 'forged'} {status}"] += 1
                if status == "away" or (is_genuine and status >= "500"):
                    self.waiting.insert(self.chance_place(), (body, header, is_genuine))

    def chance_place(self) -> int:
        return random.randrange(len(self.waiting) + 1)

    def _send(self, body: bytes, header: str | None) -> str:
        if header is None:
            header = signature(body, SECRET, clock.now().timestamp())
        connection = http.client.HTTPConnection("127.0.0.1", self.port(), timeout=30)
        try:
            connection.request("POST", "/billing/stripe-webhook", body, {"Stripe-Signature": header})
            return str(connection.getresponse().status)
        except (OSError, http.client.HTTPException):
            threading.Event().wait(0.05)
            return "away"
        finally:
            connection.close()


def deliveries(storm: Storm, port: Callable[[], int]) -> Deliveries:
    chance, now = storm.chance, clock.now().timestamp()
    genuine: list[tuple[bytes, str | None, bool]] = []
    for event in storm.events:
        genuine += [(json.dumps(event).encode(), None, True)] * chance.randint(1, 5)
    forged: list[tuple[bytes, str | None, bool]] = []
    for number in range(len(genuine) // 9):
        body = json.dumps(chance.choice(storm.events)).encode()
        raised = body.replace(b'"amount_total": ', b'"amount_total": 1')
        forged.append(
            [
                (body, signature(body, "whsec_guessed", now), False),
                (raised + b" ", signature(body, SECRET, now), False),
                (body, signature(body, SECRET, now - 1000), False),
                (body[: len(body) // 2], "", False),
                (b"\xff\x00{", "t=1,v1=0", False),
                (b"[" * 20_000, "t=\xe6", False),
            ][number % 6]
        )
    mixed = genuine + forged
    chance.shuffle(mixed)
    return Deliveries(mixed, port)


def state_of(installation: Installation) -> dict[str, Any]:
    """Return orders, seats and books: everything but when we heard of it.

    Paid is what the money pays for: whether it went back before or after the invoice was made is a matter of when.
    """
    with installation.database.reader() as session:
        seats = dict(session.execute(select(Seat.licence_id, func.count()).group_by(Seat.licence_id)).all())
        invoiced = dict(session.execute(select(Invoice.order_id, Invoice.total_minor)).all())
        orders = session.scalars(select(Order).order_by(Order.id)).all()
        serials = session.scalars(select(Invoice.serial).order_by(Invoice.serial)).all()
        first = session.scalars(select(Seller.next_serial)).one() - len(serials)
        return {
            "orders": [
                (
                    each.id,
                    each.state,
                    received(session, each) >= owed(session, each),
                    seats.get(each.licence_id or 0, 0),
                    invoiced.get(each.id),
                )
                for each in orders
            ],
            "checkouts": _rows(
                session,
                Checkout.session_id,
                Checkout.payment_intent_id,
                Checkout.paid_at,
                Checkout.expired_at,
                Checkout.failed_at,
            ),
            "payments": _rows(
                session, Payment.reference, Payment.order_id, Payment.kind, Payment.amount_minor, Payment.paid_on
            ),
            "refunds": _rows(
                session, Refund.stripe_id, Refund.amount_minor, Refund.succeeded_at, Refund.failed_at, Refund.problem
            ),
            "disputes": _rows(session, Dispute.stripe_id, Dispute.order_id, Dispute.closed_at, Dispute.won),
            "events": _rows(session, StripeEvent.id, StripeEvent.outcome, StripeEvent.order_id),
            "code": session.scalars(select(DiscountCode.used)).one(),
            "letters": _rows(session, Letter.kind, func.count(), group_by=Letter.kind),
            "trail": _rows(session, AuditEvent.kind, func.count(), group_by=AuditEvent.kind),
            "invoice numbers without a gap": list(serials) == list(range(first, first + len(serials))),
        }


def _rows(session: Any, *columns: Any, group_by: Any = None) -> list[tuple[Any, ...]]:
    asked = select(*columns)
    if group_by is not None:
        asked = asked.where(group_by.startswith("billing")).group_by(group_by)
    return sorted((tuple(row) for row in session.execute(asked)), key=str)
