"""Money back to the card: by credit note, by Stripe's own pages, by an objection; whatever is heard of first."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update

from elearn.billing import card_queries
from elearn.billing.models import Dispute, OrderState, Payment, PaymentKind, Refund, StripeEvent
from elearn.billing.services.invoices import credit_invoice, issue_invoice
from elearn.billing.services.order_answers import cancel_order
from elearn.billing.services.payments import owed, received
from elearn.billing.services.refunds import return_money
from elearn.jobs.models import Job
from tests.billing.cards.test_paying import transfer


@pytest.fixture
def paid(session, buyer, place, stripe, webhook, checkout_of, shop):
    """A paid order of ten seats with its invoice, and its payment's id."""
    placed = place(seats=10)
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    webhook.send_new()
    issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=None)
    session.commit()
    return placed, checkout_of(placed).payment_intent_id


@pytest.fixture
def credit(session, shop):
    def credit(placed, seats, key="form"):
        note = credit_invoice(
            session,
            scope=shop.house_scope,
            order_id=placed.id,
            seats=seats,
            reason="Fewer people",
            form_key=key,
            by_id=shop.owner.id,
        )
        session.commit()
        return note

    return credit


def books(session, placed):
    session.expire_all()
    return sorted(
        session.execute(select(Payment.kind, Payment.amount_minor).where(Payment.order_id == placed.id)).all()
    )


def test_a_credit_note_gives_its_money_back_once(paid, credit, session, stripe, webhook, run_jobs) -> None:
    placed, _intent = paid
    note = credit(placed, 4)
    asked = session.scalars(select(Refund)).one()
    assert (asked.credit_note_id, asked.amount_minor, asked.stripe_id) == (note.id, note.total_minor, None)
    credit(placed, 4)
    assert run_jobs("billing.ask_refund") == 1
    for event in list(stripe.account.events) * 2:
        webhook.send(event)

    assert books(session, placed) == [("card", placed.total_minor), ("refund", -note.total_minor)]
    assert owed(session, placed) == received(session, placed)
    assert len(stripe.account.all("refund")) == 1


@pytest.mark.parametrize("fault", ["lost", "failed before"])
def test_a_refund_whose_answer_was_lost_is_asked_for_with_the_same_key(
    fault, paid, credit, session, stripe, webhook, run_jobs
) -> None:
    placed, _intent = paid
    note = credit(placed, 10)
    stripe.faults.append(fault)
    run_jobs("billing.ask_refund")
    run_jobs("billing.ask_refund")
    webhook.send_new()

    assert len(stripe.account.all("refund")) == 1
    assert books(session, placed) == [("card", placed.total_minor), ("refund", -note.total_minor)]
    assert (placed.state, owed(session, placed)) == (OrderState.CANCELLED, 0)


def test_stripes_no_is_shown_to_the_owner(paid, credit, session, stripe, run_jobs, shop) -> None:
    placed, intent = paid
    stripe.account.refund({"payment_intent": intent, "amount": placed.total_minor})
    note = credit(placed, 4)
    run_jobs("billing.ask_refund")

    refused = card_queries.refunds(session, shop.house_scope)[0]
    assert refused.failed_at is not None
    assert "greater than what is left" in refused.problem
    to_return = card_queries.to_return(session, shop.house_scope)
    assert [(each.order.id, each.amount_minor) for each in to_return] == [(placed.id, note.total_minor)]


def test_no_more_goes_back_to_a_card_than_it_paid(
    session, buyer, place, stripe, webhook, checkout_of, credit, shop
) -> None:
    placed = place(seats=10)
    transfer(session, shop, placed, 1_000_000)
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    webhook.send_new()
    assert books(session, placed) == [("card", placed.total_minor - 1_000_000), ("transfer", 1_000_000)]
    issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=None)
    credit(placed, 10)

    assert session.scalars(select(Refund.amount_minor)).all() == [placed.total_minor - 1_000_000]
    assert [each.amount_minor for each in card_queries.to_return(session, shop.house_scope)] == [1_000_000]


def test_what_two_cards_paid_goes_back_to_both(
    session, buyer, place, stripe, webhook, checkout_of, credit, shop, run_jobs
) -> None:
    placed = place(seats=10)
    transfer(session, shop, placed, 1_000_000)
    buyer.press(f"/orders/{placed.id}/pay")
    transfer(session, shop, placed, -1_000_000, kind=PaymentKind.REPAID)
    for _card in range(2):
        stripe.account.pay(checkout_of(placed).session_id)
        webhook.send_new()
        session.expire_all()
        buyer.press(f"/orders/{placed.id}/pay")
    assert placed.state is OrderState.READY
    issue_invoice(session, scope=shop.house_scope, order_id=placed.id, by_id=None)
    credit(placed, 10)
    assert session.scalars(select(Refund.amount_minor)).all() == [1_000_000]

    rest = return_money(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)
    assert rest is not None, "the first card holds it"
    assert run_jobs("billing.ask_refund") == 2
    webhook.send_new()
    session.expire_all()
    assert (received(session, placed), card_queries.to_return(session, shop.house_scope)) == (0, [])


