"""A whole licence, as its people live it: from a messy list to the day after the renewal.

The buyer hands the list in, mends and invites; one person accepts and watches; the buyer sees what may be seen and
takes the used seat back, and the next in the queue has it; the licence is renewed in advance, and who was kept goes on.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from elearn.core import clock
from elearn.core.scope import MunicipalityScope
from elearn.licensing.services import grant_licence
from elearn.organisations.services import add_department
from tests.walks.conftest import Site
from tests.walks.looking import TOO_WIDE
from tests.walks.pages import ModulePage, accept_seat, link_in, shot, sign_in
from tests.walks.staff_list import DEPARTMENTS, FAULTS, staff_file

pytestmark = pytest.mark.walk
SEATS = 7
"""One for everybody on the list, so that whoever comes next has to wait."""
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
STOPPED = 1.5
MINE_ALONE = ("00:0", "%", "minut", "watched", "Why we ask", "At lytte")
"""What would tell the buyer how much somebody watched, or what."""


@dataclass
class Licence:
    """The licence of the walk, and where its pages lie."""

    site: Site
    id: int
    screen: str

    @property
    def url(self) -> str:
        return f"{self.site.url}/municipalities/{self.site.world.ours.municipality.id}/licences/{self.id}"

    def open(self, page: Page, tab: str) -> None:
        """Open a tab of the licence; on a phone too the tab that stands open is in sight."""
        page.goto(self.url)
        page.get_by_role("navigation", name="The licence").get_by_role("link", name=tab).click()
        current = page.get_by_role("navigation", name="The licence").locator("[aria-current]")
        expect(current).to_have_text(tab)
        expect(current).to_be_in_viewport(ratio=0.99)

    def see(self, page: Page, name: str) -> None:
        """Take a picture where pictures are wanted; the page never scrolls sideways."""
        assert page.evaluate(TOO_WIDE) == []
        shot(page, f"{name}-{self.screen}", "Dansk")


def licence_in(site: Site, screen: str) -> Licence:
    """Give the municipality a licence with as many seats as its list has people."""
    with site.installation.database.transaction() as session:
        side = site.world.ours
        today = clock.today("DK")
        licence = grant_licence(
            session,
            house=session.merge(side.house),
            course=session.merge(side.course),
            municipality=session.merge(side.municipality),
            seats=SEATS,
            starts_on=today,
            ends_on=today + timedelta(days=364),
            reason="Walk",
            by_id=side.owner.id,
        )
        scope = MunicipalityScope(side.municipality.id, side.buyer.id)
        for name in DEPARTMENTS:
            add_department(session, scope=scope, name=name, by_id=side.buyer.id)
    return Licence(site, licence.id, screen)


def mend_the_list(buyer: Page, licence: Licence, file: Path) -> None:
    """Hand the list in, read what is wrong with which row, and correct it in place."""
    licence.open(buyer, "Invite from a list")
    licence.see(buyer, "01-list")
    buyer.get_by_label("Or choose a file").set_input_files(file)
    buyer.get_by_label("Language of the email").select_option("en")
    buyer.get_by_label("A line of your own").fill("Vi ses på mandag")
    buyer.get_by_role("button", name="Look at the list").click()
    expect(buyer.get_by_role("heading", level=1)).to_have_text("We are reading the list")
    licence.site.run_jobs()

    # The page goes on by itself once the list is read; nothing is sent yet.
    expect(buyer.get_by_role("heading", name="6 rows have to be corrected")).to_be_visible()
    for said in FAULTS:
        expect(buyer.get_by_text(said)).to_be_visible()
    expect(buyer.get_by_text("Not read: Nr..")).to_have_count(0)
    expect(buyer.get_by_role("button", name="Invite 2 people")).to_be_visible()
    assert not any("strandby.example" in letter for letter in licence.site.letters())
    licence.see(buyer, "02-preview")

    buyer.get_by_label("Email in row 7").fill("mette@strandby.example")
    buyer.get_by_label("Name in row 8").fill("Ole Berg")
    buyer.get_by_label("Department in row 9").select_option("Sundhedsplejen")
    buyer.get_by_label("Name in row 10").fill("Maj Syv")
    buyer.get_by_label("Department in row 11").select_option("PPR")
    buyer.get_by_label("Skip row 12").check()
    buyer.get_by_role("button", name="Save corrections and check again").click()
    expect(buyer.get_by_text("Your corrections are saved.")).to_be_visible()
    expect(buyer.get_by_text("Row 12 is skipped.")).to_be_visible()
    expect(buyer.get_by_text("1 person becomes a leader")).to_be_visible()
    licence.see(buyer, "03-mended")


def invite_everybody(buyer: Page, licence: Licence) -> None:
    """Confirm once, see how far it is, and find a letter for each in the mail."""
    buyer.get_by_role("button", name=f"Invite {SEATS} people").click()
    expect(buyer.get_by_role("progressbar")).to_be_visible()
    licence.see(buyer, "04-progress")
    licence.site.run_jobs()
    expect(buyer.get_by_role("heading", level=1)).to_have_text(f"{SEATS} people are invited")
    licence.see(buyer, "05-invited")
    letters = [letter for letter in licence.site.letters() if "@strandby.example" in letter]
    names = ("aase", "Bodil", "mette", "ole", "signe", "maj", "jens")
    assert len(letters) == len(names)
    for name in names:
        assert any(f"To: {name}@strandby.example\n" in letter for letter in letters), name
    buyer.get_by_role("link", name="See the people").click()
    expect(buyer.get_by_role("row", name="Åse Ærø-Østergård")).to_contain_text("Invited")


def watch(page: Page, licence: Licence) -> float:
    """Open the first module, watch some seconds of it, and return where it stopped."""
    page.goto(licence.site.module_url)
    watching = ModulePage(page)
    watching.play()
    watching.watch_until(STOPPED)
    watching.pause()
    watching.wait_until_saved()
    return watching.time


def waits_in_line(page: Page, licence: Licence, join_code: str) -> None:
    """Join by the link while no seat is free."""
    page.goto(f"{licence.site.url}/join/{join_code}")
    licence.see(page, "08-join")
    page.get_by_label("Your name").fill("Lise Eksempel")
    page.get_by_label("Work email").fill("lise@strandby.example")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look in your email")
    page.goto(link_in(licence.site.letter_to("lise@strandby.example")))
    page.get_by_role("button", name="Take my seat").click()
    page.get_by_role("button", name="I have read it. Carry on").click()
    expect(page.get_by_text("You are number 1 in the queue.")).to_be_visible()
    licence.see(page, "09-in-line")


def make_join_link(buyer: Page, licence: Licence) -> str:
    licence.open(buyer, "Join links")
    buyer.get_by_role("link", name="Make a join link").click()
    buyer.get_by_label("Mail domains").fill("strandby.example")
    buyer.get_by_role("button", name="Make the link").click()
    expect(buyer.get_by_text("0 of")).to_be_visible()
    licence.see(buyer, "07-join-links")
    return buyer.locator(".ref").inner_text().replace("-", "")


def take_back_from(buyer: Page, licence: Licence, name: str) -> None:
    """Take a used seat back, having read what the agreement says of it."""
    buyer.goto(licence.url)
    buyer.get_by_role("checkbox", name=f"Choose {name}").check()
    buyer.get_by_role("button", name="Take seats back").click()
    expect(buyer.get_by_role("main")).to_contain_text(
        f"{name} has started. That uses the one handover that is left under your agreement, and what they have watched "
        "stays theirs."
    )
    licence.see(buyer, "11-take-back")
    buyer.get_by_role("button", name="Take 1 seat back").click()
    expect(buyer.get_by_text("1 seat is free.")).to_be_visible()
    licence.see(buyer, "12-taken-back")


def renew(owner: Page, licence: Licence) -> None:
    """Give the licence that follows, from the page of the one that it renews."""
    owner.goto(f"{licence.site.url}/owner/licences/{licence.id}")
    owner.get_by_role("link", name="Renew the licence").click()
    expect(owner.get_by_label("Municipality")).to_have_value("Favrskov Kommune (DK 0710)")
    expect(owner.get_by_label("Seats")).to_have_value(str(SEATS))
    licence.see(owner, "14-renew")
    owner.get_by_label("Why", exact=False).fill("Renewed for another year")
    owner.get_by_role("button", name="Give the licence").click()
    expect(owner.get_by_text(f"Favrskov Kommune has {SEATS} seats.")).to_be_visible()


def keep_all_but(buyer: Page, licence: Licence, name: str) -> None:
    """Choose who leaves and carry the others over."""
    licence.open(buyer, "Renewal")
    buyer.get_by_role("checkbox", name=f"{name} leaves").check()
    buyer.get_by_role("button", name="Save who leaves").click()
    expect(buyer.get_by_role("checkbox", name=f"{name} leaves")).to_be_checked()
    licence.see(buyer, "15-renewal")
    buyer.get_by_role("button", name="Carry 1 person over").click()
    expect(buyer.get_by_text("1 person has a seat in the next licence.")).to_be_visible()
    expect(buyer.get_by_text("Everybody who stays has a seat there.")).to_be_visible()
    licence.see(buyer, "16-carried-over")


@pytest.mark.looks
@pytest.mark.parametrize("screen", ["desktop", pytest.param("phone", marks=pytest.mark.soak)])
def test_a_licence_from_a_messy_list_to_its_renewal(screen: str, site: Site, device, tmp_path: Path) -> None:
    licence = licence_in(site, screen)
    width, height = SCREENS[screen]
    buyer, signe, ole, lise = (device(width=width, height=height) for _ in range(4))
    sign_in(buyer, site, "buyer@ours.example")
    mend_the_list(buyer, licence, staff_file(tmp_path))
    invite_everybody(buyer, licence)

    # Two accept on devices of their own, and one of them watches.
    signe.goto(link_in(site.letter_to("signe@strandby.example")))
    expect(signe.get_by_role("blockquote")).to_contain_text("Buyer ours, Favrskov Kommune")
    licence.see(signe, "06-invitation")
    accept_seat(signe, site.letter_to("signe@strandby.example"))
    accept_seat(ole, site.letter_to("ole@strandby.example"))
    watch(signe, licence)

    # Somebody without a seat joins the queue by the buyer's link.
    waits_in_line(lise, licence, make_join_link(buyer, licence))

    # The buyer sees that there is a beginning, and its day: not how much, not what.
    buyer.goto(licence.url)
    expect(buyer.get_by_role("row", name="Signe Dam")).to_contain_text("In use")
    expect(buyer.get_by_role("row", name="Signe Dam")).to_contain_text("since 23 November")
    expect(buyer.get_by_role("row", name="Ole Berg")).to_contain_text("not started yet")
    people = buyer.get_by_role("region", name="People", exact=True).inner_text()
    assert not [word for word in MINE_ALONE if word in people]
    expect(buyer.get_by_role("region", name="Waiting for you")).to_contain_text("1 person on the waiting list")
    licence.see(buyer, "10-people")

    # A used seat changes hands: the film closes for one, and 10 minutes later the letter comes for the next.
    take_back_from(buyer, licence, "Signe Dam")
    signe.reload()
    expect(signe.get_by_role("main")).to_contain_text("Favrskov Kommune has taken your seat back.")
    licence.see(signe, "13-closed")
    site.clock.advance(minutes=10)
    accept_seat(lise, site.letter_to("lise@strandby.example"))
    stopped = watch(lise, licence)

    # Bought in advance: the owner gives the next year, the buyer chooses who comes along.
    owner = device()
    sign_in(owner, site, "owner@ours.example")
    renew(owner, licence)
    keep_all_but(buyer, licence, "Ole Berg")

    # The day after the old licence's end one goes on at the same second, the other reads why not and whom to ask.
    site.clock.advance(days=365)
    for page, address in ((lise, "lise@strandby.example"), (ole, "ole@strandby.example")):
        sign_in(page, site, address)
    licence.see(lise, "17-lise-goes-on")
    lise.goto(site.module_url)
    expect(lise.locator("[data-play]")).to_contain_text("Continue from")
    going_on = ModulePage(lise)
    going_on.play()
    assert abs(going_on.time - stopped) < 1
    ole.goto(site.module_url)
    expect(ole.get_by_role("main")).to_contain_text("The agreement of Favrskov Kommune ended on 22 November 2027.")
    expect(ole.get_by_role("main")).to_contain_text(
        "Ask Buyer ours, who manages the seats of Favrskov Kommune, about a new seat."
    )
    licence.see(ole, "18-ole-ended")
