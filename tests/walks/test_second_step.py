"""An owner adds a passkey, signs in with it, and does the same with an app in a browser that runs no scripts."""

import pytest
from playwright.sync_api import Page, expect

from elearn.accounts.models import TotpSecret
from tests.walks.conftest import TIMEOUT_MS, Site
from tests.walks.pages import link_in, sign_in
from tests.world import app_code

pytestmark = [pytest.mark.walk, pytest.mark.looks]


def with_security_key(page: Page) -> Page:
    """Plug a security key into the browser that answers by itself."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def open_mailed_link(page: Page, site: Site, address: str) -> None:
    page.goto(f"{site.url}/sign-in")
    page.get_by_label("Email").fill(address)
    page.get_by_role("button", name="Send me a link").click()
    page.goto(link_in(site.newest_letter()))
    page.get_by_role("button", name="Sign in").click()


def test_a_new_owner_adds_a_passkey_and_signs_in_with_it(site: Site, device) -> None:
    with site.installation.database.transaction() as session:
        session.delete(session.get_one(TotpSecret, site.world.ours.owner.id))
    owner = with_security_key(device())
    open_mailed_link(owner, site, "owner@ours.example")
    expect(owner.get_by_role("heading", name="One more thing before your pages open")).to_be_visible()

    owner.get_by_role("link", name="Add a passkey").click()
    owner.get_by_label("Your name for the device").fill("work laptop")
    owner.get_by_role("button", name="Make the passkey").click()
    expect(owner.get_by_role("heading", level=1)).to_contain_text("House ours", timeout=TIMEOUT_MS)

    owner.goto(f"{site.url}/security")
    owner.get_by_role("button", name="Sign out everywhere else").click()
    expect(owner.get_by_text("You were signed in nowhere else.")).to_be_visible()
    owner.get_by_role("main").get_by_role("button", name="Sign out", exact=True).click()
    open_mailed_link(owner, site, "owner@ours.example")
    expect(owner.get_by_role("heading", name="The second step")).to_be_visible()
    owner.get_by_role("button", name="Use a passkey").click()
    expect(owner.get_by_role("heading", level=1)).to_contain_text("House ours", timeout=TIMEOUT_MS)

    # Without the key, the mailed link opens no owner's page.
    elsewhere = device()
    open_mailed_link(elsewhere, site, "owner@ours.example")
    elsewhere.get_by_role("button", name="Use a passkey").wait_for()
    elsewhere.goto(f"{site.url}/owner/people")
    expect(elsewhere.get_by_role("heading", name="The second step")).to_be_visible()


def test_a_browser_without_scripts_has_the_app(site: Site, device) -> None:
    buyer = device(java_script_enabled=False)
    sign_in(buyer, site, "buyer@ours.example")
    buyer.goto(f"{site.url}/security")
    buyer.get_by_role("button", name="Add an authenticator app").click()
    key = buyer.locator(".sec-key").inner_text().replace(" ", "")
    buyer.get_by_label("Code", exact=True).fill(app_code(key))
    buyer.get_by_role("button", name="Add the app").click()
    expect(buyer.get_by_text("The app is added.")).to_be_visible()

    buyer.get_by_role("main").get_by_role("button", name="Sign out", exact=True).click()
    open_mailed_link(buyer, site, "buyer@ours.example")
    buyer.get_by_label("Code", exact=True).fill(app_code(key))
    buyer.get_by_role("button", name="Go on").click()
    expect(buyer.get_by_text("This code is wrong or has been used.").first).to_be_visible()
    site.clock.advance(seconds=30)
    buyer.get_by_label("Code", exact=True).fill(app_code(key))
    buyer.get_by_role("button", name="Go on").click()
    expect(buyer.get_by_role("heading", name="The second step")).not_to_be_visible()
    assert "/municipalities/" in buyer.url


def test_a_password_is_chosen_and_signs_in(site: Site, device) -> None:
    page = device()
    open_mailed_link(page, site, "learner-ours@0710.example")
    page.goto(f"{site.url}/security/password")
    page.get_by_label("New password").fill("favrskov2026")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("New password").fill("fire trætte ænder i regn ")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_text("Your password is saved.")).to_be_visible()

    other = device()
    other.goto(f"{site.url}/sign-in")
    other.get_by_role("link", name="Or sign in with a password").click()
    other.get_by_label("Email").fill("learner-ours@0710.example")
    other.get_by_label("Password", exact=True).fill("fire trætte ænder i regn ")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("My courses")
