"""The leader's page: the own departments and those below, names with days, and nothing of what is watched."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person
from elearn.core import clock as product_clock
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.core.scope import MunicipalityScope
from elearn.learning.models import Completion
from elearn.licensing.models import Seat
from elearn.licensing.services import carry_over, grant_licence, invite, place_seats
from elearn.organisations.models import Department, Membership, Role
from elearn.organisations.services import add_member
from elearn.training.models import RuleKind, TrainingDue, TrainingRule
from tests.client import PageClient, queries
from tests.conftest import TestClock
from tests.world import World, add_learner


class House:
    """A municipality with departments, seats in them, and a leader."""

    def __init__(self, session: Session, installation: Installation, world: World) -> None:
        self.session, self.installation, self.world, self.side = session, installation, world, world.ours

    def department(self, name: str, parent: Department | None = None) -> Department:
        made = Department(
            municipality_id=self.side.municipality.id,
            parent_id=parent.id if parent else None,
            name=name,
            name_key=name.casefold(),
        )
        self.session.add(made)
        self.session.commit()
        return made

    def leads(self, department: Department) -> None:
        municipality = self.session.merge(self.side.municipality)
        add_member(
            self.session,
            person=self.session.merge(self.side.leader),
            municipality=municipality,
            role=Role.LEADER,
            by_id=None,
            department_id=department.id,
        )
        self.session.commit()

    def works(self, name: str, department: Department) -> Seat:
        person = add_learner(self.session, self.installation, self.session.merge(self.side.licence), name)
        seat = self.side.seat(self.session, person)
        place_seats(
            self.session,
            scope=self.scope,
            seat_ids=[seat.id],
            department_id=department.id,
            by_id=self.side.buyer.id,
        )
        self.session.commit()
        return seat

    @property
    def scope(self) -> MunicipalityScope:
        return MunicipalityScope(self.side.municipality.id, self.side.buyer.id)


@pytest.fixture
def house(session: Session, installation: Installation, world: World) -> House:
    return House(session, installation, world)


@pytest.fixture
def leader(browser: Callable[[], PageClient], world: World) -> PageClient:
    return browser().signed_in_as(world.ours.leader)


def opened(client: PageClient, house: House, query: str = "") -> BeautifulSoup:
    return client.page(f"/municipalities/{house.side.municipality.id}/department?{query}")


def names(page: BeautifulSoup) -> list[str]:
    return [str(cell.contents[0]) for cell in page.select("table th[scope=row]")]


def text(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def test_the_own_department_and_those_below_and_no_others(leader: PageClient, house: House) -> None:
    schools = house.department("Schools")
    north = house.department("North", schools)
    dental = house.department("Dental")
    house.leads(schools)
    for name, department in (("Asta", schools), ("Bo", north), ("Carl", dental)):
        house.works(name, department)

    assert names(opened(leader, house)) == ["Asta", "Bo"]
    assert names(opened(leader, house, f"department={north.id}")) == ["Bo"]
    assert names(opened(leader, house, f"department={dental.id}")) == [], "what is not led cannot be asked for"


@pytest.mark.parametrize("first_day", [-5, 30], ids=["both run", "in advance"])
def test_whoever_is_carried_over_stands_there_once(leader: PageClient, house: House, first_day: int) -> None:
    schools, side, session = house.department("Schools"), house.side, house.session
    house.leads(schools)
    house.works("Asta", schools).first_used_at = product_clock.now()
    house.works("Bo", schools)
    now = session.merge(side.licence)
    following = grant_licence(
        session,
        house=session.merge(side.house),
        course=now.course,
        municipality=now.municipality,
        seats=9,
        starts_on=product_clock.today("DK") + timedelta(days=first_day),
        ends_on=now.ends_on + timedelta(days=365),
        reason="Renewed",
        by_id=None,
        previous=now,
    )
    carry_over(session, scope=house.scope, from_licence_id=now.id, to_licence_id=following.id, by_id=side.buyer.id)
    invite(
        session,
        house.installation.tokens,
        licence=following,
        address="carl@x.example",
        name="Carl",
        language="en",
        by_id=None,
        department_id=schools.id,
    )
    session.commit()

    page = opened(leader, house)

    assert names(page) == ["Asta", "Bo", "Carl"]
    assert "2 in use 1 invited 0 completed" in text(page)
    assert names(opened(leader, house, "state=in-use")) == ["Asta"]


def test_states_and_days_are_told_and_nothing_else(leader: PageClient, house: House, clock: TestClock) -> None:
    schools = house.department("Schools")
    house.leads(schools)
    side, session = house.side, house.session
    started, through = house.works("Asta", schools), house.works("Bo", schools)
    started.first_used_at = product_clock.now()
    session.add(
        Completion(
            person_id=through.person_id,
            course_id=side.course.id,
            course_version_id=side.outline(session).version_id,
            completed_at=product_clock.now() + timedelta(days=2),
        )
    )
    invite(
        session,
        house.installation.tokens,
        licence=session.merge(side.licence),
        address="carl@x.example",
        name="Carl",
        language="en",
        by_id=side.buyer.id,
        department_id=schools.id,
    )
    rule = TrainingRule(
        municipality_id=side.municipality.id,
        course_id=side.course.id,
        kind=RuleKind.JOINER,
        within_days=14,
        modules=[],
        created_at=product_clock.now(),
    )
    session.add(rule)
    session.flush()
    due_on = product_clock.today("DK") + timedelta(days=10)
    for seat in (started, through):
        session.add(
            TrainingDue(rule_id=rule.id, person_id=seat.person_id, due_on=due_on, created_at=product_clock.now())
        )
    session.commit()

    told = text(opened(leader, house))
    assert "In use since 23 November Due by 3 December" in told
    assert "Completed 25 November" in told
    assert "Invited 23 November · holds the seat until 4 January" in told
    assert told.count("Due by") == 1, "who is through is not due any more"
    assert "1 in use 1 invited 1 completed" in told
    assert names(opened(leader, house, "state=completed")) == ["Bo"]
    assert names(opened(leader, house, "state=in-use")) == ["Asta"]
    assert names(opened(leader, house, "state=invited&q=CARL@X")) == ["Carl"]
    clock.advance(days=11)
    assert "Was due by 3 December" in text(opened(leader, house))


def test_a_seat_that_went_to_another_department_is_gone(leader: PageClient, house: House) -> None:
    schools, dental = house.department("Schools"), house.department("Dental")
    house.leads(schools)
    seat = house.works("Asta", schools)
    place_seats(
        house.session, scope=house.scope, seat_ids=[seat.id], department_id=dental.id, by_id=house.side.buyer.id
    )
    house.session.commit()

    assert names(opened(leader, house)) == []


def test_a_licence_that_has_ended_leaves_the_page(leader: PageClient, house: House, clock: TestClock) -> None:
    schools = house.department("Schools")
    house.leads(schools)
    house.works("Asta", schools)
    clock.advance(days=400)
    leader.signed_in_as(house.side.leader)

    assert "Nobody here holds a seat yet" in text(opened(leader, house))


def test_a_seat_with_days_of_its_own_stays_on_the_page_after_the_licences_end(
    leader: PageClient, house: House, clock: TestClock
) -> None:
    schools = house.department("Schools")
    house.leads(schools)
    lasting, ended = house.works("Asta", schools), house.works("Bo", schools)
    lasting.valid_until = lasting.licence.ends_on + timedelta(days=90)
    ended.valid_until = product_clock.today("DK")
    house.session.commit()

    clock.advance(days=1)
    leader.signed_in_as(house.side.leader)
    assert names(opened(leader, house)) == ["Asta", "Bo"]
    clock.advance(days=400)
    leader.signed_in_as(house.side.leader)
    assert names(opened(leader, house)) == ["Asta"]


def test_who_leads_nothing_is_told_so_and_whom_to_ask(leader: PageClient, house: House) -> None:
    page = text(opened(leader, house))

    assert "You lead no department yet" in page
    assert "Buyer ours buyer@ours.example" in page
    assert "Buyer theirs" not in page


def test_a_leader_of_two_municipalities_can_go_from_one_to_the_other(
    browser: Callable[[], PageClient], house: House, world: World
) -> None:
    person = house.session.get_one(Person, world.ours.leader.id)
    theirs = house.session.merge(world.theirs.municipality)
    add_member(house.session, person=person, municipality=theirs, role=Role.LEADER, by_id=None)
    house.session.commit()
    client = browser().signed_in_as(person)

    assert opened(client, house).find("a", string="Horsens Kommune")
    assert client.get(f"/municipalities/{theirs.id}/department").status_code == 200


def test_only_leaders_of_the_municipality_find_the_page(
    browser: Callable[[], PageClient], house: House, world: World
) -> None:
    for person in (world.theirs.leader, world.ours.buyer, world.ours.learner, world.ours.owner):
        response = browser().signed_in_as(person).get(f"/municipalities/{house.side.municipality.id}/department")
        assert response.status_code == 404
    membership = house.session.scalars(select(Membership).where(Membership.person_id == world.ours.leader.id)).one()
    membership.ended_at = product_clock.now()
    house.session.commit()
    ended = browser().signed_in_as(world.ours.leader)
    assert ended.get(f"/municipalities/{house.side.municipality.id}/department").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_buyers(
    leader: PageClient, house: House, session: Session, database: Database
) -> None:
    path = f"/municipalities/{house.side.municipality.id}/department"
    before = queries(database, leader, path)
    for name in ("Asta", "Bo", "Carl"):
        person, _email = find_or_add_person(session, address=f"{name}@x.example", name=name, language="da")
        add_member(
            session,
            person=person,
            municipality=session.merge(house.side.municipality),
            role=Role.BUYER,
            by_id=None,
        )
    session.commit()
    session.expire_all()

    assert queries(database, leader, path) == before
