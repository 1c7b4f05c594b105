"""'Leave this page': the link, three Shifts, without script; nothing of the page comes back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from werkzeug import Response
from werkzeug.serving import make_server

from elearn.accounts.models import SignIn
from elearn.learning.models import VideoProgress
from tests.catalogue.course_folder import RealFilm
from tests.conftest import TestClock
from tests.databases import Databases
from tests.peers.serving import in_thread
from tests.walks.conftest import Quiet, Site, site_in
from tests.walks.pages import ModulePage, sign_in, until

pytestmark = [pytest.mark.walk, pytest.mark.looks]
LEARNER = "learner-ours@0710.example"


@pytest.fixture(scope="module")
def weather() -> Iterator[str]:
    """A neutral page on a host of its own, in the real one's place."""
    page = Response("<!doctype html><title>Weather</title><h1>Weather</h1>", mimetype="text/html")
    with in_thread(make_server("127.0.0.1", 0, page, threaded=True, request_handler=Quiet)) as server:
        yield f"http://127.0.0.1:{server.server_port}/weather"


@pytest.fixture
def site(databases: Databases, real_film: RealFilm, tmp_path: Path, clock: TestClock, weather: str) -> Iterator[Site]:
    with site_in(tmp_path, databases, real_film, clock) as site:
        # The setting itself must be https.
        site.installation.settings = replace(site.installation.settings, leave_url=weather)
        yield site


def sign_ins(site: Site) -> int:
    with site.installation.database.reader() as session:
        return session.scalar(select(func.count()).where(SignIn.ended_at.is_(None))) or 0


def check_gone(page: Page, site: Site, weather: str) -> None:
    """The neutral page stands there, the browser is signed out, and neither 'back' nor the address shows it again."""
    page.wait_for_url(weather)
    assert page.context.cookies(site.url) == []
    page.go_back()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Hvorfor vi spørger")
    assert "Kun en lille" not in page.content()
    page.goto(site.module_url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("javascript", [True, False], ids=["with-script", "without-script"])
def test_the_button(javascript, site, device, weather):
    page = device(java_script_enabled=javascript)
    sign_in(page, site, LEARNER)
    page.goto(site.module_url)
    page.get_by_role("banner").get_by_role("link", name="Leave this page", exact=True).click()
    check_gone(page, site, weather)
    if javascript:  # without, a GET leads away, which writes nothing: the browser alone forgets
        until(lambda: sign_ins(site) == 0, "the sign-in ends on the server")


def test_three_shifts_in_the_middle_of_the_film(site, device, weather):
    page = device()
    sign_in(page, site, LEARNER)
    page.goto(f"{site.url}/learn")
    page.goto(site.module_url)
    watching = ModulePage(page)
    watching.play()
    watching.watch_until(3)
    stopped = watching.time
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    expect(page.locator("a[data-exit]")).to_have_attribute("data-presses", "2")
    page.keyboard.press("Shift")
    check_gone(page, site, weather)
    until(lambda: sign_ins(site) == 0, "the sign-in ends on the server")

    # What was seen is kept: the last report went out on the way.
    until(lambda: _seen_and_place(site)[1] >= stopped - 1, "the place in the film arrives")
    seen, _place = _seen_and_place(site)
    assert seen.bit_count() >= int(stopped) - 1


def test_shifts_that_are_too_slow_or_part_of_writing_do_not_leave(site, device):
    page = device()
    sign_in(page, site, LEARNER)
    page.goto(site.module_url)
    page.clock.install()
    page.keyboard.press("Shift")
    page.keyboard.press("Shift")
    page.clock.run_for(5_100)
    page.keyboard.press("Shift")
    expect(page.locator("a[data-exit]")).to_have_attribute("data-presses", "1")
    page.get_by_label("Your note").first.press_sequentially("ABC", delay=0)
    for letter in "XYZ":
        page.keyboard.press(f"Shift+{letter}")
    page.clock.run_for(100)
    assert page.url == site.module_url
    assert sign_ins(site) == 1


def test_the_page_is_covered_before_the_next_one_comes(site, device, weather):
    page = device()
    sign_in(page, site, LEARNER)
    page.goto(site.module_url)
    # 'No content' keeps the browser where it is, as a slow line does for a while.
    page.route("**/leave", lambda r: r.fulfill(status=204) if r.request.method == "GET" else r.continue_())
    page.get_by_role("banner").get_by_role("link", name="Leave this page", exact=True).click()
    expect(page.locator(".leave-cover")).to_be_visible()
    covered = page.evaluate(
        "() => [[5, 5], [640, 450], [1270, 890]].every(([x, y]) => "
        "document.elementFromPoint(x, y).matches('.leave-cover'))"
    )
    assert covered
    assert page.title() == "–"
    until(lambda: sign_ins(site) == 0, "the beacon ends the sign-in even if the next page never comes")


def _seen_and_place(site: Site) -> tuple[int, float]:
    with site.installation.database.reader() as session:
        row = session.scalars(select(VideoProgress)).one_or_none()
        return (row.seen, row.position_ms / 1000) if row else (0, 0.0)
