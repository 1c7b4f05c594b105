"""What the buyer does with several seats at once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.licensing.models import Seat
from elearn.mail.models import Letter
from tests.client import check_page
from tests.home.buyer_steps import (
    big_licence,
    department,
    give,
    holding,
    home,
    letter_of,
    licence_path,
    said,
    services_free,
    use,
)
from tests.world import World, add_learner


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


def test_the_address_after_taking_back_names_the_press_and_no_seat(buyer, session, world: World, installation) -> None:
    """nginx answers 502 where the ids of some hundred seats stand in the address."""
    people = [world.ours.learner, *(add_learner(session, installation, world.ours.licence, name) for name in "ABC")]
    *several, last = [world.ours.seat(session, person) for person in people]

    def take_back(*seats: Seat) -> str:
        return str(buyer.press(f"{licence_path(world)}/take-back", who=[holding(seat) for seat in seats]).location)

    def undoable(address: str) -> list[str]:
        form = buyer.page(address).find("form", action=f"{licence_path(world)}/undo")
        return [field["value"] for field in form.find_all("input", {"name": "seat"})] if form else []

    first, second = take_back(*several), take_back(last)

    assert first.count("=") == 1, "one value, however many seats"
    assert undoable(first) == [str(seat.id) for seat in several]
    assert undoable(second) == [str(last.id)]
    elsewhere = first.replace(
        licence_path(world), f"{home(world)}/licences/{big_licence(session, world, installation, 1).id}"
    )
    assert undoable(elsewhere) == []
    assert undoable(f"{licence_path(world)}?press=nonsense") == []


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
    assert "undo" not in said(page)
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


def test_who_wants_no_more_reminders_is_named_and_gets_none(buyer, session: Session, world: World) -> None:
    seat = world.ours.seat(session, world.ours.invited)
    seat.wants_no_reminders = True
    session.commit()

    page = buyer.page(f"{licence_path(world)}/remind?who={holding(seat)}")

    assert "Invited ours wants no more reminders and gets no email." in said(page)
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
