"""Who has left the municipality: said where a seat is taken back, or in the list of who is due."""

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.core.scope import PersonScope
from elearn.licensing.models import Seat
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import ask_for_seat
from elearn.organisations.models import Membership
from tests.client import PageClient
from tests.training.conftest import Training


@pytest.fixture
def buyer(training: Training, browser) -> PageClient:
    return browser().signed_in_as(training.side.buyer)


def path(training: Training, rest: str) -> str:
    return f"/municipalities/{training.municipality.id}{rest}"


def seat_of(training: Training, person: Person) -> Seat | None:
    return training.session.scalars(select(Seat).where(Seat.person_id == person.id)).one_or_none()


def take_back(training: Training, buyer: PageClient, *people: Person, **fields: str) -> None:
    """Take seats back on the page for several, as the buyer ticks them."""
    who = [f"{seat_of(training, person).id}-{person.id}" for person in people]
    licence = training.side.licence.id
    assert buyer.press(path(training, f"/licences/{licence}/take-back"), who=who, **fields).status_code == 303
    training.session.expire_all()


def memberships(training: Training, person: Person) -> list[bool]:
    """Say of each of a person's memberships whether it is open."""
    found = select(Membership.ended_at).where(Membership.person_id == person.id).order_by(Membership.id)
    return [ended_at is None for ended_at in training.session.scalars(found)]


def test_who_has_left_is_asked_by_no_rule_and_gets_no_seat(training: Training, buyer: PageClient) -> None:
    lise, mads = training.seated("Lise"), training.seated("Mads")
    take_back(training, buyer, lise, leaves="y")
    take_back(training, buyer, mads)

    training.rule(includes_present=True)
    training.hour()

    assert (training.dues(lise), seat_of(training, lise)) == ([], None)
    assert training.dues(mads), "a seat that was taken back says nothing of leaving"


def test_undoing_brings_the_seat_back_and_the_membership_as_it_was(training: Training, buyer: PageClient) -> None:
    lise = training.seated("Lise")
    seat = seat_of(training, lise)
    answer = buyer.press(path(training, f"/seats/{seat.id}/take-back"), person=str(lise.id), leaves="y")
    training.session.expire_all()
    assert memberships(training, lise) == [False]

    page = buyer.page(answer.location)
    undo = page.find("form", action=lambda action: action and action.endswith("/undo"))
    buyer.press(undo["action"], seat=[field["value"] for field in undo.find_all("input", {"name": "seat"})])
    training.session.expire_all()

    assert (seat_of(training, lise), memberships(training, lise)) == (seat, [True])


def test_who_holds_another_seat_stays(training: Training, buyer: PageClient) -> None:
    lise = training.seated("Lise")
    held = seat_of(training, lise)
    assert buyer.press(path(training, "/training/due/left"), person=str(lise.id)).status_code == 303

    assert "has got a seat meanwhile" in buyer.page(path(training, "/training/due")).text
    assert (memberships(training, lise), seat_of(training, lise)) == ([True], held)


def test_who_is_due_without_a_seat_can_be_said_to_have_left(training: Training, buyer: PageClient, world) -> None:
    ada = training.joins("Ada")
    training.rule()
    training.hour()
    assert "No longer works here" not in buyer.page(path(training, "/training/due")).text
    take_back(training, buyer, ada)
    ask_for_seat(training.session, PersonScope(ada.id), licence=training.side.licence, placing=Placing())
    training.session.commit()

    button = buyer.page(path(training, "/training/due")).find("button", string="No longer works here")
    assert button["aria-label"] == "Ada no longer works here"
    buyer.press(path(training, "/training/due/left"), person=str(world.theirs.learner.id))
    assert memberships(training, world.theirs.learner) == [True], "another municipality's people are not theirs to note"
    buyer.press(path(training, "/training/due/left"), person=str(ada.id))
    training.session.expire_all()

    assert memberships(training, ada) == [False]
    assert "Ada" not in buyer.page(path(training, "/training/due")).text
    assert "Ada" not in buyer.page(path(training, f"/licences/{training.side.licence.id}/waiting")).text


def test_a_second_press_notes_nothing_and_says_so(training: Training, buyer: PageClient) -> None:
    lise = training.seated("Lise")
    take_back(training, buyer, lise, leaves="y")
    [ended_at] = training.session.scalars(select(Membership.ended_at).where(Membership.person_id == lise.id))
    training.clock.advance(minutes=5)

    assert buyer.press(path(training, "/training/due/left"), person=str(lise.id)).status_code == 303

    assert "was none of yours any more. Nothing has changed." in buyer.page(path(training, "/training/due")).text
    training.session.expire_all()
    again = training.session.scalars(select(Membership.ended_at).where(Membership.person_id == lise.id))
    assert list(again) == [ended_at], "the moment of the first press stays"
