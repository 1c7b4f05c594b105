"""The buyer's console, as a buyer and as strangers see it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.learning.models import Completion
from elearn.licensing import services
from elearn.licensing.models import Invitation, Licence, RequestState, Seat, SeatRequest
from elearn.mail.models import Letter
from elearn.organisations.models import Department, Municipality, Role
from elearn.organisations.services import add_member
from tests.client import PageClient, check_page
from tests.conftest import TestClock
from tests.world import Side, World, add_learner

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


@pytest.fixture
def buyer(browser: Callable[[], PageClient], world: World) -> PageClient:
    """The first municipality's buyer, signed in."""
    return browser().signed_in_as(world.ours.buyer)


def filled(path: str, session: Session, side: Side) -> str:
    seat = side.seat(session, side.invited)
    return path.format(
        municipality=side.municipality.id,
        licence=side.licence.id,
        seat=seat.id,
        who=f"{seat.id}-{side.invited.id}",
    )


def home(world: World) -> str:
    return f"/municipalities/{world.ours.municipality.id}"


def licence_path(world: World) -> str:
    return f"{home(world)}/licences/{world.ours.licence.id}"


def holding(seat: Seat) -> str:
    return f"{seat.id}-{seat.person_id}"


def names(page: BeautifulSoup) -> list[str]:
    return [str(row.th.contents[0]) for row in page.find_all("tr")[1:]]