def test_a_refund_from_stripes_own_pages_waits_for_its_credit_note(
    paid, credit, session, stripe, webhook, run_jobs, shop
) -> None:
    placed, intent = paid
    stripe.account.refund({"payment_intent": intent})
    webhook.send_new()
    begun = card_queries.refunds(session, shop.house_scope)[0]
    assert (begun.credit_note_id, begun.amount_minor) == (None, placed.total_minor)

    note = credit(placed, 10)
    session.expire_all()
    assert begun.credit_note_id == note.id
    assert run_jobs("billing.ask_refund") == 0, "it has gone back already"
    assert len(stripe.account.all("refund")) == 1


def test_no_more_goes_back_than_came_in(paid, credit, session, stripe, webhook, run_jobs) -> None:
    placed, intent = paid
    stripe.account.refund({"payment_intent": intent, "amount": placed.total_minor - 1000})
    webhook.send_new()
    credit(placed, 10)
    assert session.scalars(select(Refund.amount_minor).order_by(Refund.id.desc()).limit(1)).one() == 1000
    run_jobs("billing.ask_refund")
    webhook.send_new()
    session.expire_all()
    assert received(session, placed) == 0


def test_any_order_of_news_ends_the_same(session, buyer, place, stripe, webhook, checkout_of, clock) -> None:
    """Payment, part refund that the bank sends back, objection lost: each order of their six kinds of event."""
    ends = []
    for order_of_news in list(permutations(range(6)))[::103]:
        placed = place(seats=2)
        buyer.press(f"/orders/{placed.id}/pay")
        begun = checkout_of(placed)
        seen = len(stripe.account.events)
        account = stripe.account
        account.pay(begun.session_id)
        intent = account.find(begun.session_id, "checkout.session")["payment_intent"]
        clock.advance(minutes=1)
        account.fail_refund(account.refund({"payment_intent": intent, "amount": 1000})["id"])
        clock.advance(minutes=1)
        account.close_dispute(account.dispute(intent)["id"], is_won=False)
        news = account.events[seen:]
        assert len(news) == 6
        for number in order_of_news:
            assert webhook.send(news[number]) == 204
        session.expire_all()
        refund = session.scalars(select(Refund).where(Refund.order_id == placed.id)).one()
        dispute = session.scalars(select(Dispute).where(Dispute.order_id == placed.id)).one()
        ends.append(
            (
                placed.state,
                placed.paid_at is not None,
                refund.succeeded_at - begun.begun_at,
                refund.failed_at - begun.begun_at,
                refund.problem,
                dispute.closed_at - dispute.opened_at,
                dispute.won,
                books(session, placed),
            )
        )
    assert len(ends) == 7
    assert all(end == ends[0] for end in ends)
    assert ends[0][0] is OrderState.READY
    assert {outcome for (outcome,) in session.execute(select(StripeEvent.outcome))} == {"handled"}


def test_news_of_a_refund_before_its_payment_waits(
    session, buyer, place, stripe, webhook, checkout_of, installation
) -> None:
    from elearn.billing.services.stripe_events import waited_for

    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    intent = stripe.account.find(checkout_of(placed).session_id, "checkout.session")["payment_intent"]
    stripe.account.refund({"payment_intent": intent, "amount": 500})
    completed, *others = stripe.account.events
    for event in others:
        webhook.send(event)
    session.expire_all()
    assert session.scalars(select(StripeEvent.outcome)).all() == [f"waits {intent}"] * 2
    assert waited_for(session) == []

    webhook.send(completed)
    assert books(session, placed) == [("card", placed.total_minor), ("refund", -500)]


