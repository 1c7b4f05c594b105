"""Where two houses serve a municipality, no house opens the other's seats by making its own people buyers."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from elearn.cli import main
from elearn.core import clock
from elearn.licensing.services import grant_licence
from elearn.organisations.models import Membership, Role
from tests.client import PageClient
from tests.world import World

NEW = {"email": "owner@ours.example", "name": "Ida", "language": "en"}
"""An owner of our house by another hat."""


@pytest.fixture
def owner(browser, world: World) -> PageClient:
    return browser().signed_in_as(world.ours.owner)


@pytest.fixture
def licence(session, world: World):
    """A licence that our house gives their municipality of its own accord."""
    made = grant_licence(
        session,
        house=world.ours.house,
        course=world.ours.course,
        municipality=world.theirs.municipality,
        seats=1,
        starts_on=clock.today("DK"),
        ends_on=clock.today("DK") + timedelta(days=30),
        reason="Pilot",
        by_id=world.ours.owner.id,
    )
    session.commit()
    return made


def buyers(session, world: World) -> set[str]:
    found = select(Membership).where(
        Membership.municipality_id == world.theirs.municipality.id,
        Membership.role == Role.BUYER,
        Membership.ended_at.is_(None),
    )
    session.expire_all()
    return {each.person.address for each in session.scalars(found)}


def test_an_owner_makes_nobody_buyer_of_another_houses_seats(owner, browser, session, world: World, licence) -> None:
    before, home = buyers(session, world), f"/owner/municipalities/{world.theirs.municipality.id}"

    assert owner.press(f"{home}/buyers", **NEW).location == home
    assert owner.press(f"/owner/licences/{licence.id}/buyer", **NEW).location == home

    assert buyers(session, world) == before != set()
    own = browser().signed_in_as(world.ours.owner)
    people = f"/municipalities/{world.theirs.municipality.id}/licences/{world.theirs.licence.id}/people.csv"
    assert own.get(people).status_code == 404
    assert "Another course house" in owner.page(home).text


def test_an_owner_ends_no_role_over_another_houses_seats(owner, session, world: World, licence) -> None:
    before, home = buyers(session, world), f"/owner/municipalities/{world.theirs.municipality.id}"
    role = session.scalars(
        select(Membership).where(
            Membership.person_id == world.theirs.buyer.id,
            Membership.municipality_id == world.theirs.municipality.id,
            Membership.role == Role.BUYER,
        )
    ).one()

    assert owner.press(f"{home}/buyers/{role.id}/end").location == home

    assert buyers(session, world) == before


def test_where_nobody_buys_any_house_may_name_somebody(owner, session, world: World, licence) -> None:
    for each in session.scalars(select(Membership).where(Membership.person_id == world.theirs.buyer.id)):
        each.ended_at = clock.now()
    session.commit()

    owner.press(f"/owner/municipalities/{world.theirs.municipality.id}/buyers", **NEW)

    assert buyers(session, world) == {NEW["email"]}


def test_a_role_that_nobody_can_end_any_more_is_ended_on_the_server(
    owner, session, world: World, licence, installation, monkeypatch
) -> None:
    monkeypatch.setattr("elearn.cli.Installation", lambda _settings: installation)

    nobody = CliRunner().invoke(main, ["buyers", "end", "nobody@x.example"])
    ended = CliRunner().invoke(main, ["buyers", "end", world.theirs.buyer.address.upper()])

    assert (nobody.exit_code, ended.exit_code) == (1, 0), ended.output
    assert world.theirs.municipality.official_name in ended.output
    assert buyers(session, world) == set()
    owner.press(f"/owner/municipalities/{world.theirs.municipality.id}/buyers", **NEW)
    assert buyers(session, world) == {NEW["email"]}
