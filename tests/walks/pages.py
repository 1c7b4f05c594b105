"""What a person does on the pages, and what the film itself says."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from elearn.learning import ranges
from tests.walks.conftest import Site
from tests.world import app_code

SHOTS = os.environ.get("ELEARN_SHOTS")
"""A folder for pictures of what the walks see."""
WATCH_THE_FILM = """() => {
  const video = document.querySelector("video");
  const log = (window.walkLog = []);
  let from = null;
  const begin = () => { if (from === null) from = video.currentTime; };
  const end = (at) => { if (from !== null && at > from) log.push([from, at]); from = null; };
  let last = video.currentTime;
  video.addEventListener("playing", begin);
  video.addEventListener("timeupdate", () => { if (!video.seeking) { begin(); last = video.currentTime; } });
  video.addEventListener("seeking", () => end(last));
  video.addEventListener("pause", () => end(video.currentTime));
  video.addEventListener("ended", () => end(video.duration));
  window.walkSeen = () => from === null ? log : [...log, [from, last]];
}"""
"""A log of what the video element really played, kept apart from the product's own script."""


@dataclass
class ModulePage:
    """A module page in a browser."""

    page: Page

    def play(self) -> None:
        """Press the big button and wait until the film runs."""
        self.page.locator("[data-play]").click()
        self.page.wait_for_function(
            "() => { const v = document.querySelector('video'); return v && v.currentTime > 0 && !v.paused; }"
        )

    def listen(self) -> None:
        """Log what the film plays, independently."""
        self.page.evaluate(WATCH_THE_FILM)

    def watch_until(self, seconds: float) -> None:
        self.page.wait_for_function(f"() => document.querySelector('video').currentTime >= {seconds}", timeout=40_000)

    def pause(self) -> None:
        self.page.evaluate("() => document.querySelector('video').pause()")

    @property
    def time(self) -> float:
        return float(self.page.evaluate("() => document.querySelector('video').currentTime"))

    def seconds_played(self, length_s: int) -> int:
        """Return the set of seconds that the video element played."""
        played = [(begin, end) for begin, end in self.page.evaluate("() => window.walkSeen()")]
        return ranges.seconds_in(played, length_s)

    def wait_until_saved(self) -> None:
        expect(self.page.locator("[data-save-state]")).to_have_attribute("data-state", "saved")


def sign_in(page: Page, site: Site, address: str) -> None:
    """Sign in as people do: ask for a link, open it, press the button, and show the app's code when asked."""
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Email").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    page.wait_for_url("**/sign-in/sent")
    page.goto(link_in(site.newest_letter()))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url or "second-step" in url)
    if "second-step" in page.url:
        show_code(page, site)


def accept_seat(page: Page, letter: str) -> None:
    """Open the invitation in a letter, press its one button, and read how to leave the page if it is the first time."""
    page.goto(link_in(letter))
    page.get_by_role("button", name="Accept the seat").click()
    explained = page.get_by_role("button", name="I have read it. Carry on")
    if explained.is_visible():
        explained.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My courses")


def shot(page: Page, name: str, language: str = "English") -> None:
    """Take a picture of the page, where pictures are wanted; in another language the page is loaded anew for it."""
    if not SHOTS:
        return
    choose = page.get_by_role("contentinfo").get_by_role("button", name=language)
    changes = choose.get_attribute("aria-current") is None
    if changes:
        choose.click()
    page.wait_for_load_state("networkidle")
    page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    if changes:
        page.get_by_role("contentinfo").get_by_role("button", name="English").click()


def show_code(page: Page, site: Site) -> None:
    """Write the code that the owner's app shows next: no code works twice."""
    site.clock.advance(seconds=60)
    page.get_by_label("Code", exact=True).fill(app_code())
    page.get_by_role("button", name="Go on").click()


def link_in(letter: str) -> str:
    """Return the first address of ours in a letter."""
    found = re.search(
        r"https?://localhost:\d+/(?:sign-in|invitations|joinings|orders/confirm)/[\w=-]+", letter.replace("=\n", "")
    )
    assert found, letter
    return found[0]


def until(holds: Callable[[], object], what: str, *, within_s: float = 10) -> None:
    """Wait for something that no page shows, such as a report that arrives after its page has gone."""
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        time.sleep(0.05)
