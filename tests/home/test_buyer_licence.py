"""The buyer's start page, a licence with its people, and what waits there."""

from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.licensing.models import Licence, RequestState, Seat, SeatRequest
from elearn.organisations.models import Municipality, Role
from elearn.organisations.services import add_member
from tests.client import PageClient, check_page, queries
from tests.conftest import TestClock
from tests.home.buyer_steps import (
    big_licence,
    complete,
    department,
    give,
    holding,
    home,
    letter_of,
    licence_path,
    names,
    names_in_state,
    said,
    use,
)
from tests.world import World, add_learner


def test_the_start_page_shows_each_licence_at_a_glance(buyer: PageClient, world: World) -> None:
    text = said(buyer.page(home(world)))

    assert "1 in use" in text
    assert "1 invited" in text
    assert "3 free" in text
    assert "336 days left" in text


def test_a_municipality_without_licence_reads_what_will_stand_here(buyer, session: Session, world: World) -> None:
    add_member(session, person=world.ours.buyer, municipality=other_municipality(session), role=Role.BUYER, by_id=None)
    session.commit()

    page = buyer.page(f"/municipalities/{other_municipality(session).id}")

    assert "Your licences will stand here" in page.text


def other_municipality(session: Session) -> Municipality:
    return session.scalars(select(Municipality).where(Municipality.name == "Ærø Kommune")).one()


@pytest.mark.parametrize(
    ("starts", "ends", "told"), [(-40, -1, "ended"), (10, 40, "first day"), (-10, 0, "1 day left")]
)
def test_a_licence_that_has_ended_or_not_begun_says_so(
    starts: int, ends: int, told: str, buyer, session: Session, world: World
) -> None:
    today = product_clock.today("DK")
    licence = session.get_one(Licence, world.ours.licence.id)
    licence.starts_on, licence.ends_on = today + timedelta(days=starts), today + timedelta(days=ends)
    session.commit()

    for path in (home(world), licence_path(world)):
        assert told in said(buyer.page(path))
    assert bool(buyer.page(licence_path(world)).find("input", {"name": "who"})) is (ends >= 0), "nothing is left to do"


def test_where_seats_outlive_the_licence_its_end_closes_no_film(buyer, session, world: World, clock: TestClock) -> None:
    licence = session.get_one(Licence, world.ours.licence.id)
    licence.seat_days = 30
    session.commit()
    clock.set(datetime.combine(licence.ends_on, time(12), UTC) + timedelta(days=1))
    buyer.signed_in_as(world.ours.buyer)

    told = said(buyer.page(licence_path(world)))

    assert "The licence has ended. Whoever has accepted a seat may watch for 30 days from then" in told
    assert "the films are closed" not in told


def test_the_licence_counts_and_names_its_people(buyer: PageClient, world: World) -> None:
    page = buyer.page(licence_path(world))

    assert names(page) == ["Invited ours", "Learner-ours"]
    figures = said(page.find("ul", {"class": "figs"}))
    assert figures == "1 in use 1 invited 3 free 0 on the waiting list 336 days left"
    assert "theirs alone" in page.text


def test_how_far_each_is_is_told_with_its_day_and_nothing_more(buyer, session: Session, world: World) -> None:
    learner, invited = world.ours.learner, world.ours.invited
    rows = {
        row.th.contents[0]: said(row.find_all("td")[3]) for row in buyer.page(licence_path(world)).find_all("tr")[1:]
    }
    assert rows == {
        invited.name: "Invited 23 November · holds the seat until 4 January",
        learner.name: "Accepted 23 November · not started yet",
    }
    use(session, world.ours.seat(session))
    assert "In use since 23 November" in said(buyer.page(licence_path(world)))

    complete(session, world.ours, learner)

    page = buyer.page(licence_path(world))
    assert "Completed 23 November" in said(page)
    assert "In use" not in said(page.table)


