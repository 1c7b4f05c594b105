"""Whoever looks at the public page can watch the open module without an account; nothing is kept of it."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from elearn.accounts.models import Person, SignIn
from elearn.learning.models import LessonCompletion, VideoProgress
from tests.walks.pages import ModulePage

pytestmark = [pytest.mark.walk, pytest.mark.looks]


def rows(site) -> list[int | None]:
    with site.installation.database.reader() as session:
        return [
            session.scalar(select(func.count()).select_from(table))
            for table in (VideoProgress, LessonCompletion, SignIn, Person)
        ]


def test_from_the_public_page_to_the_film(site, device):
    before = rows(site)
    page = device()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.removeprefix(site.url)}"))
    page.goto(f"{site.url}/courses/hard-talks")
    page.get_by_role("main").locator(f"a[href='/courses/hard-talks/modules/{site.module_id}']").first.click()
    watching = ModulePage(page)
    watching.play()
    watching.watch_until(2.5)
    expect(page.locator("[data-transcript]")).to_contain_text("Hvordan har du det?")
    expect(page.locator("[data-progress-line]")).to_have_count(0)
    expect(page.get_by_label("Your note")).to_have_count(0)
    page.goto(f"{site.url}/courses/hard-talks")

    assert not [one for one in asked if one.startswith("POST") and not one.endswith("/ticket")]
    assert rows(site) == before

    # It plays from the start again: not even this browser remembers.
    page.go_back()
    expect(page.locator("[data-play]")).to_have_text("Play")
    assert page.evaluate("async () => (await indexedDB.databases()).length") == 0


def test_the_other_modules_stay_closed(site, device):
    page = device()
    with site.installation.database.reader() as session:
        closed = site.world.ours.outline(session).modules[1].id
    response = page.goto(f"{site.url}/courses/hard-talks/modules/{closed}")
    assert response
    assert response.status == 404
