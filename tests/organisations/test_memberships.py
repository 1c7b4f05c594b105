"""What a person is to a municipality or a course house; the database holds the promise."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person
from elearn.core import clock
from elearn.core.audit import AuditEvent
from elearn.core.scope import PersonScope
from elearn.organisations.models import CourseHouse, Membership, Municipality, Role
from elearn.organisations.numbers import written_number
from elearn.organisations.queries import open_memberships, owned_house
from elearn.organisations.services import add_house, add_member, make_owner


@pytest.fixture
def house(session: Session) -> CourseHouse:
    return add_house(session, slug="house", name="The house", country="DK", email="post@house.example")


@pytest.fixture
def person(session: Session) -> Person:
    return find_or_add_person(session, address="someone@x.example", name="Someone", language="da")[0]


@pytest.fixture
def municipality(session: Session) -> Municipality:
    return session.scalars(select(Municipality).where(Municipality.code == "0710")).one()


def row(person: Person, role: Role, **of: object) -> Membership:
    return Membership(person_id=person.id, role=role, created_at=clock.now(), **of)


def test_a_person_is_several_things_to_one_municipality(session, person, municipality) -> None:
    for role in (Role.LEARNER, Role.LEADER, Role.BUYER, Role.LEARNER):
        add_member(session, person=person, municipality=municipality, role=role, by_id=None)

    roles = [each.role for each in open_memberships(session, PersonScope(person.id))]
    assert roles == ["learner", "leader", "buyer"]


def test_the_same_role_twice_is_refused_by_the_database(session, person, municipality) -> None:
    session.add_all([row(person, Role.LEADER, municipality_id=municipality.id) for _ in range(2)])

    with pytest.raises(IntegrityError):
        session.flush()


def test_a_role_that_ended_may_begin_again(session, person, municipality) -> None:
    first = add_member(session, person=person, municipality=municipality, role=Role.LEADER, by_id=None)
    first.ended_at = clock.now()
    session.flush()

    second = add_member(session, person=person, municipality=municipality, role=Role.LEADER, by_id=None)

    assert second.id != first.id
    assert open_memberships(session, PersonScope(person.id)) == [second]


def test_an_owner_belongs_to_one_house(session, person, house) -> None:
    other = add_house(session, slug="other", name="Another", country="NO", email="post@other.example")
    make_owner(session, person=person, house=house)

    with pytest.raises(IntegrityError):
        make_owner(session, person=person, house=other)


def test_an_owner_has_a_house_and_a_member_a_municipality(session, person, house, municipality) -> None:
    for wrong in (
        row(person, Role.OWNER, municipality_id=municipality.id),
        row(person, Role.OWNER),
        row(person, Role.LEARNER, course_house_id=house.id),
        row(person, Role.BUYER, course_house_id=house.id, municipality_id=municipality.id),
        row(person, Role.LEADER),
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.add(wrong)


def test_only_an_open_ownership_counts(session, person, house) -> None:
    membership = make_owner(session, person=person, house=house)
    assert owned_house(session, PersonScope(person.id)) == house

    membership.ended_at = clock.now()
    session.flush()

    assert owned_house(session, PersonScope(person.id)) is None


def test_each_change_is_audited_once(session, person, house) -> None:
    for _ in range(2):
        make_owner(session, person=person, house=house)
        add_house(session, slug="house", name="Again", country="DK", email="x@house.example")
    session.flush()

    kinds = [event.kind for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert kinds == ["organisations.house.added", "organisations.member.added"]


@pytest.mark.parametrize(
    ("country", "number", "written"),
    [("DK", "11223346", "CVR 11 22 33 46"), ("NO", "923609016", "org.nr. 923 609 016"), ("DK", None, "")],
)
def test_numbers_are_written_as_their_country_does(country: str, number: str | None, written: str) -> None:
    house = CourseHouse(slug="a", name="A", country=country, email="a@b.example", org_number=number)

    assert written_number(house) == written
