"""A buyer brings a messy list from real life: sees what is wrong, mends it, invites, and the letters are there."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from elearn.core import clock
from elearn.core.scope import MunicipalityScope
from elearn.licensing.services import grant_licence
from elearn.organisations.services import add_department
from tests.licensing.lists.workbooks import workbook
from tests.walks.pages import sign_in

pytestmark = pytest.mark.walk
STAFF = [
    ["Personale, november"],
    [],
    ["Nr.", "Fulde navn", "Mail", "Enhed", "Fagområde", "Rolle"],
    [1, "Anders Holm ", "anders@strandby.example", "dagtilbud nord", "Dagtilbud", None],
    [2, "Bodil\u00a0Bro", " Bodil@strandby.example", "Dagtilbud Nord", "Dagtilbud", "Leder"],
    [3, "Mette", "mette.strandby.example", None, "PPR", None],
    [4, '=A2&" "&B2', "ole@strandby.example", None, None, None],
    [5, "Rikke", "rikke@strandby.example", "Sundhedspl. Øst", "Sundhedspleje", None],
    [6, datetime(2023, 11, 1, 12, 0), "signe@strandby.example", None, None, None],  # noqa: DTZ001 - as Excel has it
    [7, "Anders igen", "ANDERS@strandby.example", None, None, None],
    [],
    [8, "Invited", "invited@ours.example", None, None, None],
]


@pytest.fixture
def licence_url(site) -> str:
    with site.installation.database.transaction() as session:
        side = site.world.ours
        today = clock.today("DK")
        licence = grant_licence(
            session,
            house=session.merge(side.house),
            course=session.merge(side.course),
            municipality=session.merge(side.municipality),
            seats=60,
            starts_on=today,
            ends_on=today + timedelta(days=364),
            reason="Walk",
            by_id=side.owner.id,
        )
        scope = MunicipalityScope(side.municipality.id, side.buyer.id)
        for name in ("Dagtilbud Nord", "Sundhedsplejen"):
            add_department(session, scope=scope, name=name, by_id=side.buyer.id)
    return f"{site.url}/municipalities/{side.municipality.id}/licences/{licence.id}"


def staff_file(folder: Path) -> Path:
    made = folder / "personale-november.xlsx"
    made.write_bytes(workbook(STAFF, merged=["A1:F1"]))
    return made


def hand_in(page: Page, site, licence_url: str, file: Path) -> None:
    page.goto(licence_url)
    page.get_by_role("link", name="Invite from a list").first.click()
    page.get_by_label("Or choose a file").set_input_files(file)
    page.get_by_label("A line of your own").fill("See you on Monday")
    page.get_by_role("button", name="Look at the list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We are reading the list")
    site.run_jobs()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_messy_list_is_looked_at_mended_and_invited(width: int, site, device, licence_url, tmp_path) -> None:
    page = device(width=width, height=900)
    sign_in(page, site, "buyer@ours.example")
    hand_in(page, site, licence_url, staff_file(tmp_path))

    # The page goes on by itself once the list is read, and says row by row what is wrong.
    expect(page.get_by_role("heading", name="5 rows have to be corrected")).to_be_visible()
    for said in (
        "The address has no @. Write the whole address.",
        "The name is a formula. Write it as text.",
        "The department “Sundhedspl. Øst” does not exist.",
        "The name is a date. Write the name.",
        "The address stands in row 4 too.",
    ):
        expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name="Invite 3 people")).to_be_visible()

    page.get_by_label("Email in row 6").fill("mette@strandby.example")
    page.get_by_label("Name in row 7").fill("Ole Berg")
    page.get_by_label("Department in row 8").select_option("Sundhedsplejen")
    page.get_by_label("Name in row 9").fill("Signe Dam")
    page.get_by_label("Skip row 10").check()
    page.get_by_role("button", name="Save corrections and check again").click()
    expect(page.get_by_text("Your corrections are saved.")).to_be_visible()
    expect(page.get_by_text("Row 10 is skipped.")).to_be_visible()
    expect(page.get_by_text("1 person becomes a leader")).to_be_visible()

    # One confirmation; the bar shows how far the letters are, and the page goes on by itself.
    page.get_by_role("button", name="Invite 7 people").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    site.run_jobs()
    expect(page.get_by_role("heading", level=1)).to_have_text("7 people are invited")
    letters = [path.read_text() for path in site.installation.settings.mail_folder.glob("*.eml")]
    to_the_list = [letter for letter in letters if "See you on Monday" in letter]
    assert len(to_the_list) == 7
    assert any("To: mette@strandby.example" in letter for letter in to_the_list)
    page.get_by_role("link", name="See the people").click()
    expect(page.get_by_text("Signe Dam")).to_be_visible()

    # The same list again has nobody left to invite.
    hand_in(page, site, licence_url, staff_file(tmp_path))
    page.get_by_role("button", name="Skip these").click()
    expect(page.get_by_text("Everybody on the list has a seat already.")).to_be_visible()


def test_a_list_is_read_and_invited_without_javascript(site, device, licence_url, tmp_path) -> None:
    page = device(java_script_enabled=False)
    sign_in(page, site, "buyer@ours.example")
    hand_in(page, site, licence_url, staff_file(tmp_path))
    page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("button", name="Skip these 5 rows").click()
    page.get_by_role("button", name="Invite 3 people").click()
    site.run_jobs()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 people are invited")
