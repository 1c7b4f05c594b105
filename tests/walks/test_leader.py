"""A rule for new hires runs; the leader sees the own people with their days, on a phone and at a desk."""

import pytest
from playwright.sync_api import Page, expect

from elearn.core.scope import MunicipalityScope
from elearn.jobs.schedule import run_periodic
from elearn.licensing.services import place_seats
from elearn.organisations.models import Role
from elearn.organisations.services import add_department, add_member
from tests.walks.conftest import Site
from tests.walks.pages import shot, sign_in
from tests.world import add_learner

pytestmark = [pytest.mark.walk, pytest.mark.looks]
PHONE = {"width": 390, "height": 800}


def departments(site: Site) -> None:
    """Two departments, one below the other, with people; the leader leads the upper one."""
    with site.installation.database.transaction() as session:
        side = site.world.ours
        scope = MunicipalityScope(side.municipality.id, side.buyer.id)
        schools = add_department(session, scope=scope, name="Strandskolen", by_id=None)
        club = add_department(session, scope=scope, name="Strandskolen SFO", by_id=None, parent_id=schools.id)
        for name, department in (("Amina", schools), ("Birgit", club)):
            person = add_learner(session, site.installation, session.merge(side.licence), name)
            place_seats(
                session,
                scope=scope,
                seat_ids=[side.seat(session, person).id],
                department_id=department.id,
                by_id=side.buyer.id,
            )
        add_member(
            session,
            person=session.merge(side.leader),
            municipality=session.merge(side.municipality),
            role=Role.LEADER,
            by_id=None,
            department_id=schools.id,
        )


def begin_a_rule(buyer: Page) -> None:
    buyer.get_by_role("link", name="New hires", exact=True).first.click()
    expect(buyer.get_by_role("heading", name="No rules yet")).to_be_visible()
    shot(buyer, "rules-empty")
    buyer.get_by_role("link", name="For new hires: Hard talks").click()
    buyer.get_by_label("For whom").select_option(label="Strandskolen")
    buyer.get_by_label("Also ask those who are here already").check()
    buyer.get_by_role("button", name="Show what it will do").click()
    draft = buyer.get_by_role("region", name="What the rule will do")
    expect(draft).to_contain_text(
        "Everyone who joins Strandskolen, or a department below it, is to finish “Hard talks” within 14 days."
    )
    expect(draft).to_contain_text("It asks 2 people here who have not completed it")
    shot(buyer, "rule-draft")
    buyer.get_by_role("button", name="Begin the rule").click()
    expect(buyer.get_by_text("The rule has begun.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_rule_begins_and_the_leader_sees_who_is_due(site: Site, device, width: int) -> None:
    departments(site)
    buyer = device(width=1280)
    sign_in(buyer, site, "buyer@ours.example")
    begin_a_rule(buyer)
    run_periodic(site.installation)
    site.run_jobs()

    # The buyer sees who is due.
    buyer.get_by_role("link", name="See who is due").click()
    for name in ("Amina", "Birgit"):
        expect(buyer.get_by_role("row", name=name)).to_contain_text("by 7 December")
    shot(buyer, "due")

    # The leader sees the own people, with the day, and can narrow the list.
    leader = device(width=width)
    sign_in(leader, site, "leader@ours.example")
    expect(leader.get_by_role("heading", level=1)).to_have_text("My departments")
    shot(leader, f"leader-{width}")
    for name in ("Amina", "Birgit"):
        expect(leader.get_by_role("row", name=name)).to_contain_text("Due by 7 December")
    leader.get_by_label("Department").select_option("Strandskolen SFO")
    leader.get_by_role("button", name="Show").click()
    expect(leader.get_by_role("row", name="Birgit")).to_be_visible()
    expect(leader.get_by_role("row", name="Amina")).to_have_count(0)
    expect(leader.get_by_role("link", name="buyer@ours.example")).to_be_visible()
    wide = leader.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide

    # The learner reads the day, and who sees it.
    learner = device(width=width)
    sign_in(learner, site, "amina@0710.example")
    expect(learner.get_by_role("region", name="By a day")).to_contain_text("By 7 December")
    expect(learner.get_by_role("region", name="By a day")).to_contain_text("Your employer sees the day")
    shot(learner, f"learner-{width}")