def test_what_somebody_completed_elsewhere_is_not_told_before_they_accept(
    buyer, session: Session, world: World
) -> None:
    complete(session, world.ours, world.ours.invited)

    assert "Completed" not in said(buyer.page(licence_path(world)).table)
    assert names_in_state(buyer, world, "completed") == []


def test_people_are_filtered_by_how_far_they_are(buyer, session: Session, world: World, installation) -> None:
    learner, invited = world.ours.learner.name, world.ours.invited.name
    finisher = add_learner(session, installation, world.ours.licence, "Finisher")
    starter = add_learner(session, installation, world.ours.licence, "Starter")
    use(session, world.ours.seat(session, starter))
    complete(session, world.ours, finisher)

    assert names_in_state(buyer, world, "invited") == [invited]
    assert names_in_state(buyer, world, "accepted") == [learner]
    assert names_in_state(buyer, world, "in-use") == ["Starter"]
    assert names_in_state(buyer, world, "completed") == ["Finisher"]
    assert names_in_state(buyer, world, "came-back") == []
    assert len(names_in_state(buyer, world, "all")) == len(names_in_state(buyer, world, "nonsense")) == 4


def test_people_are_filtered_by_department_with_those_below_it(buyer, session: Session, world: World) -> None:
    schools = department(session, world.ours, "Schools", sector="school")
    beach = department(session, world.ours, "Beach school", parent_id=schools.id, sector="school")
    other = department(session, world.ours, "Other")
    world.ours.seat(session).department_id = beach.id
    world.ours.seat(session, world.ours.invited).department_id = other.id
    session.commit()

    def shown(**query: object) -> list[str]:
        page = buyer.get(licence_path(world), query_string=query)
        table = check_page("", page).table
        return names(table) if table else []

    assert shown(department=schools.id) == shown(department=beach.id) == ["Learner-ours"]
    assert shown(department=other.id) == ["Invited ours"]
    assert shown(sector="school") == ["Learner-ours"]
    assert shown(sector="police") == []
    world.ours.seat(session).sector = "police"
    session.commit()
    assert shown(sector="police") == ["Learner-ours"]
    assert shown(sector="school") == []


def test_people_are_found_by_name_and_address_in_any_case(buyer: PageClient, world: World) -> None:
    give(buyer, world, name="Åse Ærø", email="aase@work.example")

    for text in ("åse", "ÆRØ", "AASE@work", "work.ex"):
        assert names(buyer.page(f"{licence_path(world)}?q={text}")) == ["Åse Ærø"]
    assert "Nobody fits." in buyer.page(f"{licence_path(world)}?q=%25").text


def test_the_list_is_paged_by_name(buyer, session: Session, world: World, installation: Installation) -> None:
    licence = big_licence(session, world, installation, 60)
    path = f"{home(world)}/licences/{licence.id}"

    first, second = buyer.page(path), buyer.page(f"{path}?page=2")

    assert "1–50 of 60" in first.text
    assert "51–60 of 60" in second.text
    assert names(first) + names(second) == sorted(names(first) + names(second))
    assert len(set(names(first) + names(second))) == 60


@pytest.mark.parametrize("where", ["", "?state=in-use", "?q=person", "/take-back?"])
def test_the_number_of_queries_does_not_grow_with_the_people(
    where: str, buyer, session: Session, world: World, installation: Installation, database
) -> None:
    few, many = (big_licence(session, world, installation, number) for number in (2, 40))

    def path(licence: Licence) -> str:
        seats = session.scalars(select(Seat).where(Seat.licence_id == licence.id, Seat.person_id.is_not(None)))
        ticked = "&".join(f"who={holding(seat)}" for seat in seats)
        return f"{home(world)}/licences/{licence.id}{where}" + (ticked if where.endswith("back?") else "")

    assert queries(database, buyer, path(few)) == queries(database, buyer, path(many))


def test_the_number_of_queries_does_not_grow_with_the_licences(buyer, session, world, installation, database) -> None:
    before = queries(database, buyer, home(world))
    for _ in range(3):
        big_licence(session, world, installation, 1)

    assert queries(database, buyer, home(world)) == before


