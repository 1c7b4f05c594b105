"""The buyer's pages of departments, colleagues and settings, and the owner's of customers."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person, SignInLink
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope
from elearn.jobs.queue import run_due
from elearn.licensing.services import make_join_link
from elearn.organisations.models import Department, GlnNumber, Membership, Municipality, Role
from elearn.organisations.services import add_department, add_member
from tests.client import PageClient
from tests.world import World, latest_token


@pytest.fixture
def home(world: World) -> str:
    return f"/municipalities/{world.ours.municipality.id}"


def role_of(session: Session, person: Person, role: Role) -> int:
    return session.scalars(
        select(Membership.id).where(
            Membership.person_id == person.id, Membership.role == role, Membership.ended_at.is_(None)
        )
    ).one()


def test_a_tree_is_grown_moved_and_cut(buyer: PageClient, home: str, session: Session) -> None:
    assert "Your departments will stand here" in buyer.page(f"{home}/departments").text
    for name in ("Schools", "North School"):
        assert buyer.press(f"{home}/departments", name=name, parent="0", sector="school").status_code == 303
    ids = {each.name: each.id for each in session.scalars(select(Department))}

    moved = buyer.press(
        f"{home}/departments/{ids['North School']}", name="North", parent=ids["Schools"], sector="school"
    )

    assert moved.status_code == 303
    tree = buyer.page(f"{home}/departments")
    assert [each.text for each in tree.select(".dep-tree .dep-tree .dep-name")] == ["North"]
    top = f"{home}/departments/{ids['Schools']}"
    assert "1 department below it" in buyer.page(top).text
    buyer.press(f"{top}/remove")
    assert session.get(Department, ids["Schools"], populate_existing=True), "it is not removed while something hangs"
    buyer.press(f"{home}/departments/{ids['North School']}/remove")
    buyer.press(f"{top}/remove")
    assert list(session.scalars(select(Department))) == []


def test_what_is_typed_wrong_is_kept_and_named(buyer: PageClient, home: str) -> None:
    buyer.press(f"{home}/departments", name="PPR", parent="0", sector="")

    again = buyer.press(f"{home}/departments", name="ppr", parent="0", sector="")

    assert again.status_code == 422
    assert "There is a department called “ppr” already." in again.text


def test_a_department_with_a_seat_says_so(buyer: PageClient, home: str, session: Session, world: World) -> None:
    buyer.press(f"{home}/departments", name="School", parent="0", sector="")
    school = session.scalars(select(Department)).one()
    world.ours.seat(session).department_id = school.id
    session.commit()

    page = buyer.page(f"{home}/departments/{school.id}")

    assert "1 seat" in page.text
    assert not page.find("form", action=lambda action: action and action.endswith("/remove"))
    assert "1 seat" in buyer.page(f"{home}/departments").text


def test_a_join_link_holds_its_department_as_long_as_it_is_open(
    buyer: PageClient, home: str, session: Session, world: World
) -> None:
    buyer.press(f"{home}/departments", name="School", parent="0", sector="")
    school, today = session.scalars(select(Department)).one(), clock.today("DK")
    link = make_join_link(
        session,
        scope=MunicipalityScope(world.ours.municipality.id, world.ours.buyer.id),
        licence=world.ours.licence,
        department_id=school.id,
        domains=["ours.example"],
        most=10,
        ends_on=today,
        needs_approval=False,
        by_id=world.ours.buyer.id,
    )
    session.commit()
    page = f"{home}/departments/{school.id}"
    assert "1 join link" in buyer.page(page).text
    assert "close join links, and end a leader’s role" in buyer.page(page).text, (
        "those cannot be moved to another department"
    )

    link.ends_on = today - timedelta(days=1)
    session.commit()

    assert "1 join link" not in buyer.page(page).text
    buyer.press(f"{page}/remove")
    assert list(session.scalars(select(Department))) == []


def test_a_new_buyer_acts_after_the_link_to_the_address_and_not_before(
    buyer: PageClient, home: str, session: Session, browser, installation: Installation
) -> None:
    given = buyer.press(f"{home}/colleagues/add", email="new@x.example", name="New", language="en", role="buyer")
    assert given.status_code == 303
    assert "has not signed in yet" in buyer.page(f"{home}/colleagues").text
    newcomer = browser()
    assert newcomer.get(home).headers["Location"].startswith("/sign-in?")

    newcomer.press("/sign-in", email="new@x.example", next=home)
    run_due(installation)
    token = latest_token(session, installation)
    assert session.scalars(select(SignInLink)).one().email_address_id
    newcomer.press(f"/sign-in/{token}")

    newcomer.page(home)
    email = session.scalars(select(EmailAddress).where(EmailAddress.address == "new@x.example")).one()
    assert session.get_one(EmailAddress, email.id, populate_existing=True).confirmed_at
    assert "has not signed in yet" not in buyer.page(f"{home}/colleagues").text


def test_a_leader_needs_a_department(buyer: PageClient, home: str, session: Session) -> None:
    fields = {"email": "l@x.example", "name": "L", "language": "en", "role": "leader"}
    refused = buyer.press(f"{home}/colleagues/add", **fields)
    assert refused.status_code == 422
    assert "Choose at least one department." in refused.text

    buyer.press(f"{home}/departments", name="School", parent="0", sector="")
    school = session.scalars(select(Department.id)).one()

    assert buyer.press(f"{home}/colleagues/add", departments=school, **fields).status_code == 303
    assert "School" in buyer.page(f"{home}/colleagues").text


def test_a_role_that_ended_is_worth_nothing_on_the_next_request(
    buyer: PageClient, home: str, session: Session, browser, world: World
) -> None:
    leader = browser().signed_in_as(world.ours.leader)
    assert leader.get(f"{home}/department").status_code == 200

    buyer.press(f"{home}/colleagues/{role_of(session, world.ours.leader, Role.LEADER)}/end")

    assert leader.get(f"{home}/department").status_code == 404


def test_the_last_buyer_is_asked_to_hand_over(buyer: PageClient, home: str, session: Session, world: World) -> None:
    own = role_of(session, world.ours.buyer, Role.BUYER)
    assert "You are the last buyer" in buyer.page(f"{home}/colleagues/hand-over").text

    answer = buyer.press(f"{home}/colleagues/{own}/end")

    assert answer.headers["Location"].endswith("/colleagues/hand-over")
    assert buyer.get(home).status_code == 200


def test_whoever_hands_over_is_out_at_once(buyer: PageClient, home: str, session: Session) -> None:
    handed = buyer.press(f"{home}/colleagues/hand-over", email="next@x.example", name="Next", language="da")

    assert handed.headers["Location"] == "/"
    assert buyer.get(home).status_code == 404
    held = session.scalars(select(Membership).where(Membership.role == Role.BUYER, Membership.ended_at.is_(None)))
    assert "Next" in [each.person.name for each in held]


def test_an_ean_number_is_checked_in_words(buyer: PageClient, home: str, session: Session) -> None:
    short = buyer.press(f"{home}/settings/gln", gln="579000133055", label="Schools")
    assert short.status_code == 422
    assert "The EAN number has 12 digits. It needs 13." in short.text
    assert "the digits do not fit together" in buyer.press(
        f"{home}/settings/gln", gln="5790001330553", label="Schools"
    ).text  # fmt: skip

    assert buyer.press(f"{home}/settings/gln", gln="5790001330552", label="Schools").status_code == 303
    assert "stands here already" in buyer.press(f"{home}/settings/gln", gln="5790001330552", label="X").text
    number = session.scalars(select(GlnNumber)).one()
    assert "Schools" in buyer.page(f"{home}/settings").text
    buyer.press(f"{home}/settings/gln/{number.id}/remove")
    assert list(session.scalars(select(GlnNumber))) == []


def test_reminders_are_switched_off_and_on(buyer: PageClient, home: str, session: Session, world: World) -> None:
    def nudges() -> bool:
        return session.get_one(Municipality, world.ours.municipality.id, populate_existing=True).nudges

    buyer.press(f"{home}/settings/nudges")
    assert not nudges()
    buyer.press(f"{home}/settings/nudges", nudges="y")
    assert nudges()


def test_a_norwegian_municipality_without_number_is_told_so(session: Session, browser, world: World) -> None:
    haram = session.scalars(select(Municipality).where(Municipality.code == "1580", Municipality.country == "NO")).one()
    add_member(session, person=world.ours.learner, municipality=haram, role=Role.BUYER, by_id=None)
    session.commit()
    buyer, settings = browser().signed_in_as(world.ours.learner), f"/municipalities/{haram.id}/settings"

    assert "The organisation number is missing" in buyer.page(settings).text
    wrong = buyer.press(f"{settings}/organisation-number", org_number="98807791")
    assert "The number has 8 digits. It needs 9." in wrong.text
    buyer.press(f"{settings}/organisation-number", org_number="988 077 917")

    page = buyer.page(settings)
    assert "org.nr. 988 077 917" in page.text
    assert "EAN" not in page.text


def test_the_owner_sees_a_customer_and_makes_its_buyer(owner: PageClient, session: Session, world: World) -> None:
    customer = f"/owner/municipalities/{world.ours.municipality.id}"
    assert world.ours.municipality.official_name in owner.page("/owner/municipalities").text
    assert world.theirs.municipality.official_name not in owner.page("/owner/municipalities").text
    assert "This is the last buyer" in owner.page(customer).text

    buyers = f"{customer}/buyers/{role_of(session, world.ours.buyer, Role.BUYER)}/end"
    owner.press(buyers)
    assert "has no buyer now" in owner.page(customer).text
    assert owner.press(f"{customer}/buyers", email="next@x.example", name="Next", language="da").status_code == 303
    assert "next@x.example" in owner.page(customer).text


def test_the_owner_adds_an_agency_and_gives_it_a_licence(owner: PageClient, session: Session, browser, world) -> None:
    wrong = owner.press("/owner/municipalities/add", name="Agency", country="DK", org_number="13585629")
    assert wrong.status_code == 422
    owner.press("/owner/municipalities/add", name="Agency", country="DK", org_number="13 58 56 28")
    agency = session.scalars(select(Municipality).where(Municipality.name == "Agency")).one()

    given = owner.press(
        "/owner/licences/new",
        course=world.ours.course.id,
        municipality="Agency (DK 13585628)",
        seats=3,
        starts_on="2026-11-23",
        ends_on="2027-11-22",
        reason="Order",
    )

    assert given.status_code == 303
    assert "Agency" in owner.page("/owner/licences").text
    stranger = browser().signed_in_as(world.theirs.owner)
    assert stranger.get(f"/owner/municipalities/{agency.id}").status_code == 404
    assert "Agency" not in stranger.page("/owner/licences/new").text
    refused = stranger.press(
        "/owner/licences/new",
        course=world.theirs.course.id,
        municipality="x",
        municipality_id=agency.id,
        seats=3,
        starts_on="2026-11-23",
        ends_on="2027-11-22",
        reason="Order",
    )
    assert refused.status_code == 422


def test_another_municipalitys_department_is_nowhere(
    buyer: PageClient, home: str, session: Session, world: World
) -> None:
    foreign = add_department(
        session, scope=MunicipalityScope(world.theirs.municipality.id, None), name="Foreign", by_id=None
    )
    session.commit()

    assert buyer.get(f"{home}/departments/{foreign.id}").status_code == 404
    assert buyer.press(f"{home}/departments/{foreign.id}/remove").status_code == 404
    refused = buyer.press(f"{home}/departments", name="Below", parent=foreign.id, sector="")
    assert refused.status_code == 422
