"""Paying by card: one payment at a time, the order's own amount, and what becomes of it when the browser is gone."""

from copy import deepcopy
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from elearn.billing.card_queries import to_return
from elearn.billing.errors import NotForCards
from elearn.billing.models import Checkout, OrderState, Payment, PaymentKind
from elearn.billing.services.invoices import credit_invoice, issue_invoice
from elearn.billing.services.order_answers import cancel_order
from elearn.billing.services.payments import note_payment
from elearn.core import clock
from elearn.jobs.models import Job
from elearn.licensing.models import Seat
from elearn.mail.models import Letter
from tests.billing.shop import CODE, add_campaign, order, used


def seats_of(session, placed) -> int:
    return session.scalar(select(func.count()).select_from(Seat).where(Seat.licence_id == placed.licence_id))


def payments(session):
    return [tuple(row) for row in session.execute(select(Payment.kind, Payment.amount_minor).order_by(Payment.id))]


def transfer(session, shop, placed, amount, kind=PaymentKind.TRANSFER):
    note_payment(
        session,
        scope=shop.house_scope,
        order_id=placed.id,
        kind=kind,
        amount_minor=amount,
        paid_on=clock.today("DK"),
        reference=f"hand:{kind}",
        by_id=shop.owner.id,
    )
    session.commit()


def test_the_offer_paid_by_card_to_the_oere(buyer, place, shop, session, stripe, webhook, checkout_of) -> None:
    add_campaign(session, shop)
    placed = place(seats=100, code=CODE)
    assert placed.state is OrderState.TO_PAY

    assert buyer.press(f"/orders/{placed.id}/pay").location == f"/orders/{placed.id}/card"
    page = buyer.page(f"/orders/{placed.id}/card")
    begun = checkout_of(placed)
    told = stripe.account.find(begun.session_id, "checkout.session")
    assert (told["amount_total"], told["currency"], placed.total_minor) == (7_496_875, "dkk", 7_496_875)
    assert [line["price_data"]["unit_amount"] for line in told["line_items"]] == ["7496875"]
    assert page.find("meta", {"http-equiv": "refresh"})["content"] == f"0; url={begun.url}"
    assert placed.state is OrderState.TO_PAY

    stripe.account.pay(begun.session_id)
    waiting = buyer.get(f"/orders/{placed.id}/card/done")
    assert "We are waiting for the payment" in waiting.text
    assert waiting.headers["Refresh"] == f"3; url=/orders/{placed.id}/card/done?looks=1"

    webhook.send_new()
    session.expire_all()
    assert (placed.state, seats_of(session, placed)) == (OrderState.READY, 100)
    assert payments(session) == [("card", 7_496_875)]
    done = buyer.get(f"/orders/{placed.id}/card/done")
    assert "74,968.75 DKK" in done.text
    assert "Refresh" not in done.headers
    assert used(session) == 1


def test_pressing_twice_asks_for_one_payment(buyer, place, session, stripe, checkout_of) -> None:
    placed = place()
    for _press in range(3):
        assert buyer.press(f"/orders/{placed.id}/pay").status_code == 303

    assert session.scalar(select(func.count()).select_from(Checkout)) == 1
    assert len(stripe.account.all("checkout.session")) == 1
    asked = [key for method, path, key in stripe.calls if method == "POST" and path == "/v1/checkout/sessions"]
    assert asked == [checkout_of(placed).idempotency_key]


@pytest.mark.parametrize("fault", ["lost", "failed before", "failed after"])
def test_an_answer_that_never_came_is_asked_for_with_the_same_key(
    fault, buyer, place, stripe, run_jobs, checkout_of
) -> None:
    placed = place()
    stripe.faults.append(fault)
    buyer.press(f"/orders/{placed.id}/pay")
    page = buyer.get(f"/orders/{placed.id}/card")
    assert "Nothing has been charged" in page.text
    assert page.headers["Refresh"].startswith("3;")
    assert checkout_of(placed).session_id is None

    assert run_jobs("billing.ask_checkout") == 1

    assert checkout_of(placed).session_id is not None
    assert len(stripe.account.all("checkout.session")) == 1, "one payment, however often it is asked for"
    assert len({key for method, _path, key in stripe.calls if method == "POST"}) == 1


def test_the_browser_never_returns_and_the_seats_are_there(buyer, place, session, stripe, webhook, checkout_of) -> None:
    placed = place(seats=3)
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    webhook.send_new()

    session.expire_all()
    assert (placed.state, seats_of(session, placed)) == (OrderState.READY, 3)
    letters = session.scalars(select(Letter.kind).order_by(Letter.id)).all()
    assert letters.count("billing/seats_ready") == 1
    assert placed.invoice_wanted


def test_the_webhook_may_come_before_the_answer(buyer, place, session, stripe, webhook, checkout_of) -> None:
    placed = place()
    stripe.faults.append("lost")
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(stripe.account.all("checkout.session")[0]["id"])

    webhook.send_new()

    session.expire_all()
    assert placed.state is OrderState.READY
    assert checkout_of(placed).session_id == stripe.account.all("checkout.session")[0]["id"]


