"""Staff take seats themselves: from a poster to the film, and through the queue when the seats are gone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from elearn.core import clock as product_clock
from elearn.core.scope import MunicipalityScope
from elearn.licensing import services
from elearn.licensing.models import JoinLink, Licence
from tests.walks.pages import ModulePage, link_in, sign_in

pytestmark = pytest.mark.walk
PHONE = {"width": 390, "height": 844}
BUYER = "buyer@ours.example"


def test_from_the_poster_to_the_film_on_a_phone(site, device):
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
    phone.get_by_role("main").get_by_role("link", name="Start").first.click()
    watching = ModulePage(phone)
    watching.play()
    watching.watch_until(2)

    desk.reload()
    expect(desk.get_by_text("1 of")).to_be_visible()


def test_a_full_licence_a_queue_and_a_seat_let_go(site, device):
    link_code, first_seat = _full_licence(site)
    phone = device(**PHONE)
    phone.goto(f"{site.url}/join/{link_code}")
    phone.get_by_label("Your name").fill("Lise Eksempel")
    phone.get_by_label("Work email").fill("lise@favrskov.example")
    phone.get_by_role("button", name="Send me a link").click()
    phone.goto(link_in(site.newest_letter()))
    phone.get_by_role("button", name="Take my seat").click()
    expect(phone.get_by_text("There are no free seats. Lise is number 1 in the queue.")).to_be_visible()
    phone.get_by_role("button", name="I have read it. Carry on").click()
    expect(phone.get_by_text("You are number 1 in the queue.")).to_be_visible()

    desk = device()
    sign_in(desk, site, BUYER)
    console = f"{site.url}/municipalities/{site.world.ours.municipality.id}"
    desk.goto(f"{console}/licences/{site.world.ours.licence.id}/waiting")
    expect(desk.get_by_text("Lise Eksempel")).to_be_visible()
    desk.goto(f"{console}/seats/{first_seat}")
    desk.get_by_role("button", name="Withdraw").click()
    site.clock.advance(minutes=10)

    phone.goto(link_in(site.newest_letter()))
    expect(phone.get_by_role("heading", level=1)).to_have_text("Your course is ready")
    phone.get_by_role("main").get_by_role("button").first.click()
    phone.get_by_role("main").get_by_role("link", name="Start").first.click()
    expect(phone.locator("[data-play]")).to_be_visible()


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


def _full_licence(site) -> tuple[str, int]:
    """Invite until no seat is free, and make a join link; return its code and an invited seat."""
    ours = site.world.ours
    with site.installation.database.transaction() as session:
        licence = session.get_one(Licence, ours.licence.id)
        invited = [
            services.invite(
                session,
                site.installation.tokens,
                licence=licence,
                address=f"p{number}@favrskov.example",
                name=f"Person {number}",
                language="en",
                by_id=ours.owner.id,
            ).id
            for number in range(3)
        ]
        link: JoinLink = services.make_join_link(
            session,
            scope=MunicipalityScope(ours.municipality.id, ours.buyer.id),
            licence=licence,
            department_id=None,
            domains=["favrskov.example"],
            most=10,
            ends_on=product_clock.today("DK") + timedelta(days=30),
            needs_approval=False,
            by_id=ours.buyer.id,
        )
        return link.code, invited[0]
