"""Answering a form on a phone by keyboard alone; what was written waits in the tab until it is sent, and no longer."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from elearn.feedback.models import SpooledResponse
from tests.feedback.forms import ask, form_file, long_text, scale, words
from tests.walks.conftest import Site
from tests.walks.looking import Look
from tests.walks.pages import shot, sign_in
from tests.walks.test_keyboard import Keys, sign_in_by_keyboard

pytestmark = pytest.mark.walk
LEARNER = "learner-ours@0710.example"
DRAFTS = "() => Object.keys(sessionStorage).filter((key) => key.startsWith('feedback:')).length"
QUESTIONS = [
    scale(required=True),
    {"type": "rating", "id": "rating", "text": words("Rate the course")},
    long_text("why", show_if={"question": "notice", "answer": ["4", "5"]}),
]


@pytest.fixture
def form_id(site: Site) -> int:
    with site.installation.database.transaction() as session:
        course = session.merge(site.world.ours.course)
        form = form_file("before", moment="before-start", asks_first=True, questions=QUESTIONS)
        return ask(session, course, form)[0].id


def test_answering_by_keyboard_on_a_phone(site, device, form_id):
    page = device(width=390, height=800)
    keys = Keys(page)
    sign_in_by_keyboard(keys, site)
    keys.tab_to("Answer 3 questions")
    keys.press("Enter")
    page.wait_for_url(f"**/feedback/{form_id}")
    why = page.get_by_label("Question why")
    expect(why).to_be_hidden()

    keys.tab_to("q.notice")
    keys.press("Space", "ArrowDown", "ArrowDown", "ArrowDown")
    expect(page.get_by_label("Point 4")).to_be_checked()
    expect(why).to_be_visible()
    keys.tab_to("q.why")
    page.keyboard.type("Call 22 33 44 55")
    keys.tab_to("Send answers")
    keys.press("Enter")
    expect(page.get_by_text("Take out the number or the address.")).to_be_visible()
    assert keys.focus()["name"] == "q.why"
    shot(page, "answer-refused")
    page.keyboard.press("Control+A")
    page.keyboard.type("A quiet talk")
    page.reload()
    expect(why).to_have_value("A quiet talk")
    keys.tab_to("Send answers")
    keys.press("Enter")
    page.wait_for_url("**/feedback/thanks")
    expect(page.get_by_role("heading", name="If you are worried about a child")).to_be_visible()

    assert page.evaluate(DRAFTS) == 0
    with site.installation.database.reader() as session:
        assert session.scalars(select(SpooledResponse)).one().answers == {"notice": 4, "why": "A quiet talk"}


@pytest.mark.looks
def test_the_page_owes_what_every_page_owes_and_leaving_forgets_what_was_written(site, device, form_id):
    page = device()
    neutral = f"{site.url}/help-lines"
    site.installation.settings = replace(site.installation.settings, leave_url=neutral)
    sign_in(page, site, LEARNER)
    look = Look(page)
    look.open(f"{site.url}/feedback/{form_id}")
    page.get_by_label("Point 5").check(force=True)
    page.get_by_label("Question why").fill("Something")
    assert page.evaluate(DRAFTS) == 1
    assert look.faults() == []
    assert look.too_wide() == []
    page.get_by_role("link", name="Leave this page", exact=True).click()
    page.wait_for_url(neutral)
    page.goto(site.url)
    assert page.evaluate(DRAFTS) == 0


@pytest.mark.looks
def test_without_script_every_question_is_there_and_the_server_decides(site, device, form_id):
    page = device(java_script_enabled=False)
    sign_in(page, site, LEARNER)
    page.goto(f"{site.url}/feedback/{form_id}")
    expect(page.get_by_text("Only if you answered Point 4 or Point 5")).to_be_visible()
    page.get_by_label("Question why").fill("Call 22 33 44 55")
    page.get_by_label("Point 4").check(force=True)
    page.get_by_role("button", name="Send answers").click()
    expect(page.get_by_role("heading", name="Nothing was sent. Correct 1 answer")).to_be_visible()
    page.get_by_label("Question why").fill("A quiet talk")
    page.get_by_role("button", name="Send answers").click()
    page.wait_for_url("**/feedback/thanks")