def test_an_abandoned_payment_closes_the_order_and_gives_the_use_back_once(
    buyer, place, shop, session, clock, stripe, webhook, checkout_of
) -> None:
    add_campaign(session, shop)
    placed = place(seats=100, code=CODE)
    buyer.press(f"/orders/{placed.id}/pay")
    assert "You have not paid" in buyer.get(f"/orders/{placed.id}/card/left").text
    assert used(session) == 1

    clock.advance(hours=23, minutes=1)
    assert stripe.account.all("checkout.session")[0]["status"] == "expired"
    for event in stripe.account.events * 3:
        assert webhook.send(event) == 204

    session.expire_all()
    assert (placed.state, used(session)) == (OrderState.CANCELLED, 0)
    assert placed.closed_reason == "The payment by card was not completed in time."
    assert place(seats=100, code=CODE).campaign_place is not None, "place and use are free again"
    assert checkout_of(placed).expired_at is not None


def test_an_invoiced_order_outlives_an_abandoned_payment(
    buyer, place, shop, session, clock, stripe, webhook, checkout_of
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)
    session.commit()

    clock.advance(hours=23, minutes=1)
    assert stripe.account.all("checkout.session")[0]["status"] == "expired"
    webhook.send_new()

    assert checkout_of(placed).expired_at is not None
    assert placed.is_open, "the buyer owes what the invoice says until a credit note takes it back"
    left = buyer.get(f"/orders/{placed.id}/card/left").text
    assert "You have not paid" in left
    assert "then it is closed" not in left


@pytest.mark.parametrize("faults", [[], ["lost"]])
def test_what_was_credited_is_not_charged(
    faults, buyer, place, shop, session, stripe, webhook, run_jobs, checkout_of
) -> None:
    placed = place(seats=10)
    stripe.faults += faults
    buyer.press(f"/orders/{placed.id}/pay")
    issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)
    credit = {"seats": 4, "reason": "Fewer people", "form_key": "form", "by_id": shop.owner.id}
    credit_invoice(session, scope=shop.house_scope, order_id=placed.id, **credit)
    run_jobs("billing.end_checkout")
    run_jobs("billing.ask_checkout")
    webhook.send_new()
    assert checkout_of(placed).expired_at is not None, "it asked for more than is left"

    assert "17,992.50 DKK" in buyer.get(f"/orders/{placed.id}/card/left").text
    buyer.press(f"/orders/{placed.id}/pay")
    assert "17,992.50 DKK" in buyer.get(f"/orders/{placed.id}/card").text
    stripe.account.pay(checkout_of(placed).session_id)
    webhook.send_new()
    session.expire_all()
    assert (placed.state, seats_of(session, placed)) == (OrderState.READY, 6)
    assert payments(session) == [("card", 1_799_250)]


@pytest.mark.parametrize("faults", [[], ["lost"]])
def test_what_came_in_while_a_payment_was_open_is_not_charged_again(
    faults, buyer, place, shop, session, stripe, webhook, run_jobs, checkout_of
) -> None:
    placed = place(seats=10)
    stripe.faults += faults
    buyer.press(f"/orders/{placed.id}/pay")
    transfer(session, shop, placed, 1_000_000)
    run_jobs("billing.end_checkout")
    run_jobs("billing.ask_checkout")
    webhook.send_new()
    assert checkout_of(placed).expired_at is not None, "it asked for more than is left"
    assert placed.is_open, "part of it is paid"

    buyer.press(f"/orders/{placed.id}/pay")
    assert checkout_of(placed).amount_minor == placed.total_minor - 1_000_000
    stripe.account.pay(checkout_of(placed).session_id)
    webhook.send_new()
    session.expire_all()
    assert placed.state is OrderState.READY
    assert to_return(session, shop.house_scope) == []


def test_who_waited_for_a_card_reads_what_was_paid_by_bank(buyer, place, shop, session) -> None:
    placed = place(seats=10)
    buyer.press(f"/orders/{placed.id}/pay")
    issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)
    credit = {"seats": 4, "reason": "Fewer people", "form_key": "form", "by_id": shop.owner.id}
    credit_invoice(session, scope=shop.house_scope, order_id=placed.id, **credit)
    transfer(session, shop, placed, 1_799_250)
    assert "17,992.50 DKK" in buyer.get(f"/orders/{placed.id}/card/done").text


def test_no_more_is_charged_than_the_order_comes_to(buyer, place, shop, session, checkout_of) -> None:
    placed = place(seats=10)
    transfer(session, shop, placed, -1_000_000, kind=PaymentKind.REPAID)
    buyer.press(f"/orders/{placed.id}/pay")
    assert checkout_of(placed).amount_minor == placed.total_minor