def test_a_payment_is_booked_though_the_words_of_what_waited_for_it_are_gone(
    session, buyer, place, stripe, webhook, checkout_of
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    intent = stripe.account.find(checkout_of(placed).session_id, "checkout.session")["payment_intent"]
    stripe.account.refund({"payment_intent": intent, "amount": 500})
    completed, *others = stripe.account.events
    for event in others:
        webhook.send(event)
    session.execute(update(StripeEvent).values(payload=""))
    session.commit()

    assert webhook.send(completed) == 204
    session.expire_all()
    assert placed.paid_at is not None


def test_nothing_goes_back_before_a_payment_that_takes_days_has_come(
    session, buyer, place, stripe, webhook, checkout_of
) -> None:
    """Booked first, the refund would leave the order short of its sum, and never paid."""
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    number = checkout_of(placed).session_id
    intent = stripe.account.pay(number, takes_days=True)["payment_intent"]
    stripe.account.settle(number)
    stripe.account.refund({"payment_intent": intent, "amount": 500})
    completed, arrived, refunded, charge = stripe.account.events
    for event in (completed, refunded, charge, arrived):
        webhook.send(event)
    assert books(session, placed) == [("card", placed.total_minor), ("refund", -500)]
    assert placed.state is OrderState.READY


def test_news_that_missed_each_other_meet_soon(
    session, buyer, place, stripe, webhook, checkout_of, run_jobs, monkeypatch
) -> None:
    """Two processes at the same moment: neither sees the other's row yet."""
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    intent = stripe.account.find(checkout_of(placed).session_id, "checkout.session")["payment_intent"]
    stripe.account.refund({"payment_intent": intent, "amount": 500})
    completed, refunded, _charge = stripe.account.events
    webhook.send(refunded)
    assert run_jobs("billing.handle_waiting") == 1
    assert run_jobs("billing.handle_waiting") == 0, "it waits without being asked again"
    with monkeypatch.context() as blind:
        blind.setattr("elearn.billing.services.stripe_events.handle_waiting", lambda *_seen: None)
        webhook.send(completed)
    assert books(session, placed) == [("card", placed.total_minor)]
    session.execute(update(Job).where(Job.name == "billing.handle_waiting").values(done_at=None))
    assert run_jobs("billing.handle_waiting") == 1
    assert books(session, placed) == [("card", placed.total_minor), ("refund", -500)]


def test_refunds_that_only_the_charge_tells_of_are_fetched(paid, session, stripe, webhook, run_jobs, clock) -> None:
    placed, intent = paid
    stripe.account.refund({"payment_intent": intent, "amount": 700})
    charge = stripe.account.events[-1]
    assert charge["type"] == "charge.refunded"
    webhook.send(charge)
    clock.advance(minutes=2)
    assert run_jobs("billing.fetch_refunds") == 1
    assert books(session, placed)[1:] == [("refund", -700)]
    before = session.scalars(select(Refund.succeeded_at)).one()
    webhook.send_new()
    told_at = datetime.fromtimestamp(stripe.account.events[-2]["created"], UTC)
    session.expire_all()
    assert session.scalars(select(Refund.succeeded_at)).one() == told_at < before, "the event's own moment counts"


def test_a_refund_that_claims_to_be_ours_must_be_what_was_asked(paid, credit, session, stripe, webhook, shop) -> None:
    placed, intent = paid
    credit(placed, 4)
    key = session.scalars(select(Refund.idempotency_key)).one()
    stripe.account.refund({"payment_intent": intent, "amount": 1, "metadata": {"refund": key}})
    webhook.send_new()
    session.expire_all()
    assert [each.outcome for each in card_queries.set_aside(session, shop.house_scope)] == ["other-refund"]
    assert books(session, placed) == [("card", placed.total_minor)]


def test_an_objection_is_shown_and_one_that_was_won_costs_nothing(paid, session, stripe, webhook, shop, world) -> None:
    placed, intent = paid
    opened = stripe.account.dispute(intent)
    webhook.send_new()
    shown = card_queries.disputes(session, shop.house_scope)
    assert [(each.order_id, each.closed_at, each.won) for each in shown] == [(placed.id, None, None)]
    assert card_queries.disputes(session, world.theirs.house_scope) == []
    stripe.account.close_dispute(opened["id"], is_won=True)
    webhook.send_new()
    assert books(session, placed) == [("card", placed.total_minor)]


def test_an_objection_lost_in_another_currency_is_set_aside_and_not_booked(
    paid, session, stripe, webhook, shop
) -> None:
    placed, intent = paid
    opened = stripe.account.dispute(intent)
    stripe.account.close_dispute(opened["id"], is_won=False)
    for event in list(stripe.account.events):
        if event["type"].startswith("charge.dispute"):
            event["data"]["object"]["currency"] = "eur"
    webhook.send_new()

    assert books(session, placed) == [("card", placed.total_minor)]
    assert [each.outcome for each in card_queries.set_aside(session, shop.house_scope)] == ["other-dispute"]
    assert [each.currency for each in card_queries.disputes(session, shop.house_scope)] == ["EUR"]


def test_money_for_a_closed_order_is_returned_by_a_press(
    session, buyer, place, stripe, webhook, checkout_of, shop, run_jobs
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    cancel_order(session, scope=shop.house_scope, order_id=placed.id, reason="Too late", by_id=shop.owner.id)
    session.commit()
    webhook.send_new()
    assert [each.order.id for each in card_queries.to_return(session, shop.house_scope)] == [placed.id]

    for _press in range(2):
        return_money(session, scope=shop.house_scope, order_id=placed.id, by_id=shop.owner.id)
    assert card_queries.to_return(session, shop.house_scope) == []
    assert run_jobs("billing.ask_refund") == 1
    webhook.send_new()
    assert books(session, placed) == [("card", placed.total_minor), ("refund", -placed.total_minor)]
    assert placed.state is OrderState.CANCELLED


def test_paid_for_more_seats_of_a_licence_that_has_ended(
    session, buyer, place, stripe, webhook, checkout_of, shop, clock
) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    placed.adds_to_id = shop.licence.id
    shop.licence.ends_on = (clock() - timedelta(days=1)).date()
    session.merge(shop.licence)
    session.commit()
    stripe.account.pay(checkout_of(placed).session_id)
    webhook.send_new()
    session.expire_all()
    assert books(session, placed) == [("card", placed.total_minor)], "the money is in the books all the same"
    assert (placed.paid_at is not None, placed.seats_given_at) == (True, None)
    assert card_queries.paid_without_seats(session, shop.house_scope) == [placed]
