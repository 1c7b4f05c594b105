"""A health visitor accepts on a phone, closes the lid in the middle, carries on elsewhere, gets a certificate."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from elearn.learning.models import VideoProgress
from elearn.licensing.services import invite
from tests.walks.film import FILM_S
from tests.walks.pages import ModulePage, link_in, sign_in, until

pytestmark = pytest.mark.walk
LEARNER = "learner-ours@0710.example"
PHONE = {"width": 390, "height": 844}


def test_from_invitation_to_certificate(site, device):
    ours = site.world.ours
    with site.installation.database.transaction() as session:
        invite(
            session,
            site.installation.tokens,
            licence=session.merge(ours.licence),
            address="mette@favrskov.example",
            name="Mette Eksempel",
            language="en",
            by_id=ours.owner.id,
        )
    phone = device(**PHONE)

    # The invitation: opening it does nothing, the button accepts.
    phone.goto(link_in(site.newest_letter()))
    phone.get_by_role("main").get_by_role("button").first.click()
    phone.get_by_role("button", name="I have read it. Carry on").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("My courses")

    # A module on the phone, left in the middle.
    phone.get_by_role("main").get_by_role("link", name="Start").first.click()
    watching = ModulePage(phone)
    watching.play()
    watching.listen()
    watching.watch_until(6)
    stopped = watching.time
    played = watching.seconds_played(FILM_S)
    module_url = phone.url
    phone.goto("about:blank")
    until(lambda: _stored(site), "what was played arrives while the lid closes")
    phone.context.close()

    # Tomorrow, on another machine: within a second of the place.
    site.clock.advance(days=1)
    desktop = device()
    sign_in(desktop, site, "mette@favrskov.example")
    desktop.goto(module_url)
    carrying_on = ModulePage(desktop)
    expect(desktop.locator("[data-play]")).to_contain_text("Continue from")
    carrying_on.play()
    assert abs(carrying_on.time - stopped) < 1
    carrying_on.listen()

    # What is stored is what the film itself played, as far as it was reported.
    assert (_stored(site) ^ played).bit_count() <= 1

    # To the end: the lesson is complete, but for what was not played.
    carrying_on.watch_until(FILM_S - 0.3)
    expect(desktop.locator("[data-completed-text]")).not_to_be_empty()
    carrying_on.wait_until_saved()

    # The other module by one's own word; then the certificate.
    desktop.goto(f"{site.url}/learn")
    desktop.get_by_role("link", name="At lytte").first.click()
    desktop.get_by_role("button", name="I have read it").click()
    desktop.goto(f"{site.url}/learn/certificates")
    with desktop.expect_download() as download:
        desktop.get_by_role("link", name="PDF").first.click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


@pytest.mark.looks
def test_seen_seconds_are_those_the_film_played(site, device):
    page = device()
    sign_in(page, site, LEARNER)
    page.goto(site.module_url)
    watching = ModulePage(page)
    watching.play()
    watching.listen()
    watching.watch_until(3)
    page.evaluate("() => { document.querySelector('video').currentTime = 9.2; }")
    watching.watch_until(10)
    page.evaluate("() => { document.querySelector('video').playbackRate = 2; }")
    watching.watch_until(13)
    watching.pause()
    watching.wait_until_saved()
    page.wait_for_timeout(500)
    stored = _stored(site)
    assert stored == watching.seconds_played(FILM_S)
    assert stored >> 5 & 1 == 0, "what was jumped over is not seen"


@pytest.mark.looks
def test_a_film_paused_for_an_hour_plays_on_at_one_press(site, device):
    page = device()
    sign_in(page, site, LEARNER)
    page.goto(site.module_url)
    watching = ModulePage(page)
    watching.play()
    watching.watch_until(2)
    watching.pause()
    site.clock.advance(hours=1)
    page.evaluate("() => { document.querySelector('video').currentTime = 12; }")
    page.locator("media-play-button").first.click()
    watching.watch_until(13)


@pytest.mark.looks
def test_what_was_watched_in_a_tunnel_is_sent_afterwards(site, device):
    page = device()
    sign_in(page, site, LEARNER)
    module_url = site.module_url
    page.goto(module_url)
    watching = ModulePage(page)
    watching.play()
    watching.listen()
    watching.watch_until(1)
    page.route("**/watched", lambda route: route.abort())
    watching.watch_until(6)
    watching.pause()
    expect(page.locator("[data-save-state]")).not_to_have_attribute("data-state", "saved")
    played = watching.seconds_played(FILM_S)
    page.unroute("**/watched")
    page.goto(f"{site.url}/learn")
    page.goto(module_url)
    watching.wait_until_saved()
    page.wait_for_timeout(1000)
    assert _stored(site) == played


def _stored(site) -> int:
    """Return the seconds that the one person who watched has seen, as a bit set; 0 before anything arrived."""
    with site.installation.database.reader() as session:
        return session.scalars(select(VideoProgress.seen)).one_or_none() or 0
