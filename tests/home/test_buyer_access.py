"""Who is let into the buyer's console, and what others find there."""

import pytest
from sqlalchemy.orm import Session

from elearn.organisations.models import Role
from elearn.organisations.services import add_member
from tests.client import PageClient
from tests.home.buyer_steps import holding, home, licence_path, said
from tests.world import Side, World

PAGES = [
    "/municipalities/{municipality}",
    "/municipalities/{municipality}/licences/{licence}",
    "/municipalities/{municipality}/licences/{licence}/history",
    "/municipalities/{municipality}/licences/{licence}/give",
    "/municipalities/{municipality}/licences/{licence}/remind?who={who}",
    "/municipalities/{municipality}/licences/{licence}/move?who={who}",
    "/municipalities/{municipality}/licences/{licence}/take-back?who={who}",
    "/municipalities/{municipality}/seats/{seat}",
]
FILES = [
    "/municipalities/{municipality}/licences/{licence}/people.csv",
    "/municipalities/{municipality}/licences/{licence}/people.xlsx",
]
PRESSES = [
    "/municipalities/{municipality}/licences/{licence}/give",
    "/municipalities/{municipality}/licences/{licence}/remind",
    "/municipalities/{municipality}/licences/{licence}/move",
    "/municipalities/{municipality}/licences/{licence}/take-back",
    "/municipalities/{municipality}/licences/{licence}/undo",
    "/municipalities/{municipality}/seats/{seat}/resend",
    "/municipalities/{municipality}/seats/{seat}/address",
    "/municipalities/{municipality}/seats/{seat}/move",
    "/municipalities/{municipality}/seats/{seat}/take-back",
    "/municipalities/{municipality}/seats/{seat}/undo",
]


def filled(path: str, session: Session, side: Side) -> str:
    seat = side.seat(session, side.invited)
    return path.format(
        municipality=side.municipality.id,
        licence=side.licence.id,
        seat=seat.id,
        who=f"{seat.id}-{side.invited.id}",
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_buyer_is_sound(path: str, buyer: PageClient, session: Session, world: World) -> None:
    buyer.page(filled(path, session, world.ours))


@pytest.mark.parametrize("path", PAGES + FILES)
def test_another_municipalitys_things_do_not_exist(path: str, buyer, session: Session, world: World) -> None:
    buyer.page(filled(path, session, world.theirs), status=404)


@pytest.mark.parametrize("path", PAGES[1:] + FILES)
def test_their_ids_under_our_municipality_do_not_exist(path: str, buyer, session: Session, world: World) -> None:
    theirs = filled(path, session, world.theirs)
    mixed = theirs.replace(f"/municipalities/{world.theirs.municipality.id}/", f"{home(world)}/")

    buyer.page(mixed, status=404)


@pytest.mark.parametrize("path", PRESSES)
def test_another_municipalitys_things_cannot_be_changed(path: str, buyer, session: Session, world: World) -> None:
    seat = world.theirs.seat(session, world.theirs.invited)
    mixed = filled(path, session, world.theirs).replace(
        f"/municipalities/{world.theirs.municipality.id}/", f"{home(world)}/"
    )

    response = buyer.press(mixed, who=holding(seat), person=str(seat.person_id), email="new@work.example")

    assert response.status_code == 404
    session.refresh(seat)
    assert seat.person_id == world.theirs.invited.id


@pytest.mark.parametrize("path", PAGES + FILES)
def test_learners_leaders_and_owners_find_no_buyers_pages(path: str, browser, session: Session, world: World) -> None:
    for person in (world.ours.learner, world.ours.leader, world.ours.owner):
        assert browser().signed_in_as(person).get(filled(path, session, world.ours)).status_code == 404


def test_their_seats_ticked_under_our_licence_are_left_alone(buyer, session: Session, world: World) -> None:
    theirs = world.theirs.seat(session)

    page = buyer.page(f"{licence_path(world)}/take-back?who={holding(theirs)}")

    assert "Nobody is chosen" in page.text
    buyer.press(f"{licence_path(world)}/take-back", who=holding(theirs))
    session.refresh(theirs)
    assert theirs.person_id == world.theirs.learner.id


def test_a_buyer_of_two_municipalities_can_go_to_the_other(buyer, session: Session, world: World) -> None:
    other = world.theirs.municipality
    assert other.official_name not in buyer.page(home(world)).text
    add_member(session, person=world.ours.buyer, municipality=other, role=Role.BUYER, by_id=None)
    session.commit()

    page = buyer.page(home(world))

    assert page.find("a", href=f"/municipalities/{other.id}").text == other.official_name
    assert f"Buyer · {world.ours.municipality.official_name}" in said(page.header)
    assert buyer.page(f"/municipalities/{other.id}").h1.text == other.official_name
