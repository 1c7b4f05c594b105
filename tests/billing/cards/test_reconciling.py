"""Comparing notes with Stripe: what lost webhooks missed is taken over once, and then there is no difference."""

from elearn.billing.cli import billing
from elearn.billing.models import OrderState
from elearn.billing.services import stripe_events
from elearn.billing.stripe_asking import reconcile
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.jobs.models import Job
from elearn.jobs.schedule import _tasks
from tests.billing.shop import CODE, add_campaign


def test_lost_webhooks_are_found_once(session, buyer, place, stripe, checkout_of, installation, clock) -> None:
    paid, abandoned, waiting = (place() for _order in range(3))
    for each in (paid, abandoned, waiting):
        buyer.press(f"/orders/{each.id}/pay")
    stripe.account.pay(checkout_of(paid).session_id)
    stripe.account.expire(checkout_of(abandoned).session_id)
    session.commit()

    clock.advance(minutes=4)
    assert reconcile(installation).number == 0, "their webhooks may still be on the way"
    clock.advance(minutes=2)
    found = reconcile(installation)
    session.expire_all()
    assert (len(found.events), found.sessions, found.unmatched) == (2, [], [])
    assert [each.state for each in (paid, abandoned, waiting)] == [
        OrderState.READY,
        OrderState.CANCELLED,
        OrderState.TO_PAY,
    ]
    assert reconcile(installation).number == 0
    noted = session.query(AuditEvent).filter_by(kind="billing.stripe.reconciled").all()
    assert [event.data for event in noted] == [{"events": 2, "sessions": 0, "unmatched": 0}]


def test_a_payment_is_found_without_its_event(session, buyer, place, stripe, checkout_of, installation) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    stripe.account.events.clear()
    session.commit()

    assert reconcile(installation).sessions == [checkout_of(placed).session_id]
    session.expire_all()
    assert placed.state is OrderState.READY
    assert reconcile(installation).number == 0


def test_news_that_is_refused_keeps_no_others_from_being_taken_over(
    session, buyer, place, stripe, checkout_of, installation, clock, monkeypatch
) -> None:
    refused, other = (place() for _order in range(2))
    for each in (refused, other):
        buyer.press(f"/orders/{each.id}/pay")
        stripe.account.pay(checkout_of(each).session_id)
    wrong, note = checkout_of(refused).session_id, stripe_events.note_session

    def refuse_one(session, told, **known):
        if told.id == wrong:
            raise NotFound("no such order")
        return note(session, told, **known)

    monkeypatch.setattr(stripe_events, "note_session", refuse_one)
    session.commit()
    clock.advance(minutes=6)
    found = reconcile(installation)

    session.expire_all()
    assert (len(found.events), found.sessions, found.unmatched) == (1, [], [wrong])
    assert [each.state for each in (refused, other)] == [OrderState.TO_PAY, OrderState.READY]


def test_a_payment_that_stripe_never_answered_about_is_asked_for_again(
    session, buyer, place, stripe, checkout_of, installation
) -> None:
    placed = place()
    stripe.faults.append("lost")
    buyer.press(f"/orders/{placed.id}/pay")
    session.commit()
    reconcile(installation)
    assert checkout_of(placed).session_id == stripe.account.all("checkout.session")[0]["id"]
    assert len(stripe.account.all("checkout.session")) == 1


def test_a_payment_that_stripe_never_knew_is_given_up_after_its_time(
    session, buyer, place, shop, stripe, checkout_of, installation, clock
) -> None:
    add_campaign(session, shop)
    placed = place(seats=100, code=CODE)
    stripe.faults.append("failed before")
    buyer.press(f"/orders/{placed.id}/pay")
    session.commit()
    clock.advance(hours=24)
    assert reconcile(installation).number == 0, "it may have been paid in its last minute"
    clock.advance(hours=2)
    assert reconcile(installation).sessions == [f"checkout {checkout_of(placed).id}"]
    session.expire_all()
    assert placed.state is OrderState.CANCELLED
    assert place(seats=100, code=CODE).campaign_place is not None


def test_money_that_no_order_holds_is_told(session, buyer, place, stripe, checkout_of, installation) -> None:
    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    told = stripe.account.find(checkout_of(placed).session_id, "checkout.session")
    stripe.account.objects["cs_other"] = {**told, "id": "cs_other", "payment_status": "paid", "status": "complete"}
    session.commit()
    assert reconcile(installation).unmatched == ["cs_other"]


def test_lists_of_several_pages_are_read_whole(
    session, buyer, place, stripe, checkout_of, installation, clock, monkeypatch
) -> None:
    monkeypatch.setattr("elearn.billing.stripe_api.PAGE", 2)
    several = [place() for _order in range(5)]
    for each in several:
        buyer.press(f"/orders/{each.id}/pay")
        stripe.account.pay(checkout_of(each).session_id)
    session.commit()
    clock.advance(minutes=6)
    assert len(reconcile(installation).events) == 5
    assert len([path for _method, path, _key in stripe.calls if path.startswith("/v1/events")]) == 3


def test_the_command_prints_the_differences(session, buyer, place, stripe, checkout_of, installation, clock) -> None:
    from click.testing import CliRunner

    placed = place()
    buyer.press(f"/orders/{placed.id}/pay")
    stripe.account.pay(checkout_of(placed).session_id)
    session.commit()
    clock.advance(minutes=6)
    said = [CliRunner().invoke(billing, ["reconcile"], obj=installation).output for _time in range(2)]
    assert said[0].endswith("event whose webhook was lost, handled now\n1 differences\n")
    assert said[1] == "0 differences\n"


def test_every_hour_a_job_compares(installation, session, stripe, run_jobs) -> None:
    _tasks["billing.reconcile_stripe"].run(installation, session)
    assert run_jobs("billing.reconcile_stripe") == 1
    assert session.query(Job).filter_by(name="billing.reconcile_stripe").one().last_error is None
