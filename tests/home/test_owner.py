"""The course owner's pages, as an owner and as a stranger see them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.services import find_or_add_person
from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.licensing import services
from elearn.licensing.models import Licence, Seat
from elearn.organisations.services import add_house, make_owner
from tests.client import PageClient, check_page
from tests.conftest import TestClock
from tests.world import Side, World

PAGES = [
    "/owner",
    "/owner/courses/{course}",
    "/owner/files/{slug}",
    "/owner/films",
    "/owner/licences",
    "/owner/licences/new",
    "/owner/licences/{licence}",
    "/owner/licences/{licence}/history",
    "/owner/licences/{licence}/give",
    "/owner/seats/{seat}",
    "/owner/people",
]
ONES = [path for path in PAGES if "{" in path]
PRESSES = [
    "/owner/files/{slug}",
    "/owner/seats/{seat}/take-back",
    "/owner/seats/{seat}/resend",
    "/owner/seats/{seat}/undo",
]


def filled(path: str, session: Session, side: Side) -> str:
    seat = side.seat(session)
    return path.format(course=side.course.id, slug=side.course.slug, licence=side.licence.id, seat=seat.id)


def give(owner: PageClient, side: Side, **changed: str) -> Any:
    fields = {"email": "lise@work.example", "name": "Lise", "language": "da", "sector": "school", "message": ""}
    return owner.press(f"/owner/licences/{side.licence.id}/give", **(fields | changed))


def page_of(path: str, response: Any) -> BeautifulSoup:
    return check_page(path, response)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("_files_of_ours")
def test_every_page_of_the_owner_is_sound(path: str, owner: PageClient, session: Session, world: World) -> None:
    owner.page(filled(path, session, world.ours))


@pytest.mark.parametrize("path", ONES)
@pytest.mark.usefixtures("_files_of_ours")
def test_another_houses_things_do_not_exist(path: str, owner: PageClient, session: Session, world: World) -> None:
    owner.page(filled(path, session, world.theirs), status=404)


@pytest.mark.parametrize("path", PRESSES)
@pytest.mark.usefixtures("_files_of_ours")
def test_another_houses_things_cannot_be_changed(path: str, owner: PageClient, session: Session, world: World) -> None:
    response = owner.press(filled(path, session, world.theirs), person=str(world.theirs.learner.id))

    assert response.status_code == 404
    assert world.theirs.seat(session).claimed_at is not None


@pytest.mark.parametrize("path", PAGES)
def test_learners_leaders_and_buyers_find_no_owners_pages(
    path: str, browser: Callable[[], PageClient], session: Session, world: World
) -> None:
    for person in (world.ours.learner, world.ours.leader, world.ours.buyer):
        assert browser().signed_in_as(person).get(filled(path, session, world.ours)).status_code == 404


def test_who_is_signed_out_is_asked_to_sign_in(anonymous: PageClient) -> None:
    assert anonymous.get("/owner/people").location == "/sign-in?next=/owner/people"


def test_a_new_house_is_told_what_to_do(browser: Callable[[], PageClient], session: Session, world: World) -> None:
    house = add_house(session, slug="new", name="New house", country="NO", email="new@house.example")
    person, _email = find_or_add_person(session, address="new@house.example", name="Ny Eier", language="en")
    make_owner(session, person=person, house=house)
    session.commit()
    client = browser().signed_in_as(person)

    assert "Your first course will stand here" in client.page("/owner").text
    for path in ("/owner/films", "/owner/licences", "/owner/licences/new", "/owner/people"):
        client.page(path)


def test_the_start_page_tells_what_waits(
    owner: PageClient, session: Session, world: World, clock: TestClock, installation: Installation
) -> None:
    world.ours.licence.ends_on = product_clock.today("DK") + timedelta(days=45)
    invited = world.ours.seat(session, world.ours.invited)
    job = session.scalars(select(Job).where(Job.name == "mail.send_letter").order_by(Job.id)).all()[1]
    job.runs, job.last_error = 3, "refused"
    session.commit()
    clock.advance(days=38)
    session.commit()
    owner = owner.signed_in_as(world.ours.owner)

    page = owner.page("/owner")

    waiting = page.find("section", {"class": "todo"})
    assert waiting is not None
    said = " ".join(waiting.text.split())
    assert "1 email could not be sent" in said
    assert "1 invitation not answered" in said
    assert "1 licence ending within two months" in said
    assert waiting.find("a", href=f"/owner/seats/{invited.id}")


def test_a_licence_is_given_to_a_municipality_by_its_name(owner: PageClient, session: Session, world: World) -> None:
    today = product_clock.today("DK")
    fields = {
        "course": str(world.ours.course.id),
        "seats": "7",
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=364)).isoformat(),
        "reason": "Pilot",
    }

    response = owner.press("/owner/licences/new", municipality="ærø kommune", **fields)

    assert response.status_code == 303
    licence = session.get_one(Licence, int(response.location.rsplit("/", 1)[1]))
    seats = session.scalars(select(Seat.id).where(Seat.licence_id == licence.id)).all()
    assert (licence.municipality.official_name, len(seats)) == ("Ærø Kommune", 7)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"municipality": "Våler"}, "More than one municipality fits “Våler”"),
        ({"municipality": "Atlantis"}, "We know no municipality called “Atlantis”"),
        ({"seats": "0"}, "Write a whole number from 1 to 10000."),
        ({"seats": "1.5"}, "Write a whole number, such as 100."),
        ({"ends_on": "2020-01-01"}, "The last day lies before the first."),
        ({"reason": ""}, "Write a word or two"),
    ],
)
def test_a_licence_that_cannot_be_given_says_what_to_write(
    changed: dict[str, str], said: str, owner: PageClient, session: Session, world: World
) -> None:
    fields = {
        "course": str(world.ours.course.id),
        "municipality": "Favrskov Kommune (DK 0710)",
        "seats": "7",
        "starts_on": "2026-11-23",
        "ends_on": "2027-11-22",
        "reason": "Pilot",
    }
    licences = len(session.scalars(select(Licence.id)).all())

    response = owner.press("/owner/licences/new", **(fields | changed))

    assert response.status_code == 422
    assert said in page_of("/owner/licences/new", response).text
    assert len(session.scalars(select(Licence.id)).all()) == licences


def test_the_ambiguous_municipality_is_chosen_from_those_it_could_be(
    owner: PageClient, session: Session, world: World
) -> None:
    fields = {
        "course": str(world.ours.course.id),
        "municipality": "Våler",
        "seats": "1",
        "starts_on": "2026-11-23",
        "ends_on": "2027-11-22",
        "reason": "Pilot",
    }
    page = page_of("/owner/licences/new", owner.press("/owner/licences/new", **fields))
    choices = page.find_all("input", {"name": "municipality_id"})
    assert len(choices) == 2

    response = owner.press("/owner/licences/new", municipality_id=choices[1]["value"], **fields)

    assert response.status_code == 303


def test_a_seat_is_given_and_the_page_says_how_many_are_left(owner: PageClient, world: World) -> None:
    response = give(owner, world.ours)

    page = owner.page(response.location)
    assert "The email to lise@work.example is on its way. 2 seats are free." in page.text
    row = next(row for row in page.find_all("tr") if "lise@work.example" in row.text)
    assert re.search(r"Invited\s*23 November · holds the seat until 4 January", row.text)
    assert "Schools" in row.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "lise"}, "Write the whole address"),
        ({"email": "invited@ours.example"}, "has a seat or an invitation already"),
        ({"name": ""}, "Write the name"),
        ({"name": "Lise\r\nBcc: all@work.example"}, "Write this on one line."),
        ({"message": "x" * 301}, "The line is too long."),
        ({"language": "fr"}, "Not a valid choice"),
    ],
)
def test_a_seat_that_cannot_be_given_says_why_and_keeps_what_was_typed(
    changed: dict[str, str], said: str, owner: PageClient, session: Session, world: World
) -> None:
    response = give(owner, world.ours, **changed)

    assert response.status_code == 422
    page = page_of("/owner", response)
    assert said in page.text
    assert page.find("input", {"name": "email"})["value"] == changed.get("email", "lise@work.example")
    free = select(Seat.id).where(Seat.licence_id == world.ours.licence.id, Seat.person_id.is_(None))
    assert len(session.scalars(free).all()) == 3


def test_when_all_seats_are_taken_nobody_new_is_stored(owner: PageClient, session: Session, world: World) -> None:
    for number in range(3):
        give(owner, world.ours, email=f"p{number}@work.example")

    response = give(owner, world.ours, email="late@work.example")

    assert "There are no free seats." in response.text
    assert owner.get("/owner/people?q=late@work.example").text.count("late@work.example</span>") == 0


def test_the_rule_stands_at_the_button_before_the_act(owner: PageClient, session: Session, world: World) -> None:
    seat, held = world.ours.seat(session), world.ours.seat(session, world.ours.invited)
    services.use_seat(session, seat_id=seat.id)
    session.commit()

    assert "has started. You can give this seat to someone else" in owner.page(f"/owner/seats/{seat.id}").text
    assert "This invitation holds a seat until 4 January." in owner.page(f"/owner/seats/{held.id}").text


def test_taking_a_seat_back_offers_to_undo_it(owner: PageClient, session: Session, world: World) -> None:
    seat, learner = world.ours.seat(session), world.ours.learner

    response = owner.press(f"/owner/seats/{seat.id}/take-back", person=str(learner.id))

    page = owner.page(response.location)
    assert "The seat is free." in page.text
    undo = page.find("form", action=f"/owner/seats/{seat.id}/undo")
    assert undo is not None
    page = owner.page(owner.press(undo["action"]).location)
    assert "has the seat again" in page.text
    assert world.ours.seat(session).id == seat.id


def test_pressing_twice_takes_nobody_elses_seat(owner: PageClient, session: Session, world: World) -> None:
    seat, learner = world.ours.seat(session), str(world.ours.learner.id)
    owner.press(f"/owner/seats/{seat.id}/take-back", person=learner)
    give(owner, world.ours)

    page = owner.page(owner.press(f"/owner/seats/{seat.id}/take-back", person=learner).location)

    assert "The seat was free already." in page.text
    assert "lise@work.example" in page.text


def test_no_more_used_seats_change_hands_than_agreed(owner: PageClient, session: Session, world: World) -> None:
    seat, learner = world.ours.seat(session), str(world.ours.learner.id)
    services.use_seat(session, seat_id=seat.id)
    session.get_one(Licence, world.ours.licence.id).handovers_allowed = 0
    session.commit()

    response = owner.press(f"/owner/seats/{seat.id}/take-back", person=learner)

    assert "The agreed number of used seats has changed hands already." in owner.page(response.location).text
    assert response.location.endswith("/terms")
    assert world.ours.seat(session).id == seat.id


def test_an_invitation_is_withdrawn_and_sent_again(owner: PageClient, session: Session, world: World) -> None:
    held, invited = world.ours.seat(session, world.ours.invited), world.ours.invited

    page = owner.page(owner.press(f"/owner/seats/{held.id}/resend").location)
    assert "A new email to Invited ours is on its way." in page.text
    page = owner.page(owner.press(f"/owner/seats/{held.id}/take-back", person=str(invited.id)).location)
    assert "The invitation is withdrawn" in page.text


def test_people_are_found_by_name_and_by_address(owner: PageClient, world: World) -> None:
    give(owner, world.ours)

    for text in ("lise", "LISE@WORK.EXAMPLE", "work.ex"):
        page = owner.page(f"/owner/people?q={text}")
        assert [row.th.contents[0] for row in page.find_all("tr")[1:]] == ["Lise"]
    assert "Nobody fits." in owner.page("/owner/people?q=%25").text


def test_people_of_the_other_house_are_not_found(owner: PageClient) -> None:
    names = [row.th.contents[0] for row in owner.page("/owner/people").find_all("tr")[1:]]

    assert names == ["Invited ours", "Learner-ours"]
    assert "Nobody fits." in owner.page("/owner/people?q=learner-theirs").text


def test_the_history_names_who_did_what(owner: PageClient, session: Session, world: World) -> None:
    seat = world.ours.seat(session)
    owner.press(f"/owner/seats/{seat.id}/take-back", person=str(world.ours.learner.id))

    page = owner.page(f"/owner/licences/{world.ours.licence.id}/history")

    assert "Owner ours took the seat back from Learner-ours" in page.text
    assert "Owner ours invited Invited ours" in page.text
