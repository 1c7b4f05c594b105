"""An evaluation from its first answer to its closing: learner, leader, others of the municipality, and the owner.

The clock is set from the day of the first form over the ninetieth day after completion to the Monday of the release.
"""

import io
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.evaluation.models import PublishedTable
from elearn.feedback.form_checks import check_forms
from elearn.feedback.form_files import LATER_DAYS, Audience, FormFile
from elearn.feedback.models import FeedbackForm, FeedbackRound, PairingKey, ReleasedAnswer, SpooledResponse
from elearn.feedback.services.answering import Respondent, submit_response
from elearn.feedback.services.publishing import open_round, publish_forms
from elearn.home.demo_answers import answers
from elearn.jobs.schedule import run_periodic
from elearn.licensing.services import add_seats
from tests.feedback.people import add_learners, complete
from tests.walks.conftest import Site
from tests.walks.looking import TOO_WIDE
from tests.walks.pages import shot, sign_in

pytestmark = [pytest.mark.walk, pytest.mark.looks]
SAMPLE = check_forms(Path(__file__).parents[2] / "courses/tid-til-at-svare", ("da",))
NOTICE = next(iter(SAMPLE.files["after"].value.questions())).text["en"]
LEARNER, LEADER, OWNER = "learner-ours@0710.example", "leader@ours.example", "owner@ours.example"
PHONE = {"width": 390, "height": 844}
ENOUGH = 14
"""Others of the municipality, of each audience; a change is shown from ten pairs upward."""
MONDAY = datetime(2027, 3, 15, 6, 0, tzinfo=UTC)
"""The first Monday after the ninetieth day, seven in the morning in Copenhagen: an hour after the release is due."""


@pytest.fixture
def round_id(site: Site) -> int:
    """The sample course's forms, asked in our course, and the round in which they are answered."""
    with site.installation.database.transaction() as session:
        course = session.merge(site.world.ours.course)
        publish_forms(session, course=course, checked=SAMPLE, by=None)
        round_ = open_round(session, course)
        assert round_
        return round_.id


def others_answer(site: Site, round_id: int, audience: Audience, keys: Sequence[str]) -> None:
    """Have others of the municipality answer forms, those that are compared with each other too."""
    chance = random.Random(1)
    with site.installation.database.transaction() as session:
        round_ = session.get_one(FeedbackRound, round_id)
        for number in range(ENOUGH):
            person = Person(name=f"{audience} {number}", language="da", created_at=clock.now())
            session.add(person)
            session.flush()
            somebody = Respondent(person.id, audience, site.world.ours.municipality.id, None)
            given: dict[str, dict[str, object]] = {}
            for key in keys:
                form = form_of(session, round_, key)
                assert form.current_version
                content = FormFile.model_validate(form.current_version.content)
                given[key] = answers(content, chance, given.get(content.compares_with or "", {}))
                submit_response(
                    session,
                    site.installation.tokens,
                    form=form,
                    round_=round_,
                    respondent=somebody,
                    answers=given[key],
                )


def form_of(session: Session, round_: FeedbackRound, key: str) -> FeedbackForm:
    return session.scalars(
        select(FeedbackForm).where(FeedbackForm.course_id == round_.course_id, FeedbackForm.key == key)
    ).one()


def in_danish(page: Page, site: Site, address: str) -> Page:
    """Sign in, and read Danish from then on; return the page."""
    sign_in(page, site, address)
    danish = page.get_by_role("contentinfo").get_by_role("button", name="Dansk")
    if danish.get_attribute("aria-current") is None:
        danish.click()
    expect(page.locator("html")).to_have_attribute("lang", "da")
    return page


def answer(page: Page, key: str, *, place: int) -> None:
    """Open a form that asks, choose one and the same place in every question that is shown, and send."""
    title = SAMPLE.files[key].value.title["da"]
    asking = page.locator(".fb-ask, .fb-asks li").filter(has_text=title)
    asking.get_by_role("link", name="Svar på").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert page.evaluate(TOO_WIDE) == []
    for question in page.locator("form.fb-form fieldset:not(:has(fieldset))").all():
        if question.is_visible():
            choices = question.locator("input")
            choices.nth(min(place, choices.count() - 1)).check(force=True)
    shot(page, f"journey-{key}", "Dansk")
    page.get_by_role("button", name="Send svar").click()
    page.wait_for_url("**/feedback/thanks")


