"""Giving one seat, and what the buyer does with one that is held."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.audit import AuditEvent
from elearn.licensing.models import Licence, SeatRequest
from tests.client import check_page
from tests.conftest import TestClock
from tests.home.buyer_steps import department, give, holding, home, letter_of, licence_path, said, services_free, use
from tests.world import World, add_learner


def test_the_trail_says_that_it_was_the_buyer_who_put_somebody_in_line(buyer, session: Session, world: World) -> None:
    for number in range(4):
        give(buyer, world, email=f"p{number}@work.example")

    asked = session.scalars(select(AuditEvent).where(AuditEvent.kind == "licensing.request.asked")).one()

    assert asked.actor_id == world.ours.buyer.id


def test_a_seat_is_given_with_all_that_the_form_says(buyer, session: Session, world: World) -> None:
    beach = department(session, world.ours, "Beach school")

    response = give(buyer, world, department=str(beach.id), message="Welcome")

    page = buyer.page(response.location)
    assert "The email to lise@work.example is on its way. 2 seats are free." in page.text
    row = next(row for row in page.find_all("tr") if "lise@work.example" in row.text)
    assert re.search(r"Beach school.*Schools.*holds the seat until 14 December", said(row))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"email": "lise"}, "Write the whole address"),
        ({"email": "invited@ours.example"}, "has a seat or an invitation already"),
        ({"name": ""}, "Write the name"),
        ({"holds_until": "2026-11-22"}, "Choose a day from today to"),
        ({"holds_until": "2029-01-01"}, "Choose a day from today to"),
        ({"holds_until": "soon"}, "Not a valid date"),
        ({"department": "999999"}, "Not a valid choice"),
        ({"message": "x" * 301}, "The line is too long."),
    ],
)
def test_a_seat_that_cannot_be_given_says_why_and_keeps_what_was_typed(
    changed: dict[str, str], told: str, buyer, session: Session, world: World
) -> None:
    response = give(buyer, world, **changed)

    assert response.status_code == 422
    page = check_page("give", response)
    assert told in page.text
    assert page.find("input", {"name": "email"})["value"] == changed.get("email", "lise@work.example")
    assert services_free(session, world) == 3


def test_another_municipalitys_department_cannot_be_named(buyer, session: Session, world: World) -> None:
    foreign = department(session, world.theirs, "Foreign")

    assert "Not a valid choice" in give(buyer, world, department=str(foreign.id)).text
    seat = world.ours.seat(session)
    buyer.press(f"{home(world)}/seats/{seat.id}/move", department=str(foreign.id))
    buyer.press(f"{licence_path(world)}/move", who=holding(seat), department=str(foreign.id))
    session.refresh(seat)
    assert seat.department_id is None


def test_with_no_seat_free_people_stand_in_line_and_read_their_number(buyer, session: Session, world: World) -> None:
    for number in range(3):
        give(buyer, world, email=f"p{number}@work.example")
    assert "now stands in line" in buyer.page(f"{licence_path(world)}/give").text

    first = buyer.page(give(buyer, world, email="a@work.example", name="Anna").location)
    second = buyer.page(give(buyer, world, email="b@work.example", name="Bo").location)

    assert "There are no free seats. Anna is number 1 in the queue." in first.text
    assert "There are no free seats. Bo is number 2 in the queue." in second.text
    assert "2 on the waiting list" in said(second)
    again = buyer.page(give(buyer, world, email="b@work.example", name="Bo").location)
    assert "Bo is number 2 in the queue." in again.text


def test_without_a_waiting_line_nobody_is_put_in_it(buyer, session: Session, world: World) -> None:
    session.get_one(Licence, world.ours.licence.id).has_waiting_line = False
    session.commit()
    for number in range(3):
        give(buyer, world, email=f"p{number}@work.example")

    assert "There are no free seats" in buyer.page(f"{licence_path(world)}/give").text
    response = give(buyer, world, email="late@work.example")

    assert response.status_code == 422
    assert not session.scalars(select(SeatRequest)).all()


def test_an_invitation_is_sent_again_corrected_and_withdrawn(buyer, session: Session, world: World) -> None:
    seat, invited = world.ours.seat(session, world.ours.invited), world.ours.invited
    path = f"{home(world)}/seats/{seat.id}"
    assert "This invitation holds a seat until 4 January." in buyer.page(path).text

    assert "A new email to Invited ours is on its way." in buyer.page(buyer.press(f"{path}/resend").location).text
    page = buyer.page(buyer.press(f"{path}/address", email="right@ours.example").location)
    assert "A new email to right@ours.example is on its way. The seat was held all the time." in page.text
    assert letter_of(session, invited).recipient == "right@ours.example"
    page = buyer.page(buyer.press(f"{path}/take-back", person=str(invited.id)).location)
    assert "The invitation is withdrawn, and the seat is free." in page.text


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("nonsense", "Write the whole address"),
        ("", "Write the email address."),
        ("learner-ours@0710.example", "has a seat or an invitation already"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(
    email: str, told: str, buyer, session: Session, world: World
) -> None:
    seat = world.ours.seat(session, world.ours.invited)

    response = buyer.press(f"{home(world)}/seats/{seat.id}/address", email=email)

    assert response.status_code == 422
    assert told in check_page("seat", response).text


def test_after_use_the_rule_names_the_handovers_and_the_last_is_the_last(
    buyer, session: Session, world: World, installation
) -> None:
    other = add_learner(session, installation, world.ours.licence, "Other")
    for person in (world.ours.learner, other):
        use(session, world.ours.seat(session, person))
    seat, second = world.ours.seat(session), world.ours.seat(session, other)
    assert "It uses the 1 handover that is left" in buyer.page(f"{home(world)}/seats/{seat.id}").text

    buyer.press(f"{home(world)}/seats/{seat.id}/take-back", person=str(world.ours.learner.id))
    page = buyer.page(f"{home(world)}/seats/{second.id}")
    assert "the agreed number of used seats has changed hands already" in page.text
    buyer.press(f"{home(world)}/seats/{second.id}/take-back", person=str(other.id))

    session.refresh(second)
    assert second.person_id == other.id


def test_taking_a_seat_back_can_be_undone_for_ten_minutes(buyer, session, world: World, clock: TestClock) -> None:
    seat, learner = world.ours.seat(session), world.ours.learner
    path = f"{home(world)}/seats/{seat.id}"

    page = buyer.page(buyer.press(f"{path}/take-back", person=str(learner.id)).location)
    assert "1 seat is free." in page.text
    undo = page.find("form", action=f"{licence_path(world)}/undo")
    page = buyer.page(buyer.press(undo["action"], seat=str(seat.id)).location)
    assert "1 seat is as before." in page.text
    assert world.ours.seat(session).id == seat.id

    location = buyer.press(f"{path}/take-back", person=str(learner.id)).location
    clock.advance(minutes=11)
    assert buyer.page(location).find("form", action=f"{licence_path(world)}/undo") is None
    assert "too late to undo" in buyer.page(buyer.press(f"{path}/undo").location).text


def test_pressing_twice_takes_nobody_elses_seat(buyer, session: Session, world: World) -> None:
    seat, learner = world.ours.seat(session), str(world.ours.learner.id)
    buyer.press(f"{home(world)}/seats/{seat.id}/take-back", person=learner)
    give(buyer, world)

    page = buyer.page(buyer.press(f"{home(world)}/seats/{seat.id}/take-back", person=learner).location)

    assert "The seat was free already." in page.text
    assert "lise@work.example" in page.text


def test_who_is_moved_works_in_the_new_department_alone(buyer, session: Session, world: World) -> None:
    old, new = department(session, world.ours, "Old"), department(session, world.ours, "New")
    seat = world.ours.seat(session)
    for place in (old, new):
        buyer.press(f"{home(world)}/seats/{seat.id}/move", department=str(place.id))

    assert "1 seat" in buyer.page(f"{home(world)}/departments/{new.id}").text
    buyer.press(f"{home(world)}/departments/{old.id}/remove")
    assert "Old is removed." in buyer.page(f"{home(world)}/departments").text
