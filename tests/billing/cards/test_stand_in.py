"""The stand-in refuses as Stripe does, remembers over a restart, and its pages do what their buttons say."""

import json
import socket
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from elearn.billing.errors import PaymentServiceAway, StripeRefused
from elearn.billing.stand_in.account import Account, Refusal
from elearn.billing.stand_in.api import nested
from elearn.billing.stripe_api import CheckoutWish, StripeDoor
from elearn.config import Settings
from elearn.serving import parts_of
from tests.conftest import settings_in


def wish(settings: Settings, now: datetime, **changed: object) -> CheckoutWish:
    told: dict[str, object] = {
        "key": "key",
        "order_id": 1,
        "house_id": 1,
        "amount_minor": 1000,
        "currency": "DKK",
        "title": "Seats",
        "description": "2 seats",
        "email": "buyer@example.dk",
        "language": "nn",
        "expires_at": now + timedelta(hours=1),
        "success_url": "http://localhost/done",
        "cancel_url": "http://localhost/left",
    }
    return CheckoutWish(**{**told, **changed})  # type: ignore[arg-type]


def opened(url: str, body: dict[str, str] | None = None) -> tuple[int, str]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    method, sent = ("GET", None) if body is None else ("POST", urlencode(body))
    connection.request(method, parts.path or "/", sent, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_the_same_key_for_something_else_is_refused(settings, stripe, clock) -> None:
    door = StripeDoor(settings)
    first = door.begin_checkout(wish(settings, clock()))
    assert door.begin_checkout(wish(settings, clock())) == first
    with pytest.raises(StripeRefused):
        door.begin_checkout(wish(settings, clock(), amount_minor=1001))


@pytest.mark.parametrize(
    "changed", [{"amount_minor": 0}, {"amount_minor": 10**8}, {"expires_at": datetime(2026, 11, 23, 9, 20, tzinfo=UTC)}]
)
def test_what_stripe_would_refuse_is_refused(changed, settings, stripe, clock) -> None:
    with pytest.raises(StripeRefused):
        StripeDoor(settings).begin_checkout(wish(settings, clock(), **changed))


def test_a_wrong_key_is_for_the_operator_to_mend(settings, stripe, tmp_path, clock) -> None:
    wrong = {**stripe.settings, "ELEARN_STRIPE_KEY": "rk_test_wrong"}
    with pytest.raises(PaymentServiceAway):
        StripeDoor(settings_in(tmp_path, **wrong)).begin_checkout(wish(settings, clock()))


def test_everything_is_there_again_after_a_restart(tmp_path) -> None:
    kept = tmp_path / "account.json"
    account = Account(kept=kept)
    line = {"quantity": "1", "price_data": {"currency": "dkk", "unit_amount": "1000"}}
    begun = account.begin_session({"mode": "payment", "line_items": [line], "success_url": "http://localhost/"})
    account.pay(begun["id"])
    again = Account(kept=kept)
    assert again.find(begun["id"], "checkout.session")["payment_status"] == "paid"
    assert again.events == account.events
    with pytest.raises(Refusal):
        again.pay(begun["id"])


def test_its_pages_do_what_their_buttons_say(settings, stripe, clock) -> None:
    begun = StripeDoor(settings).begin_checkout(wish(settings, clock()))
    status, page = opened(str(begun.url))
    assert (status, 'lang="nb"' in page, "10,00 DKK" in page) == (200, True, True)
    assert opened(str(begun.url), {"way": "pay"})[0] == 303
    assert "Denne betalingen er avsluttet" in opened(str(begun.url))[1]
    intent = stripe.account.find(begun.id, "checkout.session")["payment_intent"]
    for way in ("dispute", "refund"):
        assert opened(f"{stripe.url}/dashboard/{intent}", {"way": way})[0] == 303
    dispute = stripe.account.all("dispute")[0]["id"]
    assert 'value="lose"' in opened(stripe.url)[1]
    assert opened(f"{stripe.url}/dashboard/{dispute}", {"way": "lose"})[0] == 303
    assert opened(f"{stripe.url}/dashboard/{intent}", {"way": "refund"})[0] == 400
    assert opened(f"{stripe.url}/nowhere")[0] == opened(f"{stripe.url}/pay/cs_nowhere")[0] == 404
    kinds = [event["type"] for event in stripe.account.events]
    assert kinds == [
        "checkout.session.completed",
        "charge.dispute.created",
        "refund.created",
        "charge.refunded",
        "charge.dispute.closed",
    ]


def test_parameters_are_read_as_stripe_writes_them() -> None:
    written = [("a[0][b]", "1"), ("a[1][b]", "2"), ("c[d][e]", "f"), ("g", "h")]
    assert nested(written) == {"a": [{"b": "1"}, {"b": "2"}], "c": {"d": {"e": "f"}}, "g": "h"}
    assert json.dumps(nested([("types[0]", "x")])) == '{"types": ["x"]}'


def test_the_demo_starts_without_it_when_its_port_is_taken(tmp_path, caplog) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1] - 1
        demo = settings_in(
            tmp_path, ELEARN_DEMO="1", ELEARN_PORT=str(port), ELEARN_PUBLIC_URL=f"http://localhost:{port}"
        )
        assert [part.name for part in parts_of(demo)] == ["web", "jobs", "long jobs"]
        assert "nobody plays Stripe" in caplog.text
    assert [part.name for part in parts_of(demo)] == ["stripe stand-in", "web", "jobs", "long jobs"]
    assert [part.name for part in parts_of(settings_in(tmp_path))] == ["web", "jobs", "long jobs"]
