"""Staff take seats themselves: from a poster to the course, or ask the buyer for one."""

import pytest
from playwright.sync_api import expect

from tests.walks.pages import link_in, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]
PHONE = {"width": 390, "height": 844}
BUYER = "buyer@ours.example"


def test_from_the_poster_to_the_course_on_a_phone(site, device):
    desk = device()
    sign_in(desk, site, BUYER)
    desk.goto(f"{site.url}/municipalities/{site.world.ours.municipality.id}/licences/{site.world.ours.licence.id}")
    desk.get_by_role("link", name="Join links").click()
    desk.get_by_role("link", name="Make a join link").click()
    desk.get_by_label("Mail domains").fill("gmail.com")
    desk.get_by_role("button", name="Make the link").click()
    expect(desk.get_by_role("alert")).to_contain_text("Anybody can get an address at gmail.com")
    desk.get_by_label("Mail domains").fill("@favrskov.example")
    desk.get_by_role("button", name="Make the link").click()
    expect(desk.get_by_text("0 of")).to_be_visible()
    with desk.expect_download() as download:
        desk.get_by_role("link", name="Poster in Dansk").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    code = desk.locator(".ref").inner_text()

    phone = device(**PHONE)
    phone.goto(f"{site.url}/join")
    phone.get_by_label("Code").fill(code.lower())
    phone.get_by_role("button", name="Go on").click()
    expect(phone.get_by_text("Your employer sees when you started")).to_be_visible()
    phone.get_by_label("Your name").fill("Mette Eksempel")
    phone.get_by_label("Work email").fill("mette@gmail.com")
    phone.get_by_role("button", name="Send me a link").click()
    expect(phone.get_by_role("alert")).to_contain_text("It ends in @favrskov.example")
    phone.get_by_label("Work email").fill("mette@favrskov.example")
    phone.get_by_role("button", name="Send me a link").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Look in your email")

    phone.goto(link_in(site.newest_letter()))
    phone.get_by_role("button", name="Take my seat").click()
    phone.get_by_role("button", name="I have read it. Carry on").click()
    expect(phone.get_by_role("main").get_by_role("link", name="Start").first).to_be_visible()

    desk.reload()
    expect(desk.get_by_text("1 of")).to_be_visible()


def test_whoever_asks_is_answered(site, device):
    leader = device(**PHONE)
    sign_in(leader, site, "leader@ours.example")
    leader.goto(f"{site.url}/learn")
    if leader.get_by_role("button", name="I have read it. Carry on").count():
        leader.get_by_role("button", name="I have read it. Carry on").click()
    leader.get_by_role("button", name="Ask for a seat").first.click()
    expect(leader.get_by_text("You have asked Favrskov Kommune for a seat.")).to_be_visible()

    desk = device()
    sign_in(desk, site, BUYER)
    desk.goto(
        f"{site.url}/municipalities/{site.world.ours.municipality.id}/licences/{site.world.ours.licence.id}/waiting"
    )
    desk.get_by_label("Leader ours").check()
    desk.get_by_role("button", name="Decline").click()
    expect(desk.get_by_text("1 person gets a kind email that says no.")).to_be_visible()
    assert "There is none for you this time" in site.newest_letter().replace("=\n", "")
    leader.reload()
    expect(leader.get_by_text("There is none for you this time.")).to_be_visible()