def said(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def give(buyer: PageClient, world: World, **changed: str) -> Any:
    fields = {
        "email": "lise@work.example",
        "name": "Lise",
        "language": "da",
        "sector": "school",
        "department": "",
        "message": "",
        "holds_until": "2026-12-14",
    }
    return buyer.press(f"{licence_path(world)}/give", **(fields | changed))


def department(session: Session, side: Side, name: str, **values: Any) -> Department:
    made = Department(municipality_id=side.municipality.id, name=name, name_key=name.casefold(), **values)
    session.add(made)
    session.commit()
    return made


def complete(session: Session, side: Side, person: Person) -> None:
    session.add(
        Completion(
            person_id=person.id,
            course_id=side.course.id,
            course_version_id=side.outline(session).version_id,
            completed_at=product_clock.now(),
        )
    )
    session.commit()


def use(session: Session, seat: Seat) -> None:
    services.use_seat(session, seat_id=seat.id)
    session.commit()


# Who is let in


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


# The start page


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


# The licence and its people


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


def names_in_state(buyer: PageClient, world: World, state: str) -> list[str]:
    page = buyer.page(f"{licence_path(world)}?state={state}")
    return names(page) if page.table else []


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


def big_licence(session: Session, world: World, installation: Installation, people: int) -> Licence:
    side, today = world.ours, product_clock.today("DK")
    licence = services.grant_licence(
        session,
        house=side.house,
        course=side.course,
        municipality=side.municipality,
        seats=people + 1,
        starts_on=today,
        ends_on=today + timedelta(days=364),
        reason="Test",
        by_id=None,
    )
    for number in range(people):
        services.invite(
            session,
            installation.tokens,
            licence=licence,
            address=f"p{licence.id}-{number}@work.example",
            name=f"Person {number:04}",
            language="da",
            by_id=None,
        )
    session.commit()
    return licence


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


def queries(database: Any, client: PageClient, path: str) -> int:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    client.page(path)
    event.listen(database.engine, "before_cursor_execute", note)
    client.page(path)
    event.remove(database.engine, "before_cursor_execute", note)
    found = [statement for statement in said if "SAVEPOINT" not in statement]
    assert found
    return len(found)


# What waits


def waits(buyer: PageClient, world: World) -> str:
    section = buyer.page(licence_path(world)).find("section", {"class": "todo"})
    return said(section) if section else ""


def letter_of(session: Session, person: Person) -> Letter:
    invitation = session.scalars(
        select(Invitation).where(Invitation.person_id == person.id).order_by(Invitation.id.desc())
    ).first()
    assert invitation
    return session.get_one(Letter, invitation.letter_id)


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
    for person, state in ((world.ours.leader, RequestState.ASKED), (world.ours.owner, RequestState.WAITING)):
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


# Giving seats


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


def services_free(session: Session, world: World) -> int:
    free = select(Seat.id).where(Seat.licence_id == world.ours.licence.id, Seat.person_id.is_(None))
    return len(session.scalars(free).all())


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


# One seat


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


# Several at once


def test_taking_several_back_says_first_what_it_means(buyer, session: Session, world: World, installation) -> None:
    starter = add_learner(session, installation, world.ours.licence, "Hassan")
    use(session, world.ours.seat(session, starter))
    seats = [world.ours.seat(session, person) for person in (world.ours.learner, world.ours.invited, starter)]

    page = buyer.page(f"{licence_path(world)}/take-back?" + "&".join(f"who={holding(seat)}" for seat in seats))

    text = said(page)
    assert "Invited ours has not accepted the invitation, so the seat becomes free at once." in text
    assert "Learner-ours has accepted, but not started. The seat is free at once." in text
    assert "Hassan has started. That uses the one handover" in text
    assert services_free(session, world) == 2, "reading changes nothing"
    page = buyer.page(buyer.press(f"{licence_path(world)}/take-back", who=[holding(seat) for seat in seats]).location)
    assert "3 seats are free." in page.text
    undo = page.find("form", action=f"{licence_path(world)}/undo")
    restored = [field["value"] for field in undo.find_all("input", {"name": "seat"})]
    assert len(restored) == 2, "an invitation is sent anew instead"
    page = buyer.page(buyer.press(undo["action"], seat=restored).location)
    assert "2 seats are as before." in page.text
    assert services_free(session, world) == 3


def test_everybody_who_fits_is_chosen_over_all_pages(buyer, session: Session, world: World, installation) -> None:
    licence = big_licence(session, world, installation, 55)
    path = f"{home(world)}/licences/{licence.id}"
    listed = buyer.page(f"{path}?state=invited&q=person").find("input", {"name": "everybody"}).find_parent("form")
    hidden = {field["name"]: field["value"] for field in listed.find_all("input", {"type": "hidden"})}
    assert hidden == {"state": "invited", "q": "person"}

    page = buyer.page(f"{path}/remind?everybody=1&state=invited&q=person")
    named = [field["value"] for field in page.find_all("input", {"name": "who"})]
    assert len(named) == 55, "those on the second page too, and each by name from here on"
    assert len(buyer.page(f"{path}/remind?everybody=1&q=person%200007").find_all("input", {"name": "who"})) == 1
    assert buyer.page(path).find("input", {"name": "everybody"}), "there is more than one page"
    assert buyer.page(licence_path(world)).find("input", {"name": "everybody"}) is None


def test_more_handovers_than_agreed_take_nothing_back(buyer, session: Session, world: World, installation) -> None:
    people = [world.ours.learner, add_learner(session, installation, world.ours.licence, "Hassan")]
    for person in people:
        use(session, world.ours.seat(session, person))
    who = [holding(world.ours.seat(session, person)) for person in [*people, world.ours.invited]]

    page = buyer.page(f"{licence_path(world)}/take-back?" + "&".join(f"who={each}" for each in who))
    assert "Your agreement has 1 handover left, so nothing can be taken back this way." in said(page)
    assert page.find("form", action=f"{licence_path(world)}/take-back") is None
    response = buyer.press(f"{licence_path(world)}/take-back", who=who)

    assert response.status_code == 422
    assert services_free(session, world) == 2, "all or nothing"


def test_a_seat_that_changed_hands_while_it_was_ticked_is_left_alone(buyer, session: Session, world: World) -> None:
    seat = world.ours.seat(session)
    ticked = holding(seat)
    buyer.press(f"{home(world)}/seats/{seat.id}/take-back", person=str(world.ours.learner.id))
    give(buyer, world)

    page = check_page("", buyer.press(f"{licence_path(world)}/take-back", who=ticked))

    assert "Nobody is chosen" in page.text
    assert services_free(session, world) == 3


def test_a_reminder_goes_to_those_who_have_not_answered_once_a_day(
    buyer, session: Session, world: World, clock
) -> None:
    learner, invited = world.ours.seat(session), world.ours.seat(session, world.ours.invited)
    held, letters = invited.holds_until, len(session.scalars(select(Letter)).all())
    who = [holding(learner), holding(invited)]
    path = f"{licence_path(world)}/remind"

    text = said(buyer.page(f"{path}?who={who[0]}&who={who[1]}"))
    assert "Invited ours gets a new email with a fresh link." in text
    assert "Learner-ours has accepted already and gets no email." in text
    assert "1 reminder is on its way." in buyer.page(buyer.press(path, who=who).location).text
    assert len(session.scalars(select(Letter)).all()) == letters + 1
    again = buyer.page(buyer.press(path, who=who).location).text
    assert "1 had one today already." in again

    assert len(session.scalars(select(Letter)).all()) == letters + 1
    session.refresh(invited)
    assert invited.holds_until == held


def test_who_cannot_be_reached_gets_no_reminder(buyer, session: Session, world: World) -> None:
    letter_of(session, world.ours.invited).refused = "550"
    session.commit()
    who = holding(world.ours.seat(session, world.ours.invited))

    page = buyer.page(f"{licence_path(world)}/remind?who={who}")

    assert "The email to Invited ours came back: correct the address first." in said(page)
    assert page.find("form", action=f"{licence_path(world)}/remind") is None


def test_several_are_moved_to_a_department(buyer, session: Session, world: World) -> None:
    beach = department(session, world.ours, "Beach school")
    seats = [world.ours.seat(session), world.ours.seat(session, world.ours.invited)]
    who = [holding(seat) for seat in seats]
    assert "keep their seats" in buyer.page(f"{licence_path(world)}/move?who={who[0]}&who={who[1]}").text

    missing = buyer.press(f"{licence_path(world)}/move", who=who, department="")
    assert missing.status_code == 422
    assert "Choose the department." in check_page("move", missing).text
    page = buyer.page(buyer.press(f"{licence_path(world)}/move", who=who, department=str(beach.id)).location)

    assert "2 people are in Beach school now." in page.text
    for seat in seats:
        session.refresh(seat)
        assert seat.department_id == beach.id


# The list as a file


def test_the_list_is_fetched_as_csv_and_as_excel_and_that_is_noted(buyer, session: Session, world: World) -> None:
    text = buyer.get(f"{licence_path(world)}/people.csv")
    book = buyer.get(f"{licence_path(world)}/people.xlsx?state=invited")

    assert text.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.data.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Name", "Invited ours", "Learner-ours"]
    assert rows[2][4:7] == ["Accepted, not started", "2026-11-23", "2026-11-23"]
    sheet = openpyxl.load_workbook(io.BytesIO(book.data)).active
    assert [row[0].value for row in sheet.iter_rows()] == ["Name", "Invited ours"]
    session.expire_all()
    events = session.scalars(select(AuditEvent).where(AuditEvent.kind == "licensing.people.exported")).all()
    assert [(e.actor_id, e.data["file"], e.data["people"]) for e in events] == [
        (world.ours.buyer.id, "people.csv", 2),
        (world.ours.buyer.id, "people.xlsx", 1),
    ]


def test_a_name_that_looks_like_a_formula_is_only_text(buyer, session: Session, world: World) -> None:
    session.get_one(Person, world.ours.invited.id).name = '=HYPERLINK("http://evil.example";"Click")'
    session.commit()

    text = buyer.get(f"{licence_path(world)}/people.csv").data.decode("utf-8-sig")
    sheet = openpyxl.load_workbook(io.BytesIO(buyer.get(f"{licence_path(world)}/people.xlsx").data)).active

    assert [row[0] for row in csv.reader(io.StringIO(text), delimiter=";")][1].startswith("'=HYPERLINK")
    assert sheet["A2"].data_type != "f"
    assert sheet["A2"].value.startswith("'=HYPERLINK")
