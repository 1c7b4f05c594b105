"""By keyboard alone, and at 400 % zoom: from signing in to the next module, with the focus always in sight."""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.pages import ModulePage, link_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]
LEARNER = "learner-ours@0710.example"
FOCUSED = """() => {
  let one = document.activeElement;
  while (one.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  const lit = (it) => {
    const style = getComputedStyle(it);
    return style.outlineStyle !== "none" || style.boxShadow !== "none";
  };
  const host = one.getRootNode().host ?? one.closest(".ds-field");  // a box to tick is marked around its label, too
  const box = one.getBoundingClientRect();
  const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;
  const [x, y] = [middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight)];
  const hit = document.elementFromPoint(x, y);
  const outer = document.activeElement;
  const name = one.getAttribute("aria-label") || one.id || one.labels?.[0]?.textContent || one.textContent;
  return {
    name: name.trim().slice(0, 60),
    tag: outer.tagName.toLowerCase(),
    ring: lit(one) || (host ? lit(host) : false) || outer.matches(".ds-skip-link"),
    inSight: hit !== null && (outer.contains(hit) || hit.contains(outer)),
    isBody: one === document.body,
  };
}"""
"""What has the focus, whether it is marked, and whether it lies on top where it stands."""


class Keys:
    """A person with a keyboard and nothing else."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def tab_to(self, name: str, *, most: int = 80) -> None:
        """Press Tab until what is called `name` has the focus; on the way every stop must be seen."""
        passed = []
        for _ in range(most):
            self.page.keyboard.press("Tab")
            focus = self.focus()
            passed.append(focus["name"])
            if name in focus["name"]:
                return
        raise AssertionError(f"Tab never reached {name}: {passed}")

    def focus(self) -> dict[str, object]:
        """Return what has the focus. It must be seen, and not lie under the sticky header."""
        focus: dict[str, object] = self.page.evaluate(FOCUSED)
        if not focus["isBody"]:
            assert focus["ring"], f"the focus on {focus['name']} is not seen"
            assert focus["inSight"], f"the focus on {focus['name']} is out of sight"
        return focus


def sign_in_by_keyboard(keys: Keys, site) -> None:
    page = keys.page
    page.goto(f"{site.url}/sign-in")
    keys.tab_to("email")
    page.keyboard.type(LEARNER)
    keys.press("Enter")
    page.wait_for_url("**/sign-in/sent")
    page.goto(link_in(site.newest_letter()))
    keys.tab_to("Sign in", most=20)  # the header's link
    while keys.focus()["tag"] != "button":
        keys.tab_to("Sign in")
    keys.press("Enter")
    page.wait_for_url("**/learn")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (320, 256)], ids=["desktop", "at-400-per-cent"])
def test_the_main_journey(width, height, site, device):
    page = device(width=width, height=height)
    keys = Keys(page)
    sign_in_by_keyboard(keys, site)
    keys.tab_to("See the course")
    keys.press("Enter")
    page.wait_for_url("**/learn/*")
    keys.tab_to("Why we ask")
    keys.press("Enter")
    page.wait_for_url("**/learn/modules/*")

    # The film: one press begins; its keys work while it has the focus.
    keys.tab_to("Play")
    keys.press("Enter")
    watching = ModulePage(page)
    watching.watch_until(0.5)
    keys.press("Space")
    page.wait_for_function("() => document.querySelector('video').paused")
    at = watching.time
    keys.press("ArrowRight")
    page.wait_for_function(f"() => Math.abs(document.querySelector('video').currentTime - {at} - 10) < 1")
    keys.press("ArrowLeft")
    page.wait_for_function(f"() => Math.abs(document.querySelector('video').currentTime - {at}) < 1")
    keys.press("m")
    assert page.evaluate("() => document.querySelector('video').muted")
    showing = "() => [...document.querySelector('video').textTracks].filter((t) => t.mode === 'showing').length"
    before = page.evaluate(showing)
    keys.press("c")
    page.wait_for_function(f"() => ({showing})() !== {before}")
    keys.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.wait_for_selector("media-fullscreen-button[mediaisfullscreen]")  # the player has heard of it, too
    keys.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")

    # No trap: Tab leads out of the player, and outside its letters do nothing.
    keys.tab_to("Follow")
    muted = page.evaluate("() => document.querySelector('video').muted")
    keys.press("m", "c", "f")
    assert page.evaluate("() => document.querySelector('video').muted") == muted
    assert page.evaluate("() => document.fullscreenElement") is None

    # A note, saved by itself; then the next module.
    keys.tab_to("note-text-1")
    page.keyboard.type("Et roligt sted")
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Saved")
    keys.tab_to("Go to module 2")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("At lytte")
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_menus_open_and_close_by_keyboard(site, device):
    page = device()
    keys = Keys(page)
    sign_in_by_keyboard(keys, site)
    keys.tab_to("English")
    keys.press("Enter")
    keys.tab_to("Dansk")
    keys.press("Escape")
    assert keys.focus()["tag"] == "summary"
    expect(page.locator("details.menu[open]")).to_have_count(0)
