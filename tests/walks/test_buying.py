"""A stranger buys seats: price, code, quote, order on an EAN number, the letter's button; the seats are there."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from elearn.billing.models import Order
from elearn.billing.services.order_answers import accept_order
from tests.billing.shop import CODE, add_campaign, open_shop
from tests.walks.conftest import Site
from tests.walks.pages import link_in

pytestmark = pytest.mark.walk
PHONE = {"width": 390, "height": 844}
OFFER = ("59,975.00", "14,993.75", "74,968.75")
ADDRESS = "bo@skanderborg.example"


@pytest.fixture
def shop(site: Site) -> Site:
    with site.installation.database.transaction() as session:
        ours = site.world.ours
        open_shop(session, ours, terms="Paid within 30 days.")
        campaign = add_campaign(session, ours).campaign
        assert campaign is not None
        campaign.is_public = True
    return site


def tells_the_offer(page: Page, place: str = "main") -> None:
    for figure in OFFER:
        expect(page.locator(place).get_by_text(figure, exact=True).first).to_be_visible()


def order_on_ean(page: Page) -> None:
    """Fill in the order form with one mistake, mend it, read everything and press."""
    page.get_by_label("EAN number").fill("579000133055")
    page.get_by_label("Your reference").fill("BOBE")
    page.get_by_label("We promise this on behalf of Skanderborg Kommune").check()
    page.get_by_role("button", name="Read the order").click()
    expect(page.get_by_role("alert")).to_contain_text("The EAN number has 12 digits. It needs 13.")
    page.get_by_label("EAN number").fill("5790001330552")
    page.get_by_role("button", name="Read the order").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
    tells_the_offer(page)
    page.get_by_role("button", name="Send me the email").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("An email is on its way")


def confirm_and_accept(page: Page, site: Site) -> None:
    page.goto(link_in(site.letter_to(ADDRESS)))
    tells_the_offer(page)
    page.get_by_role("button", name="Order with obligation to pay").click()
    expect(page.get_by_role("heading", name="Waits for the course house")).to_be_visible()
    with site.installation.database.transaction() as session:
        order = session.scalars(select(Order).where(Order.email == ADDRESS)).one()
        accept_order(
            session,
            scope=site.world.ours.house_scope,
            order_id=order.id,
            trust_domain=False,
            by_id=site.world.ours.owner.id,
        )
    page.reload()
    expect(page.get_by_role("heading", name="The seats are ready")).to_be_visible()
    tells_the_offer(page)
    expect(page.get_by_role("link", name="Invite your people")).to_be_visible()


@pytest.mark.parametrize("screen", [PHONE, pytest.param({}, marks=pytest.mark.looks)], ids=["phone", "desktop"])
def test_from_the_price_to_the_seats(shop, device, screen):
    page = device(**screen)
    page.goto(f"{shop.url}/courses/hard-talks")
    panel = page.locator("#price")
    panel.get_by_label("Seats").fill("50")
    expect(panel.get_by_text("149,937.50", exact=True)).to_be_visible()
    panel.get_by_label("Municipality").fill("Skanderborg Kommune")
    panel.get_by_label("Discount code").fill(CODE.lower())
    panel.get_by_label("Discount code").blur()
    expect(panel.get_by_text("The code holds for exactly 100 seats.")).to_be_visible()
    expect(panel.get_by_label("Discount code")).to_have_attribute("aria-invalid", "true")
    panel.get_by_label("Seats").fill("100")
    tells_the_offer(page, "#price")
    expect(panel.get_by_role("status")).to_contain_text("74,968.75 DKK in all")
    expect(panel.get_by_label("Discount code")).not_to_have_attribute("aria-invalid", "true")
    assert page.url.endswith("/courses/hard-talks"), "nothing was sent"

    panel.get_by_role("button", name="Get a quote").click()
    page.get_by_label("Your name").fill("Bo Berg")
    page.get_by_label("Work email").fill(ADDRESS)
    page.get_by_role("button", name="Make the quote").click()
    tells_the_offer(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Get the quote as PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="Order on this quote").click()
    tells_the_offer(page)
    order_on_ean(page)
    confirm_and_accept(page, shop)


@pytest.mark.looks
def test_the_same_without_javascript(shop, device):
    page = device(java_script_enabled=False, **PHONE)
    page.goto(f"{shop.url}/courses/hard-talks")
    panel = page.locator("#price")
    panel.get_by_label("Seats").fill("101")
    panel.get_by_label("Municipality").fill("skanderborg kommune")
    panel.get_by_label("Discount code").fill(CODE)
    panel.get_by_role("button", name="Work out").click()
    expect(panel.get_by_text("The code holds for exactly 100 seats.")).to_be_visible()
    panel.get_by_label("Seats").fill("100")
    panel.get_by_role("button", name="Work out").click()
    tells_the_offer(page, "#price")
    panel.get_by_role("button", name="Order on e-invoice").click()
    page.get_by_label("Contact person").fill("Bo Berg")
    page.get_by_label("Work email").fill(ADDRESS)
    order_on_ean(page)
    confirm_and_accept(page, shop)


def test_a_municipality_applies_for_a_place(shop, device):
    page = device(**PHONE)
    page.goto(f"{shop.url}/courses/hard-talks")
    page.get_by_role("link", name="See the offer and apply").click()
    tells_the_offer(page)
    page.locator("#municipality").fill("Skanderborg")
    page.get_by_label("Your name").fill("Bo Berg")
    page.get_by_label("Work email").fill(ADDRESS)
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_text("The course house reads your application")).to_be_visible()
