"""A shop that takes cards, and Stripe beside it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from elearn.billing.models import Checkout, PayBy
from elearn.billing.stand_in.server import signature
from elearn.config import Settings
from elearn.jobs.models import Job
from elearn.jobs.queue import run_job
from tests.billing.shop import order
from tests.client import PageClient
from tests.conftest import settings_in
from tests.peers.stripe_server import SECRET, StripeServer, stripe_server


@pytest.fixture
def stripe(clock) -> Iterator[StripeServer]:
    with stripe_server(now=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, stripe: StripeServer) -> Settings:
    return settings_in(tmp_path / "data", **stripe.settings)


@pytest.fixture
def shop(shop, session):
    session.commit()
    return shop


@pytest.fixture
def buyer(browser, shop) -> PageClient:
    return browser().signed_in_as(shop.buyer)


@pytest.fixture
def place(session, tokens, shop):
    """Places orders that are paid by card."""

    def place(**wish):
        placed = order(session, tokens, shop, pay_by=PayBy.CARD, **wish)
        session.commit()
        return placed

    return place


class Webhook:
    """Delivers events as Stripe does; the test says which, how often and in what order."""

    def __init__(self, client: PageClient, stripe: StripeServer, clock) -> None:
        self._client, self._stripe, self._clock = client, stripe, clock
        self.sent: set[str] = set()

    def post(self, payload: bytes, secret: str = SECRET, age_s: float = 0, header: str | None = None) -> int:
        if header is None:
            header = signature(payload, secret, self._clock().timestamp() - age_s)
        answer = self._client.post(
            "/billing/stripe-webhook",
            data=payload,
            headers={"Stripe-Signature": header, "Content-Type": "application/json"},
        )
        return answer.status_code

    def send(self, event: dict) -> int:
        self.sent.add(event["id"])
        return self.post(json.dumps(event).encode())

    def send_new(self) -> None:
        """Deliver what has not been delivered."""
        for event in list(self._stripe.account.events):
            if event["id"] not in self.sent:
                assert self.send(event) == 204, event


@pytest.fixture
def webhook(browser, stripe, clock) -> Webhook:
    return Webhook(browser(), stripe, clock)


@pytest.fixture
def checkout_of(session):
    def checkout_of(placed) -> Checkout:
        session.expire_all()
        return session.scalars(
            select(Checkout).where(Checkout.order_id == placed.id).order_by(Checkout.id.desc())
        ).first()

    return checkout_of


@pytest.fixture
def run_jobs(installation, session, clock):
    """Runs the waiting jobs of a name, whenever they are due."""

    def run_jobs(name: str) -> int:
        session.commit()
        waiting = select(Job.id).where(Job.name == name, Job.done_at.is_(None))
        numbers = session.scalars(waiting.order_by(Job.id)).all()
        session.execute(update(Job).where(Job.id.in_(numbers)).values(leased_until=None, due_at=clock() - timedelta(1)))
        session.commit()
        for number in numbers:
            run_job(installation, number)
        session.expire_all()
        return len(numbers)

    return run_jobs
