"""An order's own pages let a buyer in as the console does: by a fresh sign-in, and by their second factor."""

import pytest
from sqlalchemy import select

from elearn.accounts.services import confirm_address
from elearn.billing.models import Order, OrderState
from elearn.billing.services.order_answers import accept_order
from tests.billing.buying.steps import COURSE, ordered
from tests.billing.shop import open_shop
from tests.billing.shop import order as place
from tests.client import PageClient
from tests.conftest import TestClock
from tests.world import add_app, app_code, latest_token


def accepted(session, installation, world, *, by) -> Order:
    """Return an order of our municipality that somebody has placed and our house has accepted."""
    open_shop(session, world.ours)
    placed = place(session, installation.tokens, world.ours, person=by)
    placed.person, placed.confirmed_at = by, placed.placed_at
    accept_order(session, scope=world.ours.house_scope, order_id=placed.id, trust_domain=False, by_id=None)
    session.commit()
    return placed


@pytest.fixture
def order(session, installation, world) -> Order:
    """An order that a colleague of the buyer has placed."""
    return accepted(session, installation, world, by=world.ours.leader)


@pytest.fixture
def half(session, installation, world, browser) -> PageClient:
    """The browser of a buyer who has an app, after the first door alone: a stolen password opens as much."""
    add_app(session, installation, world.ours.buyer)
    session.commit()
    return browser().signed_in_as(world.ours.buyer, second_factor=False)


def test_a_buyers_first_door_alone_opens_no_order(half: PageClient, session, order: Order) -> None:
    path = f"/orders/{order.id}"

    assert half.get(path).location == f"/sign-in/second-step?next={path}"
    assert half.press(f"{path}/cancel").location == f"/sign-in/second-step?next={path}"
    assert half.press(f"{path}/pay").location == f"/sign-in/second-step?next={path}"
    assert half.get(f"{path}/invoices/1/xml").status_code == 303
    session.refresh(order)
    assert order.state is OrderState.READY

    assert half.press("/sign-in/second-step", code=app_code(), next=path).location == path
    half.page(path)
    assert half.press(f"{path}/cancel").status_code == 303
    session.refresh(order)
    assert order.state is OrderState.CANCELLED


def test_a_buyers_old_sign_in_opens_no_order(browser, session, world, order: Order, clock: TestClock) -> None:
    buyer = browser().signed_in_as(world.ours.buyer)
    buyer.page(f"/orders/{order.id}")

    clock.advance(hours=13)

    assert buyer.get(f"/orders/{order.id}").location == f"/sign-in?next=/orders/{order.id}"
    assert buyer.press(f"/orders/{order.id}/cancel").location == f"/sign-in?next=/orders/{order.id}"
    session.refresh(order)
    assert order.state is OrderState.READY


def test_an_order_of_ones_own_is_read_by_any_door_and_cancelled_as_a_buyer(
    session, installation, world, half: PageClient
) -> None:
    own = accepted(session, installation, world, by=world.ours.buyer)

    assert "Cancel" in half.page(f"/orders/{own.id}").text
    assert half.press(f"/orders/{own.id}/cancel").location == f"/sign-in/second-step?next=/orders/{own.id}"
    session.refresh(own)
    assert own.state is OrderState.READY


def test_a_buyers_first_door_alone_orders_nothing_without_a_letter(
    session, installation, world, half: PageClient
) -> None:
    open_shop(session, world.ours)
    confirm_address(session, world.ours.buyer.addresses[0])
    session.commit()
    place_, who = world.ours.municipality.official_name, world.ours.buyer.address
    asked = f"{COURSE}/order?seats=10&months=12&municipality={place_}"

    assert ordered(half, asked, municipality=place_, email=who, code="").location == "/orders/sent"
    order = session.scalars(select(Order)).one()
    assert order.state is OrderState.UNCONFIRMED
    assert half.press(f"/orders/confirm/{latest_token(session, installation)}").status_code == 303
    session.refresh(order)
    assert order.state is OrderState.READY

    half.signed_in_as(world.ours.buyer)
    assert ordered(half, asked, municipality=place_, email=who, code="").location == f"/orders/{order.id + 1}"
