"""Without JavaScript everything but the film works: signing in, reading, writing, skipping, one's word, languages."""

import pytest
from playwright.sync_api import expect

from tests.walks.pages import sign_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]
LEARNER = "learner-ours@0710.example"


def test_a_module_without_javascript(site, device):
    page = device(java_script_enabled=False)
    sign_in(page, site, LEARNER)
    page.get_by_role("link", name="Start the module").click()

    # The film says what it needs, and its text stands there to be read.
    # (This browser runs no script, but parses <noscript> as if it did: its words are there, not shown.)
    assert "The film needs JavaScript" in page.content()
    expect(page.locator("[data-play]")).to_be_hidden()
    expect(page.locator("[data-transcript]")).to_contain_text("Hvordan har du det?")

    # A note, saved by its button.
    page.get_by_label("Your note").first.fill("Et roligt sted")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_label("Your note").first).to_have_value("Et roligt sted")
    expect(page.locator("[data-autosave-status]").first).to_contain_text("Saved at")

    # A part is skipped, and taken back in.
    page.get_by_role("button", name="Skip 00:05–00:08").click()
    expect(page.get_by_text("You have chosen to skip 00:05–00:08")).to_be_attached()
    page.locator("details.notice:not([open]) > summary").or_(page.locator("details.notice[open]")).first.click()
    page.get_by_role("button", name="Take it back in").click()
    expect(page.get_by_role("button", name="Skip 00:05–00:08")).to_be_attached()

    # One's own word completes the module.
    page.get_by_role("button", name="I have read it").click()
    expect(page.locator("[data-completed-text]")).to_contain_text("The module is complete")


def test_languages_and_menus_without_javascript(site, device):
    page = device(java_script_enabled=False)
    sign_in(page, site, LEARNER)
    page.locator("header summary").filter(has_text="English").click()
    page.locator("header").get_by_role("button", name="Dansk").click()
    expect(page.locator("html")).to_have_attribute("lang", "da")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mine kurser")
    page.get_by_role("contentinfo").get_by_role("button", name="Nynorsk").click()
    expect(page.locator("html")).to_have_attribute("lang", "nn")
    page.locator("header summary").filter(has_text="Learner-ours").click()
    page.locator("header form[action='/sign-out'] button:visible").click()
    page.goto(f"{site.url}/learn")
    assert "/sign-in" in page.url
