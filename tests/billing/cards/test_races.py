"""News from Stripe, a buyer's press and an owner's at the same moment: one payment, one use given back, right seats."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from elearn.accounts.services import confirm_address
from elearn.billing.card_queries import to_return
from elearn.billing.errors import AlreadyInvoiced, NotForCards, OrderClosed
from elearn.billing.models import Checkout, DiscountCode, Order, OrderState, PayBy, Payment
from elearn.billing.services.checkouts import begin_checkout
from elearn.billing.services.order_answers import cancel_order
from elearn.billing.services.stripe_events import learn_session, receive_event
from elearn.billing.stand_in.account import Account
from elearn.billing.told import event_from, session_from
from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.licensing.models import Licence
from tests.billing.cards.storm import side_in
from tests.billing.shop import add_campaign, open_shop, order
from tests.conftest import settings_in
from tests.world import make_world

pytestmark = pytest.mark.race
ROUNDS = 6


@pytest.fixture
def place(own_database, tmp_path):
    installation = Installation(settings_in(tmp_path / "data"))
    installation.database = own_database
    with own_database.writer() as session:
        world = make_world(session, installation, tmp_path)
        open_shop(session, world.ours)
        confirm_address(session, world.ours.buyer.addresses[0])
        code = add_campaign(session, world.ours, min_seats=None, max_seats=None, max_uses=None)
        code.campaign = None
        session.commit()
    return installation, world.ours


def ordered(place) -> int:
    installation, side = place
    with installation.database.transaction() as session:
        placed = order(
            session, installation.tokens, side_in(session, side), seats=2, code="TESTKOMMUNE", pay_by=PayBy.CARD
        )
        session.flush()
        return placed.id


def at_once(place, *steps) -> list[object]:
    """Take steps at the same moment, each in a transaction of its own; a refusal is a result, too."""
    installation, _side = place
    ready = Barrier(len(steps))

    def take(step) -> object:
        ready.wait()
        try:
            with installation.database.transaction() as session:
                return step(session)
        except (AlreadyInvoiced, OrderClosed, NotForCards) as refused:
            return type(refused)

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(take, steps))


def begun(place, account: Account, order_id: int) -> str:
    """Begin the payment, as the press and Stripe's answer do; returns the session's id."""
    installation, side = place
    with installation.database.transaction() as session:
        placed = session.get_one(Order, order_id)
        checkout = begin_checkout(session, order=placed, by_id=side.buyer.id)
        line = {"quantity": "1", "price_data": {"currency": "dkk", "unit_amount": str(placed.total_minor)}}
        told = account.begin_session(
            {
                "mode": "payment",
                "client_reference_id": checkout.idempotency_key,
                "metadata": {"house": str(placed.course_house_id)},
                "line_items": [line],
                "success_url": "http://localhost/",
            }
        )
        learn_session(session, session_from({**told, "url": None}), at=product_clock.now())
        return str(told["id"])


def cancel(side, order_id: int):
    return lambda session: cancel_order(
        session, scope=side.house_scope, order_id=order_id, reason="Their wish", by_id=side.owner.id
    )


def receive(event):
    return lambda session: receive_event(session, event_from(json.dumps(event)))


def press(side, order_id: int):
    return lambda session: begin_checkout(session, order=session.get_one(Order, order_id), by_id=side.buyer.id).id


def test_presses_at_once_begin_one_payment(place) -> None:
    _installation, side = place
    for _round in range(ROUNDS):
        order_id = ordered(place)
        begun_ids = at_once(place, *[press(side, order_id)] * 4)
        assert len(set(begun_ids)) == 1


def test_an_abandoned_payment_gives_its_use_back_once(place) -> None:
    installation, side = place
    account = Account()
    for _round in range(ROUNDS):
        order_id = ordered(place)
        account.expire(begun(place, account, order_id))
        told = receive(account.events[-1])
        at_once(place, told, told, cancel(side, order_id), told, press(side, order_id))
        with installation.database.reader() as session:
            assert session.get_one(Order, order_id).state is OrderState.CANCELLED
            assert session.scalars(select(DiscountCode.used)).one() == 0


def test_a_payment_and_a_cancellation_at_once_end_in_seats_or_in_money_to_return(place) -> None:
    installation, side = place
    account = Account()
    for round_number in range(ROUNDS):
        order_id = ordered(place)
        account.pay(begun(place, account, order_id))
        told = receive(account.events[-1])
        at_once(place, told, cancel(side, order_id), told, press(side, order_id))
        with installation.database.reader() as session:
            placed = session.get_one(Order, order_id)
            paid = session.scalars(select(Payment.amount_minor).where(Payment.order_id == order_id)).all()
            assert paid == [placed.total_minor]
            returns = {each.order.id for each in to_return(session, side.house_scope)}
            assert (placed.state, order_id in returns) in {
                (OrderState.READY, False),
                (OrderState.CANCELLED, True),
            }, round_number
            licences = session.scalar(select(func.count()).select_from(Licence).where(Licence.id == placed.licence_id))
            assert licences == (placed.state is OrderState.READY)
            assert session.scalar(select(func.count()).select_from(Checkout).where(Checkout.order_id == order_id)) == 1