def waits(buyer: PageClient, world: World) -> str:
    section = buyer.page(licence_path(world)).find("section", {"class": "todo"})
    return said(section) if section else ""


def test_when_all_is_well_nothing_waits(buyer: PageClient, world: World) -> None:
    assert waits(buyer, world) == ""


def test_a_letter_that_came_back_waits_with_the_way_to_correct_it(buyer, session: Session, world: World) -> None:
    letter_of(session, world.ours.invited).refused = "550 no such user"
    session.commit()
    seat = world.ours.seat(session, world.ours.invited)

    page = buyer.page(licence_path(world))

    assert "1 email came back or could not be sent. The seat stays Invited ours’s while" in waits(buyer, world)
    assert page.find("section", {"class": "todo"}).a["href"] == f"{home(world)}/seats/{seat.id}#address"
    assert "The email came back" in said(page.table)
    assert names_in_state(buyer, world, "came-back") == ["Invited ours"]


def test_a_letter_that_cannot_be_sent_waits_too(buyer, session: Session, world: World) -> None:
    letter = letter_of(session, world.ours.invited)
    job = next(job for job in session.scalars(select(Job)) if job.arguments.get("letter_id") == letter.id)
    job.runs, job.last_error = 3, "refused"
    session.commit()

    assert "1 email came back or could not be sent" in waits(buyer, world)
    assert "Email not sent" in said(buyer.page(licence_path(world)).table)


def test_invitations_long_unanswered_wait(buyer, session: Session, world: World, clock: TestClock) -> None:
    clock.advance(days=20)
    assert waits(buyer.signed_in_as(world.ours.buyer), world) == ""
    clock.advance(days=2)
    buyer = buyer.signed_in_as(world.ours.buyer)

    assert "1 invitation not answered for more than 21 days. The first seat becomes free after 4 January." in waits(
        buyer, world
    )
    assert names(buyer.page(f"{licence_path(world)}?unanswered=21")) == ["Invited ours"]


def test_requests_and_the_line_wait(buyer, session: Session, world: World) -> None:
    asking = [
        (world.ours.leader, RequestState.ASKED),
        (world.ours.owner, RequestState.WAITING),
        (world.ours.learner, RequestState.ASKED),  # has got a seat meanwhile, so nothing is to be answered
    ]
    for person, state in asking:
        now = product_clock.now()
        session.add(
            SeatRequest(
                licence_id=world.ours.licence.id, person_id=person.id, state=state, asked_at=now, in_line_since=now
            )
        )
    session.commit()

    assert "1 request for a seat." in waits(buyer, world)
    assert "1 on the waiting list" in said(buyer.page(licence_path(world)))
    for number in range(3):
        give(buyer, world, email=f"p{number}@work.example")
    assert "1 person on the waiting list, and all seats are taken." in waits(buyer, world)


@pytest.mark.parametrize("has_line", [True, False])
def test_after_the_licences_end_nobody_is_approved(
    has_line: bool, buyer, session: Session, world: World, clock: TestClock
) -> None:
    licence = session.get_one(Licence, world.ours.licence.id)
    licence.has_waiting_line = has_line
    asked = SeatRequest(
        licence_id=licence.id, person_id=world.ours.leader.id, state=RequestState.ASKED, asked_at=product_clock.now()
    )
    session.add(asked)
    session.commit()
    clock.set(datetime.combine(licence.ends_on, time(12), UTC) + timedelta(days=1))
    buyer.signed_in_as(world.ours.buyer)

    response = buyer.press(f"{licence_path(world)}/waiting", request=str(asked.id), answer="approve")

    assert "The licence has ended. Nothing was sent." in buyer.page(response.location).text
    session.refresh(asked)
    assert asked.state == RequestState.ASKED
    buyer.press(f"{licence_path(world)}/waiting", request=str(asked.id), answer="decline")
    session.refresh(asked)
    assert asked.state == RequestState.DECLINED
