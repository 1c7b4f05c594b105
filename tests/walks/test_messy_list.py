"""A messy list without JavaScript, twice: the second time nobody is left to invite."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.walks.conftest import Site
from tests.walks.pages import sign_in
from tests.walks.staff_list import staff_file

pytestmark = [pytest.mark.walk, pytest.mark.looks]


def hand_in(page: Page, site: Site, licence_url: str, file: Path) -> None:
    page.goto(licence_url)
    page.get_by_role("link", name="Invite from a list").first.click()
    page.get_by_label("Or choose a file").set_input_files(file)
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We are reading the list")
    site.run_jobs()
    page.get_by_role("link", name="See how far it is").click()


def test_a_list_is_read_and_invited_without_javascript(site: Site, device, tmp_path: Path) -> None:
    page = device(java_script_enabled=False)
    side = site.world.ours
    licence_url = f"{site.url}/municipalities/{side.municipality.id}/licences/{side.licence.id}"
    sign_in(page, site, "buyer@ours.example")
    hand_in(page, site, licence_url, staff_file(tmp_path))
    page.get_by_role("button", name="Skip these 8 rows").click()
    expect(page.get_by_text("There is nobody left to invite on this list.")).to_be_visible()
    page.get_by_role("button", name="Take them in again").click()
    page.get_by_label("Department in row 5").select_option("new")
    page.get_by_role("button", name="Save corrections and check again").click()
    page.get_by_role("button", name="Invite 2 people").click()
    site.run_jobs()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 people are invited")

    hand_in(page, site, licence_url, staff_file(tmp_path))
    page.get_by_role("button", name="Skip these").click()
    expect(page.get_by_text("Everybody on the list has a seat already.")).to_be_visible()
