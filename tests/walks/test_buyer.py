"""A buyer fills a licence, moves people and takes seats back, on a phone, and on a desktop without script."""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.pages import sign_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]


def tick(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=f"Choose {name}").check()


def test_a_buyer_fills_a_licence_and_takes_seats_back(site, device):
    page = device(width=390)
    sign_in(page, site, "buyer@ours.example")
    expect(page.get_by_role("heading", level=1)).to_have_text("Favrskov Kommune")
    page.get_by_role("main").get_by_role("link").first.click()

    # A seat for Lise, and she stands in the list.
    page.get_by_role("link", name="Give a seat").click()
    page.get_by_label("Work email").fill("lise@work.example")
    page.get_by_label("Name", exact=True).fill("Lise")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("The email to lise@work.example is on its way. 2 seats are free.")).to_be_visible()

    # She wrote a mistake in the address: the seat stays held while it is corrected.
    page.get_by_role("link", name="Change the seat of Lise").click()
    page.get_by_label("Right email address").fill("lisa@work.example")
    page.get_by_role("button", name="Send to this address").click()
    expect(page.get_by_text("The seat was held all the time.")).to_be_visible()
    assert "lisa@work.example" in site.newest_letter()

    # Several at once: what it means is read first; the invitation is withdrawn, the accepted seat can be undone.
    tick(page, "Lise", "Learner-ours")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Take seats back").click()
    expect(page.get_by_role("main")).to_contain_text("Lise has not accepted the invitation, so the seat becomes free")
    expect(page.get_by_role("main")).to_contain_text("Learner-ours has accepted, but not started.")
    page.get_by_role("button", name="Take 2 seats back").click()
    expect(page.get_by_text("2 seats are free.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose Learner-ours")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 seat is as before.")).to_be_visible()
    expect(page.get_by_role("checkbox", name="Choose Learner-ours")).to_be_visible()

    # One box ticks the page; a reminder goes to whoever can be reminded.
    page.get_by_role("checkbox", name="Everybody on this page").check()
    expect(page.get_by_text("2 chosen")).to_be_visible()
    page.get_by_role("button", name="Send a reminder").click()
    expect(page.get_by_role("main")).to_contain_text("Learner-ours has accepted already and gets no email.")
    page.get_by_role("button", name="Send 1 reminder").click()
    expect(page.get_by_text("1 reminder is on its way.")).to_be_visible()


def test_people_are_ticked_without_javascript(site, device):
    page = device(java_script_enabled=False)
    sign_in(page, site, "buyer@ours.example")
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_label("State").select_option("invited")
    page.get_by_role("button", name="Show").click()

    tick(page, "Invited ours")
    page.get_by_role("button", name="Take seats back").click()
    page.get_by_role("button", name="Take 1 seat back").click()

    expect(page.get_by_text("1 seat is free.")).to_be_visible()
    expect(page.get_by_text("4", exact=True)).to_be_visible()
