"""An owner writes a course in the browser, without script: a learner sees it once it is published."""

import pytest
from playwright.sync_api import Page, expect

from tests.walks.looking import Look
from tests.walks.pages import sign_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]
SUMMARY = "Et kursus om at spørge, skrevet i browseren."


def test_a_text_is_changed_a_module_added_and_the_learner_sees_both(site, device):
    owner = device(java_script_enabled=False)
    sign_in(owner, site, "owner@ours.example")
    owner.goto(f"{site.url}/owner")
    owner.get_by_role("link", name="Hard talks").click()
    owner.get_by_role("link", name="Edit the course").click()
    editor = owner.url

    # The course's summary, in the language it is written in first.
    owner.get_by_role("link", name="Dansk", exact=True).click()
    owner.get_by_label("Summary").fill(SUMMARY)
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("Saved. Learners see it when you publish.")).to_be_visible()
    expect(owner.get_by_text("The course: summary (Dansk)")).to_be_visible()

    # A new module, which shows a film of the house; its text is looked at before it is saved.
    owner.get_by_role("link", name="New module").click()
    owner.get_by_label("Title").fill("Gå videre")
    owner.get_by_label("Summary").fill("Næste skridt.")
    owner.get_by_label("Film").select_option("listening")
    owner.get_by_role("button", name="Begin the module").click()
    owner.get_by_label("Text", exact=True).fill("Tag det **næste** skridt.")
    owner.get_by_role("button", name="See how it will look").click()
    expect(owner.locator(".edt-look strong")).to_have_text("næste")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_text("New module: Gå videre")).to_be_visible()

    # It moves up, and nobody sees any of it yet.
    owner.get_by_role("button", name="Move up: Gå videre").press("Enter")
    expect(owner.locator(".edt-module h3").nth(1)).to_contain_text("2. Gå videre")
    learner = device()
    sign_in(learner, site, "learner-ours@0710.example")
    course = f"{site.url}/learn/{site.world.ours.course.id}"
    learner.goto(course)
    expect(learner.get_by_role("main")).to_contain_text("At lytte")
    expect(learner.get_by_role("main")).not_to_contain_text("Gå videre")

    owner.goto(editor)
    owner.get_by_role("link", name="Check and publish").click()
    owner.get_by_role("button", name="Publish").click()
    expect(owner.get_by_text("Version 2 is published. Everyone’s progress is kept.")).to_be_visible()

    learner.goto(course)
    learner.get_by_role("link", name="Gå videre").first.click()
    expect(learner.get_by_role("main")).to_contain_text("Tag det næste skridt.")
    expect(learner.locator("video")).to_have_count(1)
    owner.goto(f"{site.url}/courses/hard-talks")
    expect(owner.get_by_role("main")).to_contain_text(SUMMARY)


def test_what_two_owners_write_at_once_is_asked_about_and_the_page_stays_good(site, device):
    first, second = device(), device(width=390, height=844)
    words = f"{site.url}/owner/edit/hard-talks/words/da"
    for owner, summary in ((first, "Den ene."), (second, "Den anden.")):
        sign_in(owner, site, "owner@ours.example")
        owner.goto(words)
        owner.get_by_label("Summary").fill(summary)
    first.get_by_role("button", name="Save").click()
    look = Look(second)
    second.get_by_role("button", name="Save").click()

    expect(second.get_by_role("alert")).to_contain_text("Somebody changed this meanwhile")
    expect(second.get_by_role("alert")).to_contain_text("Den ene.")
    expect(second.get_by_label("Summary")).to_have_value("Den anden.")
    assert look.faults() == []
    assert look.too_wide() == []
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("Saved. Learners see it when you publish.")).to_be_visible()
    assert "summary: Den anden.\n" in site.world.ours.files.path("da.yaml").read_text()


def test_a_course_is_begun_by_keyboard(site, device):
    owner: Page = device()
    sign_in(owner, site, "owner@ours.example")
    owner.goto(f"{site.url}/owner")
    owner.get_by_role("link", name="Begin a course").press("Enter")
    owner.get_by_label("Title").press_sequentially("Ny begyndelse")
    owner.get_by_role("radio", name="Dansk").press("Space")
    owner.get_by_role("checkbox", name="Schools").press("Space")
    owner.get_by_role("button", name="Begin the course").press("Enter")
    expect(owner.get_by_role("heading", level=1)).to_have_text("Ny begyndelse")
    expect(owner.get_by_text("The course has no module yet.")).to_be_visible()
