"""A buyer pays by card at the stand-in: declined once, left once, then paid; seats are there, and money goes back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from elearn.billing.models import Order, Payment
from elearn.billing.services.invoices import credit_invoice
from elearn.billing.stand_in.server import WEBHOOK_PATH, Sender
from tests.billing.shop import CODE, add_campaign, open_shop
from tests.peers.stripe_server import SECRET, StripeServer, stripe_server
from tests.walks.conftest import Site, site_in
from tests.walks.looking import Look
from tests.walks.pages import sign_in

pytestmark = pytest.mark.walk
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def stripe(clock) -> Iterator[StripeServer]:
    with stripe_server(now=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
def site(databases, real_film, tmp_path, clock, stripe) -> Iterator[Site]:
    with site_in(tmp_path, databases, real_film, clock, **stripe.settings) as site:
        hook = Sender(f"{site.url}{WEBHOOK_PATH}", SECRET, now=lambda: clock().timestamp())
        stripe.account.listeners.append(hook.send)
        with site.installation.database.transaction() as session:
            open_shop(session, site.world.ours)
            add_campaign(session, site.world.ours)
        yield site
        hook.wait_until_sent()


def order_by_card(page: Page, site: Site) -> None:
    sign_in(page, site, "buyer@ours.example")
    page.goto(f"{site.url}/courses/hard-talks")
    panel = page.locator("#price")
    panel.get_by_label("Seats").fill("100")
    panel.get_by_label("Discount code").fill(CODE)
    panel.get_by_role("button", name="Order").click()
    page.get_by_label("Card", exact=True).check()
    page.get_by_label("We promise this on behalf of").check()
    page.get_by_role("button", name="Read the order").click()
    expect(page.get_by_text("74,968.75", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Order with obligation to pay").click()
    expect(page.get_by_role("heading", name="Waits for the payment")).to_be_visible()


WITHOUT = pytest.param({"java_script_enabled": False}, marks=pytest.mark.looks)


@pytest.mark.parametrize("screen", [PHONE, WITHOUT], ids=["phone", "without-javascript"])
def test_from_the_order_to_the_card_and_back(site, device, stripe, screen):
    page = device(**screen)
    order_by_card(page, site)

    page.get_by_role("button", name="Pay by card").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    expect(page.get_by_text("74,968.75 DKK", exact=True)).to_be_visible()
    page.get_by_role("button", name="Let the card be declined").click()
    expect(page.get_by_role("alert")).to_have_text("The card was declined. Nothing was charged.")
    page.get_by_role("button", name="Go back without paying").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You have not paid")

    page.get_by_role("button", name="Pay by card").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Paid")
    expect(page.get_by_text("74,968.75 DKK", exact=True)).to_be_visible()
    page.get_by_role("link", name="See the order").click()
    expect(page.get_by_role("heading", name="The seats are ready")).to_be_visible()
    assert len(stripe.account.all("checkout.session")) == 1

    site.run_jobs()
    with site.installation.database.transaction() as session:
        order = session.scalars(select(Order)).one()
        owner = site.world.ours.owner
        scope = site.world.ours.house_scope
        credit_invoice(
            session, scope=scope, order_id=order.id, seats=100, reason="Too many", form_key="c", by_id=owner.id
        )
    site.run_jobs()
    with site.installation.database.reader() as session:
        assert session.scalars(select(Payment.amount_minor).order_by(Payment.id)).all() == [7_496_875, -7_496_875]
    page.reload()
    expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()


@pytest.mark.looks
def test_the_pages_about_a_payment_in_each_of_its_states(site, device, stripe):
    look = Look(device(**PHONE))
    page = look.page
    order_by_card(page, site)
    order_url = page.url
    stripe.faults.append("failed before")
    page.get_by_role("button", name="Pay by card").click()

    def stands(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert look.faults() + look.too_wide() == []

    expect(page.get_by_text("Nothing has been charged, and trying again is safe.")).to_be_visible()
    stands("Pay by card")
    page.goto(f"{order_url}/card/left")
    stands("You have not paid")
    page.goto(f"{order_url}/card/done")
    stands("We are waiting for the payment")
    site.clock.advance(minutes=1)
    site.run_jobs()
    number = stripe.account.all("checkout.session")[0]["id"]
    stripe.account.pay(number, takes_days=True)
    stripe.account.settle(number, has_failed=True)
    stands("Nothing has been paid")  # the page has looked again by itself
    page.get_by_role("button", name="Pay by card").click()
    page.wait_for_url(f"{stripe.url}/pay/*")
    stripe.account.expire(page.url.rpartition("/")[2])
    look.heard.clear()  # the way to Stripe's page asks another host, as it must
    page.goto(f"{order_url}/card/done")
    stands("The order is closed")
