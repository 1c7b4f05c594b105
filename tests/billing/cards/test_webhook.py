"""Stripe's webhook: forged never, twice is once, kept as it came, and nothing taken over that does not fit."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.billing.card_queries import set_aside
from elearn.billing.errors import EventForged
from elearn.billing.models import OrderState, Outcome, Payment, StripeEvent
from elearn.billing.services.stripe_events import receive_event
from elearn.billing.stand_in.server import signature
from elearn.billing.stripe_api import verified_event
from elearn.billing.told import event_from
from tests.conftest import settings_in
from tests.peers.stripe_server import SECRET


@pytest.fixture
def paid(buyer, place, stripe, checkout_of):
    """An order that has been paid, of which nobody has heard yet, and the event that tells."""
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    return placed, deepcopy(stripe.account.events[-1])


def outcomes(session):
    session.expire_all()
    return {event.id: event.outcome for event in session.scalars(select(StripeEvent))}


def payload(event: object) -> bytes:
    return json.dumps(event).encode()


def test_an_event_is_kept_as_it_came_and_counts_once(paid, session, webhook) -> None:
    placed, event = paid
    body = b"  " + payload(event)
    for _time in range(3):
        assert webhook.post(body) == 204

    kept = session.scalars(select(StripeEvent)).one()
    assert (kept.id, kept.kind, kept.payload) == (event["id"], event["type"], body.decode())
    assert (kept.outcome, kept.order_id, kept.livemode) == (Outcome.HANDLED, placed.id, False)
    assert len(session.scalars(select(Payment)).all()) == 1


def test_a_repeat_is_known_and_not_looked_at_again(paid, session, stripe, monkeypatch) -> None:
    _placed, event = paid
    told = event_from(json.dumps(event))
    assert receive_event(session, told)
    monkeypatch.setattr("elearn.billing.services.stripe_events._handle", pytest.fail)
    assert not receive_event(session, told)


def test_the_old_and_the_new_secret_are_good_and_a_third_is_not(paid, clock, tmp_path) -> None:
    _placed, event = paid
    settings = settings_in(tmp_path, ELEARN_STRIPE_KEY="sk_test_1", ELEARN_STRIPE_WEBHOOK_SECRET="whsec_old,whsec_new")
    now = clock().timestamp()
    old, new, other = (signature(payload(event), secret, now) for secret in ("whsec_old", "whsec_new", "whsec_other"))
    both = f"{other},{new.partition(',')[2]}"
    for good in (old, new, both):
        assert verified_event(settings, payload(event), good).id == event["id"]
    for bad in (other, new.replace("v1=", "v0=")):
        with pytest.raises(EventForged):
            verified_event(settings, payload(event), bad)


@pytest.mark.parametrize("age_s", [301, -301])
def test_a_signature_is_good_for_five_minutes(age_s, paid, session, webhook) -> None:
    _placed, event = paid
    assert webhook.post(payload(event), age_s=age_s) == 400
    assert outcomes(session) == {}
    assert webhook.post(payload(event), age_s=age_s - age_s // 100) == 204


@pytest.mark.parametrize(
    "header",
    ["", "v1=", "t=1", "t=x,v1=y", "t=1,v1=æøå", "t=" + "9" * 5000 + ",v1=0", "\x01", "t=1,v1=" + "0" * 64, ",,,=,"],
)
def test_a_strange_signature_is_refused(header, paid, session, webhook) -> None:
    _placed, event = paid
    assert webhook.post(payload(event), header=header) == 400
    assert outcomes(session) == {}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'"x"',
        b"{" * 5000,
        b"[" * 100_000,
        b"\x00",
        b'{"id": 1}',
        "{\u2028}".encode(),
    ],
)
def test_strange_bytes_are_refused_even_when_signed(body, session, webhook) -> None:
    try:
        assert webhook.post(body) == 400
    except UnicodeDecodeError:
        pytest.fail("the signature is over bytes")
    assert outcomes(session) == {}


@pytest.mark.parametrize(
    ("place_of", "value"),
    [
        (("id",), None),
        (("id",), "evt_\x00"),
        (("type",), ["checkout.session.completed"]),
        (("created",), 10**30),
        (("created",), -1),
        (("created",), True),
        (("livemode",), "false"),
        (("data",), None),
        (("data", "object"), []),
        (("data", "object", "id"), "cs'; DROP TABLE orders; --"),
        (("data", "object", "id"), "cs_\ud800"),
        (("data", "object", "amount_total"), "7496875"),
        (("data", "object", "amount_total"), 7496875.0),
        (("data", "object", "amount_total"), -1),
        (("data", "object", "payment_intent"), {"id": None}),
        (("data", "object", "url"), "javascript:alert(1)"),
        (("livemode",), True),
    ],
)
def test_what_stripe_would_not_write_is_refused(place_of, value, paid, session, webhook) -> None:
    placed, event = paid
    part = event
    for name in place_of[:-1]:
        part = part[name]
    part[place_of[-1]] = value
    assert webhook.post(payload(event)) == 400
    session.expire_all()
    assert (outcomes(session), placed.state) == ({}, OrderState.TO_PAY)


def test_unknown_kinds_and_others_payments_are_taken_and_change_nothing(paid, session, webhook, shop) -> None:
    _placed, event = paid
    strange = {**event, "id": "evt_strange", "type": "customer.created", "data": {"object": {"id": 3}}}
    others = deepcopy(event)
    others["id"] = "evt_others"
    others["data"]["object"] |= {"id": "cs_others", "client_reference_id": None, "metadata": {}}
    assert [webhook.send(each) for each in (strange, others)] == [204, 204]
    assert set(outcomes(session).values()) == {Outcome.IGNORED}
    assert set_aside(session, shop.house_scope) == []


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"amount_total": 1}, Outcome.OTHER_AMOUNT),
        ({"amount_total": None}, Outcome.OTHER_AMOUNT),
        ({"currency": "nok"}, Outcome.OTHER_AMOUNT),
        ({"metadata": {"house": "999999"}}, Outcome.OTHER_HOUSE),
        ({"metadata": {}}, Outcome.OTHER_HOUSE),
        ({"id": "cs_made_up", "client_reference_id": "guessed"}, Outcome.UNKNOWN_CHECKOUT),
    ],
)
def test_what_does_not_fit_is_set_aside_for_the_owner(changed, outcome, paid, session, webhook, shop) -> None:
    placed, event = paid
    event["data"]["object"] |= changed
    assert webhook.send(event) == 204

    session.expire_all()
    assert (placed.state, placed.paid_at) == (OrderState.TO_PAY, None)
    assert [(each.id, each.outcome) for each in set_aside(session, shop.house_scope)] == [(event["id"], outcome)]


def test_a_house_sees_nothing_of_anothers_events(paid, session, webhook, world) -> None:
    _placed, event = paid
    event["data"]["object"]["amount_total"] = 1
    webhook.send(event)
    assert set_aside(session, world.theirs.house_scope) == []


def test_the_door_reads_no_cookie_and_sets_none(buyer, paid, clock) -> None:
    _placed, event = paid
    answer = buyer.post(
        "/billing/stripe-webhook",
        data=payload(event),
        headers={"Stripe-Signature": signature(payload(event), SECRET, clock().timestamp())},
    )
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (204, None)


def test_without_stripe_every_event_is_refused(paid, tmp_path, clock) -> None:
    _placed, event = paid
    with pytest.raises(EventForged):
        verified_event(settings_in(tmp_path), payload(event), signature(payload(event), "", clock().timestamp()))


def test_payment_is_dated_by_the_day_it_was_made(paid, session, webhook, clock) -> None:
    _placed, event = paid
    clock.advance(days=2)
    assert webhook.send(event) == 204
    assert session.scalars(select(Payment.paid_on)).one() == (clock() - timedelta(days=2)).date()


def test_of_two_words_about_one_fact_the_earlier_moment_stays(paid, session, webhook, checkout_of) -> None:
    placed, event = paid
    moments = []
    for number, later_s in enumerate((60, 0, 120)):
        assert webhook.send({**event, "id": f"evt_{number}", "created": event["created"] + later_s}) == 204
        moments.append(int(checkout_of(placed).paid_at.timestamp()) - event["created"])
    assert moments == [60, 0, 0]
    assert len(session.scalars(select(Payment)).all()) == 1
