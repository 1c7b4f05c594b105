"""An owner gives a seat and takes it back: the learner's page closes, and says what stays theirs."""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.pages import ModulePage, accept_seat, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]
METTE = "mette@favrskov.example"
REASON = "A pilot with two schools"


def give_seat(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Give a seat").or_(
        page.get_by_role("link", name="Give the first seat")
    ).first.click()
    page.get_by_label("Work email").fill(METTE)
    page.get_by_label("Name", exact=True).fill("Mette Eksempel")
    page.get_by_label("Language of the email").select_option("en")
    page.get_by_role("button", name="Send the invitation").click()


def change_seat(page: Page, licence_url: str) -> None:
    page.goto(licence_url)
    page.get_by_role("link", name="Change the seat of Mette Eksempel").click()


def test_a_seat_is_given_used_and_taken_back(site, device):
    owner = device()
    sign_in(owner, site, "owner@ours.example")

    # A licence for a municipality; then a seat for Mette.
    owner.goto(f"{site.url}/owner/licences/new")
    owner.get_by_label("Municipality").fill("Favrskov Kommune (DK 0710)")
    owner.get_by_label("Seats").fill("2")
    owner.get_by_label("Why", exact=False).fill(REASON)
    owner.get_by_role("button", name="Give the licence").click()
    expect(owner.get_by_text("Favrskov Kommune has 2 seats.")).to_be_visible()
    licence_url = owner.url
    give_seat(owner)
    expect(owner.get_by_role("cell", name="Invited")).to_be_visible()

    # Mette accepts on her own machine and watches.
    mette = device()
    accept_seat(mette, site.newest_letter())
    mette.goto(site.module_url)
    watching = ModulePage(mette)
    watching.play()
    watching.watch_until(1)
    watching.pause()

    # The owner sees that the seat is in use, reads what taking it back does, and does it.
    change_seat(owner, licence_url)
    expect(owner.get_by_text("In use").first).to_be_visible()
    expect(owner.get_by_role("main")).to_contain_text(
        "Mette has started. You can give this seat to someone else; what Mette has seen is kept and stays with Mette."
    )
    expect(owner.get_by_role("main")).not_to_contain_text("00:0")
    owner.get_by_role("button", name="Take the seat back").click()
    expect(owner.get_by_text("The seat is free. What Mette Eksempel has watched is kept.")).to_be_visible()

    # Her film is closed, and a page says what happened and what stays hers.
    mette.reload()
    expect(mette).not_to_have_url(site.module_url)
    expect(mette.get_by_role("main")).to_contain_text("has taken your seat back.")
    expect(mette.locator("video")).to_have_count(0)
