"""Orders by card that wait for their money: what closes them, and what leaves them open."""

import pytest

from elearn.billing.models import OrderState, PayBy, PaymentKind
from elearn.billing.services.checkouts import begin_checkout
from elearn.billing.services.invoices import issue_invoice
from elearn.billing.services.order_answers import close_unpaid_orders
from elearn.billing.services.payments import note_payment
from tests.billing.shop import CODE, add_campaign, order, used


def test_card_orders_get_their_seats_when_paid(shop, session, tokens) -> None:
    placed = order(session, tokens, shop, pay_by=PayBy.CARD, buyer_reference="", gln="")

    assert (placed.state, placed.licence) == (OrderState.TO_PAY, None)


def test_an_unpaid_card_order_that_has_its_invoice_waits_for_a_credit_note(shop, session, tokens, clock) -> None:
    by_card = order(session, tokens, shop, pay_by=PayBy.CARD)
    issue_invoice(session, scope=shop.house_scope, order_id=by_card.id, by_id=shop.owner.id)
    clock.advance(days=15)

    assert close_unpaid_orders(session) == 0
    assert by_card.is_open


def test_card_orders_that_nobody_pays_are_cancelled_after_two_weeks(shop, session, tokens, clock) -> None:
    add_campaign(session, shop)
    by_card = order(session, tokens, shop, seats=100, code=CODE, pay_by=PayBy.CARD)
    by_invoice = order(session, tokens, shop)
    clock.advance(days=14)
    assert close_unpaid_orders(session) == 0
    clock.advance(seconds=1)

    assert [close_unpaid_orders(session) for _round in range(2)] == [1, 0]
    assert (by_card.state, by_invoice.state) == (OrderState.CANCELLED, OrderState.READY)
    assert used(session) == 0
    assert order(session, tokens, shop, seats=100, code=CODE).campaign_place.name == "Region Midtjylland"


@pytest.mark.parametrize("amounts", [[1], [100, -100]], ids=["a part came", "it went back again"])
def test_a_card_order_into_which_money_came_is_left_to_the_owner(shop, session, tokens, clock, amounts) -> None:
    by_card = order(session, tokens, shop, pay_by=PayBy.CARD)
    for number, amount in enumerate(amounts):
        note_payment(
            session,
            scope=shop.house_scope,
            order_id=by_card.id,
            kind=PaymentKind.TRANSFER if amount > 0 else PaymentKind.REPAID,
            amount_minor=amount,
            paid_on=clock.time.date(),
            reference=f"part-{number}",
            by_id=shop.owner.id,
        )
    clock.advance(days=15)

    assert close_unpaid_orders(session) == 0
    assert by_card.is_open


def test_a_card_order_whose_payment_is_open_is_left_alone(shop, session, tokens, clock) -> None:
    by_card = order(session, tokens, shop, pay_by=PayBy.CARD)
    clock.advance(days=15)
    begin_checkout(session, order=by_card, by_id=shop.buyer.id)

    assert close_unpaid_orders(session) == 0
    assert by_card.is_open
