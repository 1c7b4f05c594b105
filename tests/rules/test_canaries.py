"""What people write is never live on a page, never in the trail or the log, and never on another tenant's page."""

import json
import logging

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.app import Elearn
from elearn.core.audit import AuditEvent
from elearn.jobs.queue import run_due
from elearn.learning.models import Note
from elearn.licensing.models import Invitation, Licence
from elearn.organisations.models import CourseHouse, Municipality
from tests.client import check_page
from tests.rules.field import Field, routes
from tests.world import Side, World, latest_token

HOSTILE = "\"'></script><script>canary()</script>{{70707*7}}${70707*7}"
LIVE = ("<script>canary()", str(70707 * 7))


@pytest.fixture
def poisoned(field: Field, session: Session, world: World) -> World:
    """Hostile text in every place that people fill."""
    side = world.ours
    for person in (side.learner, side.owner, side.invited, side.leader):
        session.get_one(Person, person.id).name = HOSTILE
    session.get_one(CourseHouse, side.house.id).name = HOSTILE
    session.get_one(Licence, side.licence.id).reason = HOSTILE
    session.get_one(Municipality, side.municipality.id).official_name = HOSTILE
    session.get_one(Municipality, side.municipality.id).reporting_phone = HOSTILE
    for note in session.scalars(select(Note)):
        note.text = HOSTILE
    for invitation in session.scalars(select(Invitation)):
        invitation.message = HOSTILE
    session.commit()
    return world


def everybody(browser, side: Side):
    return [browser(), browser().signed_in_as(side.learner), browser().signed_in_as(side.owner)]


@pytest.mark.looks
def test_what_people_write_is_shown_and_never_run(app: Elearn, field: Field, poisoned: World, browser) -> None:
    shown = 0
    for rule, method in routes(app):
        if method != "GET":
            continue
        for client in everybody(browser, poisoned.ours):
            response = client.get(field.fill(rule, field.ours))
            if response.mimetype != "text/html" or response.status_code != 200:
                continue
            page = check_page(rule.rule, response)
            assert not [live for live in LIVE if live in response.text], rule.rule
            for script in page.find_all("script"):
                if script.get("type") == "application/json":
                    json.loads(script.string)
                else:
                    assert "canary" not in script.text, rule.rule
            shown += "canary()" in response.text
    assert shown > 5, "the text stands on several pages"


@pytest.mark.parametrize("address", ["/owner/people?text={}", "/owner/licences?text={}", "/certificates?code={}"])
def test_what_is_searched_for_is_never_run(owner, address: str) -> None:
    from urllib.parse import quote

    page = owner.get(address.format(quote(HOSTILE))).text

    assert "canary" in page
    assert not [live for live in LIVE if live in page]


@pytest.mark.looks
def test_nothing_of_theirs_stands_on_our_pages(app: Elearn, field: Field, world: World, browser, session) -> None:
    theirs = [
        "NOTE-theirs",
        "Learner-theirs",
        "Invited theirs",
        "Owner theirs",
        "owner@theirs.example",
        str(field.theirs["code"]),
    ]
    leaks = []
    for rule, method in routes(app):
        if method == "GET" and "code" not in rule.arguments:
            for client in everybody(browser, world.ours):
                page = client.get(field.fill(rule, field.ours)).get_data().decode(errors="replace")
                leaks += [(rule.rule, word) for word in theirs if word in page]
    assert not leaks


def test_an_export_holds_ones_own_and_nobody_elses(field: Field, learner) -> None:
    told = learner.press("/learn/my-data/download").text

    assert "NOTE-ours" in told
    assert field.ours["code"] in told
    assert "theirs" not in told


def test_neither_log_nor_trail_holds_a_secret(
    field: Field, world: World, browser, session, installation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    learner = browser().signed_in_as(world.ours.learner)
    invitation = latest_token(session, installation)
    learner.send(f"/learn/modules/{field.ours['module_id']}/notes/a-child", {"text": "SECRET-NOTE"})
    learner.press("/sign-in", email="leader@ours.example")
    run_due(installation)
    link = latest_token(session, installation)
    browser().press(f"/sign-in/{link}")
    claims = learner.send(f"/learn/lessons/{field.ours['lesson_id']}/ticket", {"player": "p"}).json["claims"]
    learner.post(f"/learn/lessons/{field.ours['lesson_id']}/watched", json={"claims": claims, "text": "SECRET-TYPED"})
    browser().press(f"/invitations/{invitation}")

    secrets = ["SECRET", link, claims, invitation, learner.cookie()["_user_id"]]
    trail = "\n".join(f"{event.kind} {event.data}" for event in session.scalars(select(AuditEvent)))
    jobs = "\n".join(str(row) for row in session.execute(text("SELECT * FROM jobs")))
    log = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("elearn"))
    assert "licensing." in trail
    for place in (trail, jobs, log):
        assert not [secret for secret in secrets if secret in place]