def test_an_order_that_was_paid_by_bank_cannot_be_paid_by_card_as_well(
    buyer, place, shop, session, stripe, run_jobs, checkout_of
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    transfer(session, shop, placed, placed.total_minor)

    assert run_jobs("billing.end_checkout") == 1
    assert stripe.account.find(checkout_of(placed).session_id, "checkout.session")["status"] == "expired"
    assert placed.state is OrderState.READY


def test_a_payment_that_took_days_and_failed_can_be_tried_again(
    buyer, place, session, stripe, webhook, checkout_of
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    first = checkout_of(placed)
    stripe.account.pay(first.session_id, takes_days=True)
    webhook.send_new()
    assert placed.state is OrderState.TO_PAY
    buyer.press(f"/orders/{placed.id}/pay")
    assert checkout_of(placed).id == first.id, "the money may still come"

    stripe.account.settle(first.session_id, has_failed=True)
    webhook.send_new()
    assert "You can try again" in buyer.get(f"/orders/{placed.id}/card/done").text
    buyer.press(f"/orders/{placed.id}/pay")
    second = checkout_of(placed)
    assert second.id != first.id
    stripe.account.pay(second.session_id, takes_days=True)
    stripe.account.settle(second.session_id)
    webhook.send_new()
    session.expire_all()
    assert (placed.state, payments(session)) == (OrderState.READY, [("card", placed.total_minor)])


def test_an_order_whose_second_payment_is_open_is_not_closed_by_news_of_the_first(
    buyer, place, session, stripe, webhook, checkout_of
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    first = checkout_of(placed).session_id
    stripe.account.pay(first, takes_days=True)
    stripe.account.settle(first, has_failed=True)
    webhook.send_new()
    buyer.press(f"/orders/{placed.id}/pay")
    second = checkout_of(placed).session_id
    late = deepcopy(stripe.account.events[-1]) | {"id": "evt_late", "type": "checkout.session.expired"}
    late["data"]["object"]["status"] = "expired"

    assert webhook.send(late) == 204
    session.expire_all()
    assert placed.state is OrderState.TO_PAY
    stripe.account.pay(second)
    webhook.send_new()
    session.expire_all()
    assert placed.state is OrderState.READY


def test_cancelling_ends_the_payment_and_money_that_came_all_the_same_is_to_be_returned(
    buyer, place, shop, session, stripe, webhook, run_jobs, checkout_of
) -> None:
    placed, other = place(), place()
    for each in (placed, other):
        buyer.press(f"/orders/{each.id}/pay")
        cancel_order(session, scope=shop.house_scope, order_id=each.id, reason="Their wish", by_id=shop.owner.id)
    session.commit()
    paid = checkout_of(other).session_id
    stripe.account.pay(paid)
    assert run_jobs("billing.end_checkout") == 2
    done = select(Job.last_error).where(Job.name == "billing.end_checkout", Job.done_at.is_not(None))
    assert session.scalars(done).all() == [None, None], "a payment that is over already cannot be ended, and tells so"
    webhook.send_new()

    assert stripe.account.find(checkout_of(placed).session_id, "checkout.session")["status"] == "expired"
    assert (other.state, other.licence_id) == (OrderState.CANCELLED, None)
    assert [(each.order.id, each.amount_minor) for each in to_return(session, shop.house_scope)] == [
        (other.id, other.total_minor)
    ]
    assert "If money was taken" in buyer.get(f"/orders/{other.id}/card/done").text


def test_stripes_pages_are_not_for_others_orders(browser, world, place, buyer) -> None:
    placed = place()
    for person in (world.theirs.buyer, world.ours.learner):
        stranger = browser().signed_in_as(person)
        assert stranger.press(f"/orders/{placed.id}/pay").status_code == 404
        assert stranger.get(f"/orders/{placed.id}/card").status_code == 404
    assert browser().get(f"/orders/{placed.id}/card").status_code == 303


def test_without_a_card_to_charge_nothing_is_begun(buyer, session, tokens, shop, stripe) -> None:
    placed = order(session, tokens, shop)
    session.commit()
    answer = buyer.press(f"/orders/{placed.id}/pay")
    assert answer.location == f"/orders/{placed.id}"
    assert stripe.calls == []


def test_a_waiting_page_looks_again_by_itself_for_two_minutes(buyer, place, stripe, checkout_of) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    assert "Refresh" in buyer.get(f"/orders/{placed.id}/card/done?looks=39").headers
    assert "Refresh" not in buyer.get(f"/orders/{placed.id}/card/done?looks=40").headers
    assert "Look again now" in str(buyer.page(f"/orders/{placed.id}/card/done?looks=40"))


def test_an_open_payment_expires_after_stripes_time(place, buyer, checkout_of) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    begun = checkout_of(placed)
    assert begun.expires_at - begun.begun_at == timedelta(hours=23)


def test_what_no_card_can_pay_goes_by_invoice(shop, session, tokens, place) -> None:
    with pytest.raises(NotForCards):
        place(seats=334)  # 1,001,582.50 with VAT
    assert place(seats=333).total_minor == 99_858_375
