"""What an owner has to know of card payments, and the button that gives money back."""

import pytest
from sqlalchemy import select

from elearn.accounts.services import confirm_address
from elearn.billing import card_queries
from elearn.billing.models import Checkout, Dispute, PayBy, Payment, PaymentKind, Refund, StripeEvent
from elearn.billing.services.invoices import issue_invoice
from elearn.billing.services.order_answers import cancel_order
from elearn.billing.services.payments import note_payment
from elearn.core import clock
from tests.billing.shop import open_shop, order
from tests.client import check_page


@pytest.fixture
def closed(world, session, tokens):
    """An order that was cancelled before its card payment was told of: the money is to go back."""
    side = world.ours
    open_shop(session, side)
    confirm_address(session, side.buyer.addresses[0])
    placed = order(session, tokens, side, pay_by=PayBy.CARD)
    cancel_order(session, scope=side.house_scope, order_id=placed.id, reason="Twice", by_id=side.owner.id)
    now = clock.now()
    checkout = Checkout(
        order_id=placed.id,
        idempotency_key="k",
        amount_minor=placed.total_minor,
        currency="DKK",
        payment_intent_id="pi_1",
        begun_at=now,
        paid_at=now,
    )
    payment = Payment(
        order_id=placed.id,
        kind="card",
        amount_minor=placed.total_minor,
        currency="DKK",
        paid_on=clock.today("DK"),
        reference="pi_1",
        noted_at=now,
    )
    session.add_all([checkout, payment])
    session.commit()
    return placed


def test_money_for_a_closed_order_waits_and_goes_back_by_one_press(owner, closed, session) -> None:
    assert "1 card payment" in owner.page("/owner").find(class_="todo").text
    assert "More came in than is owed." in owner.page("/owner/cards").text

    for _ in range(2):
        assert owner.press(f"/owner/orders/{closed.id}/return-money").status_code == 303
    assert session.scalars(select(Refund.amount_minor)).all() == [closed.total_minor]
    text = owner.page(f"/owner/orders/{closed.id}").text
    assert "29,987.50 DKK is on its way back to the card." in text
    assert "on its way" in owner.page("/owner/cards").text


def test_an_order_closed_without_an_invoice_owes_nothing_and_lacks_no_credit_note(owner, closed, session) -> None:
    page = f"/owner/orders/{closed.id}"
    assert "To be paid back: 29,987.50 DKK" in owner.page(page).text

    owner.press(f"{page}/return-money")
    back = {"kind": "refund", "amount_minor": -closed.total_minor, "reference": "re_1"}
    session.add(Payment(order_id=closed.id, currency="DKK", paid_on=clock.today("DK"), noted_at=clock.now(), **back))
    session.scalars(select(Refund)).one().succeeded_at = clock.now()
    session.commit()
    assert "Settled." in owner.page(page).text
    for each in (page, "/owner/cards"):
        assert "no credit note" not in owner.page(each).text


def test_objections_and_news_that_did_not_fit_are_shown(owner, closed, session) -> None:
    now = clock.now()
    session.add_all(
        [
            Dispute(
                stripe_id="dp_1",
                payment_intent_id="pi_1",
                order_id=closed.id,
                amount_minor=closed.total_minor,
                currency="DKK",
                reason="fraudulent",
                opened_at=now,
            ),
            StripeEvent(
                id="evt_1",
                kind="checkout.session.completed",
                livemode=False,
                payload="{}",
                created_at=now,
                received_at=now,
                outcome="other-amount",
                order_id=closed.id,
            ),
        ]
    )
    session.commit()

    assert "1 objection" in owner.page("/owner").find(class_="todo").text
    text = owner.page("/owner/cards").text
    assert "Open: answer it on Stripe’s pages." in text
    assert "It was not booked, and gave no seats." in text
    assert "Says that they did not make this payment" in text
    assert "fraudulent" not in text
    assert "The card holder objects to 29,987.50 DKK." in owner.page(f"/owner/orders/{closed.id}").text


def test_an_orders_page_tells_of_its_own_refund_however_many_came_after(
    owner, closed, world, session, tokens, monkeypatch
) -> None:
    owner.press(f"/owner/orders/{closed.id}/return-money")
    another = order(session, tokens, world.ours, pay_by=PayBy.CARD)
    checkout_id = session.scalars(select(Checkout.id)).one()
    newer = {"amount_minor": 100, "currency": "DKK", "asked_at": clock.now(), "problem": ""}
    session.add(Refund(order_id=another.id, checkout_id=checkout_id, idempotency_key="newer", **newer))
    session.commit()
    monkeypatch.setattr(card_queries, "AT_MOST", 1)

    assert "29,987.50 DKK is on its way back to the card." in owner.page(f"/owner/orders/{closed.id}").text


def test_why_a_refund_failed_is_told_in_words(owner, closed, session) -> None:
    owner.press(f"/owner/orders/{closed.id}/return-money")
    failed = session.scalars(select(Refund)).one()
    for problem, told in (
        ("expired_or_canceled_card", "the card has expired or was cancelled"),
        ("No such", "No such"),
    ):
        failed.failed_at, failed.problem = clock.now(), problem
        session.commit()
        for page in (f"/owner/orders/{closed.id}", "/owner/cards"):
            assert told in owner.page(page).text


def test_without_a_card_nothing_goes_back_to_one(owner, world, session, tokens) -> None:
    open_shop(session, world.ours)
    confirm_address(session, world.ours.buyer.addresses[0])
    placed = order(session, tokens, world.ours)
    session.commit()
    answer = owner.press(f"/owner/orders/{placed.id}/return-money")

    assert answer.status_code == 303
    assert "Nothing is to go back to a card." in check_page("order", owner.get(answer.location)).text


def test_a_card_order_that_was_paid_by_bank_is_not_said_to_give_back_to_a_card(owner, world, session, tokens) -> None:
    open_shop(session, world.ours)
    confirm_address(session, world.ours.buyer.addresses[0])
    placed = order(session, tokens, world.ours, pay_by=PayBy.CARD)
    scope = world.ours.house_scope
    issue_invoice(session, scope=scope, order_id=placed.id, by_id=None)
    came_in = {"amount_minor": placed.total_minor, "paid_on": clock.today("DK"), "reference": "transfer"}
    note_payment(session, scope=scope, order_id=placed.id, kind=PaymentKind.TRANSFER, by_id=None, **came_in)
    session.commit()

    assert "It was paid by transfer" in owner.page(f"/owner/orders/{placed.id}/credit").text


def test_another_houses_card_payments_are_not_shown(browser, world, closed) -> None:
    other = browser().signed_in_as(world.theirs.owner)

    assert "Nothing has to be looked at." in other.page("/owner/cards").text
    assert other.press(f"/owner/orders/{closed.id}/return-money").status_code == 404