def wait_for_monday(site: Site) -> None:
    """Let the weekly release happen, as the background worker does it."""
    site.clock.set(MONDAY)
    run_periodic(site.installation)
    site.run_jobs()


def published(site: Site, round_id: int) -> dict[tuple[str, str], object]:
    """Return what is published of a round, by table."""
    with site.installation.database.reader() as session:
        tables = session.scalars(select(PublishedTable).where(PublishedTable.round_id == round_id))
        return {(table.kind, table.key): table.content for table in tables}


def count(site: Site, what: type) -> int:
    with site.installation.database.reader() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def test_from_the_first_answer_to_the_closed_round(site: Site, device, round_id: int) -> None:
    side = site.world.ours

    # A learner, on a phone and in Danish, says what they can before they start; a leader what the department can.
    learner = in_danish(device(**PHONE), site, LEARNER)
    learner.goto(f"{site.url}/learn/{side.course.id}")
    shot(learner, "journey-asked", "Dansk")
    answer(learner, "before", place=1)
    leader = in_danish(device(**PHONE), site, LEADER)
    answer(leader, "leader-before", place=1)

    # The film is there, unhindered; weeks later the learner, with four others, has completed the course.
    learner.goto(site.module_url)
    expect(learner.locator("[data-play]")).to_be_visible()
    site.clock.advance(days=20)
    with site.installation.database.transaction() as session:
        add_seats(session, licence=session.merge(side.licence), seats=4, by_id=None)
        for person in (side.learner, *add_learners(session, site.installation, side, "Ane", "Bo", "Ida", "Per")):
            complete(session, side, person)
    learner.goto(f"{site.url}/learn/{side.course.id}")
    answer(learner, "after", place=3)

    # Ninety days later, on other phones: what became of it, in the learner's words and the leader's.
    site.clock.advance(days=LATER_DAYS)
    learner = in_danish(device(**PHONE), site, LEARNER)
    answer(learner, "practice", place=0)
    leader = in_danish(device(**PHONE), site, LEADER)
    answer(leader, "leader-after", place=3)
    others_answer(site, round_id, Audience.STAFF, ("before", "after", "practice"))
    others_answer(site, round_id, Audience.LEADER, ("leader-before", "leader-after"))

    # Until Monday nobody sees anything; then the owner, at a desk and in English, reads what changed.
    owner = device()
    sign_in(owner, site, OWNER)
    owner.get_by_role("navigation").get_by_role("link", name="Evaluation").click()
    owner.get_by_role("link", name="Hard talks").click()
    expect(owner.get_by_role("heading", name="No answers have been released yet")).to_be_visible()
    wait_for_monday(site)
    assert count(site, SpooledResponse) == 0
    address = owner.url
    sign_in(owner, site, OWNER)
    owner.goto(address)
    row = owner.get_by_role("row", name=NOTICE).first
    before, after, difference, number = row.locator("td.ev-r").all_inner_texts()
    assert float(after) > float(before)
    assert number == str(ENOUGH + 1)
    shot(owner, "journey-evaluation")

    # The report says the same number.
    address = owner.get_by_role("link", name="Report as PDF").get_attribute("href")
    report = owner.request.get(f"{site.url}{address}").body()
    assert report.startswith(b"%PDF")
    told = " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(report)).pages).split())
    assert difference.split()[0] in told

    # The round is closed: no key joins before and after any more, and the figures stay.
    figures = published(site, round_id)
    owner.get_by_role("link", name="Close this round").click()
    owner.get_by_role("button", name="Close the round").click()
    expect(owner.get_by_role("heading", name="The round is being closed")).to_be_visible()
    site.run_jobs()
    expect(owner.get_by_text("This round is closed: its figures stay as they are.")).to_be_visible()
    assert count(site, PairingKey) == 0
    with site.installation.database.reader() as session:
        assert session.scalar(select(ReleasedAnswer.id).where(ReleasedAnswer.pseudonym.is_not(None)).limit(1)) is None
    assert published(site, round_id) == figures
    for line in difference.splitlines():
        expect(owner.get_by_role("row", name=NOTICE).first).to_contain_text(line)
