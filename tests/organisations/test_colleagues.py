"""Buyers and leaders: who gives roles, who ends them, and that a municipality keeps a buyer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.core.audit import AuditEvent
from elearn.core.db import Database
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.mail.models import Letter
from elearn.organisations.errors import LastBuyer, SamePerson
from elearn.organisations.models import Department, Membership, Municipality, Role
from elearn.organisations.queries import colleagues, departments_led, municipalities_as
from elearn.organisations.services import (
    NewColleague,
    add_colleague,
    add_department,
    add_member,
    end_role,
    hand_over,
)
from tests.world import World, _person

NEW = NewColleague("new@ours.example", "New Buyer", "da")


def give(session: Session, world: World, role: Role = Role.BUYER, departments: tuple[int, ...] = ()) -> Membership:
    side = world.ours
    return add_colleague(
        session,
        municipality=side.municipality,
        colleague=NEW,
        role=role,
        by=side.buyer,
        house="House",
        department_ids=departments,
    )


def role_of(session: Session, person: Person, role: Role) -> int:
    return session.scalars(
        select(Membership.id).where(
            Membership.person_id == person.id, Membership.role == role, Membership.ended_at.is_(None)
        )
    ).one()


def department(session: Session, world: World, name: str) -> Department:
    side = world.ours
    scope = MunicipalityScope(side.municipality.id, side.buyer.id)
    return add_department(session, scope=scope, name=name, by_id=None)


def test_a_new_buyer_gets_a_letter_without_a_secret(session, world: World) -> None:
    membership = give(session, world)

    letter = session.scalars(select(Letter).order_by(Letter.id.desc()).limit(1)).one()
    assert letter.kind == "organisations/role_given"
    assert letter.recipient == "new@ours.example"
    assert letter.token_nonce is None
    assert letter.context["sign_in_path"] == f"/sign-in?next=/municipalities/{world.ours.municipality.id}"
    email = session.scalars(select(EmailAddress).where(EmailAddress.person_id == membership.person_id)).one()
    assert email.confirmed_at is None, "the role alone confirms nothing"


def test_a_known_person_keeps_name_and_language(session, world: World) -> None:
    add_colleague(
        session,
        municipality=world.ours.municipality,
        colleague=NewColleague("leader@ours.example", "Wrong Name", "nn"),
        role=Role.BUYER,
        by=world.ours.buyer,
        house="House",
    )

    assert session.get_one(Person, world.ours.leader.id).name == "Leader ours"
    assert municipalities_as(session, PersonScope(world.ours.leader.id), Role.BUYER) == [world.ours.municipality]


def test_a_leader_leads_the_departments_named(session, world: World) -> None:
    one, other = department(session, world, "One"), department(session, world, "Other")
    membership = give(session, world, Role.LEADER, (one.id, other.id))

    led = departments_led(session, PersonScope(membership.person_id), world.ours.municipality.id)
    assert led == {one.id, other.id}


def test_nobody_leads_anothers_department(session, world: World) -> None:
    theirs = MunicipalityScope(world.theirs.municipality.id, None)
    foreign = add_department(session, scope=theirs, name="Foreign", by_id=None)

    with pytest.raises(NotFound):
        give(session, world, Role.LEADER, (foreign.id,))


def test_the_last_buyer_cannot_leave(session, world: World) -> None:
    own = role_of(session, world.ours.buyer, Role.BUYER)

    with pytest.raises(LastBuyer):
        end_role(session, municipality=world.ours.municipality, membership_id=own, by_id=world.ours.buyer.id)


def test_with_another_buyer_one_may_leave(session, world: World) -> None:
    give(session, world)
    own = role_of(session, world.ours.buyer, Role.BUYER)

    ended = end_role(session, municipality=world.ours.municipality, membership_id=own, by_id=world.ours.buyer.id)

    assert not ended.has_no_buyer
    assert municipalities_as(session, PersonScope(world.ours.buyer.id), Role.BUYER) == []
    assert session.scalars(select(AuditEvent).where(AuditEvent.kind == "organisations.member.ended")).one().data == {
        "person_id": world.ours.buyer.id,
        "role": "buyer",
    }


def test_the_owner_ends_the_last_buyer_and_is_told(session, world: World) -> None:
    own = role_of(session, world.ours.buyer, Role.BUYER)

    ended = end_role(
        session, municipality=world.ours.municipality, membership_id=own, by_id=world.ours.owner.id, may_be_last=True
    )

    assert ended.has_no_buyer


def test_anothers_buyer_is_nowhere(session, world: World) -> None:
    foreign = role_of(session, world.theirs.buyer, Role.BUYER)

    with pytest.raises(NotFound):
        end_role(session, municipality=world.ours.municipality, membership_id=foreign, by_id=None, may_be_last=True)


def test_a_learner_is_not_ended_here(session, world: World) -> None:
    learns = role_of(session, world.ours.learner, Role.LEARNER)

    with pytest.raises(NotFound):
        end_role(session, municipality=world.ours.municipality, membership_id=learns, by_id=None)


def test_handing_over_ends_ones_own_role(session, world: World) -> None:
    hand_over(session, municipality=world.ours.municipality, colleague=NEW, by=world.ours.buyer, house="House")

    scope = MunicipalityScope(world.ours.municipality.id, None)
    assert [each.person.address for each in colleagues(session, scope) if each.role == Role.BUYER] == [NEW.address]


def test_nobody_hands_over_to_themselves(session, world: World) -> None:
    me = NewColleague("BUYER@ours.example", "Buyer", "da")

    with pytest.raises(SamePerson):
        hand_over(session, municipality=world.ours.municipality, colleague=me, by=world.ours.buyer, house="House")


@pytest.mark.race
@pytest.mark.parametrize("turn", range(8))
def test_of_the_two_last_buyers_leaving_at_once_one_stays(own_database: Database, turn: int) -> None:
    with own_database.transaction() as session:
        municipality_id = session.scalars(select(Municipality.id).where(Municipality.code == "0710")).one()
        municipality = session.get_one(Municipality, municipality_id)
        mine = [
            add_member(
                session, person=_person(session, name, f"{name}@x.example"), municipality=municipality,
                role=Role.BUYER, by_id=None,
            ).id
            for name in ("first", "second")
        ]  # fmt: skip
    gate = threading.Barrier(2)

    def leave(membership_id: int) -> str:
        gate.wait()
        try:
            with own_database.transaction() as session:
                municipality = session.get_one(Municipality, municipality_id)
                end_role(session, municipality=municipality, membership_id=membership_id, by_id=None)
        except LastBuyer:
            return "stays"
        return "left"

    with ThreadPoolExecutor(2) as threads:
        answers = sorted(threads.map(leave, mine))

    assert answers == ["left", "stays"]
