"""An owner sells: an order comes in, is confirmed, its seats are ready, it is invoiced, part credited, and booked."""

import pytest
from playwright.sync_api import Page, expect

from elearn.billing.services.orders import confirm_order
from tests.billing.shop import add_campaign, municipality, open_shop
from tests.billing.shop import order as place
from tests.walks.conftest import Site
from tests.walks.pages import sign_in
from tests.world import latest_token

pytestmark = [pytest.mark.walk, pytest.mark.looks]


def order_comes_in(site: Site) -> None:
    """Let a stranger from Aarhus order 100 seats with the campaign's code, and confirm the address."""
    with site.installation.database.transaction() as session:
        side = site.world.ours
        open_shop(session, side)
        add_campaign(session, side)
        place(
            session,
            site.installation.tokens,
            side,
            seats=100,
            code="TESTKOMMUNE",
            municipality=municipality(session, "Aarhus"),
            email="boss@aarhus.example",
            name="Bo Boss",
        )
        confirm_order(session, latest_token(session, site.installation))


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.click()
    return download.value.path().read_bytes()


def test_an_order_becomes_seats_an_invoice_and_books(site, device):
    order_comes_in(site)
    owner = device()
    sign_in(owner, site, "owner@ours.example")

    # The start page says that somebody waits; the order says who, what and at what price.
    owner.get_by_role("link", name="See the order").click()
    main = owner.get_by_role("main")
    for words in ("Aarhus Kommune", "Bo Boss", "59,975.00 DKK", "14,993.75 DKK", "74,968.75 DKK"):
        expect(main).to_contain_text(words)

    # One press accepts it, and trusts the domain from now on.
    owner.get_by_label("take orders from @aarhus.example").check()
    owner.get_by_role("button", name="Accept the order").click()
    expect(owner.get_by_text("Aarhus Kommune has 100 seats now")).to_be_visible()
    expect(main).to_contain_text("0 in use, 0 invited, 100 free")

    # The invoice is made, judged, and both files come down.
    owner.get_by_role("button", name="Make the invoice").click()
    expect(owner.get_by_text("Invoice K-1001 is made, and valid under the official rules.")).to_be_visible()
    assert downloaded(owner, "PDF of K-1001").startswith(b"%PDF")
    assert b"74968.75" in downloaded(owner, "XML of K-1001")

    # Ten seats go back: the page says what happens, then it has happened.
    owner.get_by_role("link", name="Make a credit note").click()
    expect(main).to_contain_text("100 seats of the licence are unused")
    owner.get_by_label("Seats to credit").fill("10")
    owner.get_by_label("Why").fill("Ten have left")
    owner.get_by_role("button", name="Make the credit note").click()
    expect(owner.get_by_text("Credit note K-1002 is made")).to_be_visible()
    expect(main).to_contain_text("0 in use, 0 invited, 90 free")
    expect(main).to_contain_text("Still to come in: 67,471.87 DKK")

    # The books hold both papers.
    owner.get_by_role("link", name="Sales", exact=True).click()
    owner.get_by_role("link", name="Overview and books").click()
    books = downloaded(owner, "Download the books (CSV)").decode("utf-8-sig")
    assert "K-1001" in books
    assert "K-1002" in books
