"""Who has left the municipality: said where a seat is taken back, or in the list of who is due."""

import pytest
from sqlalchemy import select

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.scope import PersonScope
from elearn.licensing import renewals
from elearn.licensing.models import Licence, RequestState, Seat, SeatRequest
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import (
    ask_for_seat,
    give_seat,
    grant_licence,
    join_line,
    leave_municipality,
    take_back_seat,
)
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import add_member
from elearn.training import queries
from elearn.training.models import RuleKind
from elearn.training.queries import Wanted
from tests.client import PageClient
from tests.training.conftest import Training, days


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


def test_undoing_brings_the_place_in_line_back_unless_asked_for_anew(training: Training, buyer: PageClient) -> None:
    lise, mads, session, side = training.seated("Lise"), training.joins("Mads"), training.session, training.side
    first = session.merge(side.licence)
    other = grant_licence(
        session,
        house=session.merge(side.house),
        course=first.course,
        municipality=training.municipality,
        seats=1,
        starts_on=first.starts_on,
        ends_on=first.ends_on,
        reason="Another one",
        by_id=None,
    )
    give_seat(session, training.installation.tokens, licence=other, person=mads, placing=Placing(), by_id=None)
    waits = join_line(session, person=lise, licence=other, placing=Placing())
    since = waits.in_line_since
    session.commit()
    seat = seat_of(training, lise)
    assert seat is not None
    buyer.press(path(training, f"/seats/{seat.id}/take-back"), person=str(lise.id), leaves="y")
    session.expire_all()
    assert waits.state == RequestState.WITHDRAWN
    training.clock.advance(minutes=9)

    buyer.press(path(training, f"/seats/{seat.id}/undo"))

    session.expire_all()
    assert (waits.state, waits.in_line_since, waits.answered_at) == (RequestState.WAITING, since, None)
    buyer.press(path(training, f"/seats/{seat.id}/take-back"), person=str(lise.id), leaves="y")
    join_line(session, person=lise, licence=session.merge(other), placing=Placing())
    session.commit()
    buyer.press(path(training, f"/seats/{seat.id}/undo"))
    session.expire_all()
    assert (seat.person_id, waits.state) == (lise.id, RequestState.WITHDRAWN), "one place in line is enough"


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


def leaves(training: Training, person: Person) -> None:
    """Take somebody's seat back, and note that they have left."""
    seat = seat_of(training, person)
    if seat is not None and not seat.licence.has_ended:
        take_back_seat(training.session, scope=training.scope, seat_id=seat.id, by_id=training.side.buyer.id)
    leave_municipality(training.session, scope=training.scope, person_id=person.id, by_id=training.side.buyer.id)
    training.session.commit()


def shown_days(training: Training) -> list[tuple[str, bool]]:
    """Return who stands in the list of who is due, and whether they are late."""
    rows = queries.due_people(training.session, training.scope, Wanted()).rows
    return [(row.person.name, row.state is queries.DueState.LATE) for row in rows]


@pytest.mark.parametrize("kind", RuleKind)
def test_who_comes_back_has_a_day_of_the_new_joining_alone(training: Training, kind: RuleKind) -> None:
    training.rule(kind, **({"after_months": 1} if kind is RuleKind.REFRESHER else {}))
    lise = training.seated("Lise")
    if kind is RuleKind.REFRESHER:
        training.completes(lise)
        training.clock.advance(days=35)
    training.hour()
    assert shown_days(training) == [("Lise", False)]
    leaves(training, lise)
    training.clock.advance(days=60)

    assert training.seated("Lise").id == lise.id
    training.hour()

    today = product_clock.today("DK")
    assert shown_days(training) == [("Lise", False)]
    [own] = queries.own_dues(training.session, PersonScope(lise.id))
    assert own.due.due_on == today + days(own.rule.within_days)
    course = training.side.course.id
    assert queries.next_due_days(training.session, training.scope, [lise.id]) == {(lise.id, course): own.due.due_on}


def test_who_comes_back_on_the_same_day_has_the_day_still(training: Training) -> None:
    training.rule()
    lise = training.seated("Lise")
    training.hour()
    leaves(training, lise)
    training.clock.advance(hours=1)
    training.seated("Lise")
    training.hour()

    assert shown_days(training) == [("Lise", False)]


def test_who_has_left_is_no_learner_again_by_an_old_seat(training: Training, buyer: PageClient) -> None:
    lise = training.seated("Lise")
    seat = seat_of(training, lise)
    training.session.merge(training.side.licence).ends_on = product_clock.today("DK") - days(1)
    training.session.commit()
    buyer.press(path(training, "/training/due/left"), person=str(lise.id))
    there = training.department("There")

    buyer.press(path(training, f"/seats/{seat.id}/move"), department=str(there.id))
    training.session.expire_all()

    assert memberships(training, lise) == [False]


def test_who_is_moved_on_a_seat_that_is_over_works_there(training: Training, buyer: PageClient) -> None:
    lise = training.seated("Lise")
    seat = seat_of(training, lise)
    training.session.merge(training.side.licence).ends_on = product_clock.today("DK") - days(1)
    there = training.department("There")

    buyer.press(path(training, f"/seats/{seat.id}/move"), department=str(there.id))
    training.session.expire_all()

    [membership] = training.session.scalars(select(Membership).where(Membership.person_id == lise.id))
    assert membership.departments == [there]


def test_the_trail_says_that_the_buyer_gave_a_place_in_line_up(training: Training) -> None:
    ada = training.joins("Ada")
    licence = training.session.get_one(Licence, training.side.licence.id)
    join_line(training.session, person=ada, licence=licence, placing=Placing())
    training.session.commit()

    leaves(training, ada)

    answered = training.session.scalars(select(AuditEvent).where(AuditEvent.kind == "licensing.request.answered")).one()
    assert (answered.actor_id, answered.data["state"]) == (training.side.buyer.id, RequestState.WITHDRAWN)
    assert training.session.scalars(select(SeatRequest.answered_by_id)).one() == training.side.buyer.id


def test_who_has_left_is_not_carried_over_from_a_licence_that_has_ended(training: Training) -> None:
    lise, _mads = training.seated("Lise"), training.seated("Mads")
    licence = training.session.get_one(Licence, training.side.licence.id)
    licence.ends_on = product_clock.today("DK") - days(1)
    leaves(training, lise)

    holders = renewals.holders(training.session, training.scope, licence.id).rows
    assert {holder.person.name: holder.leaves for holder in holders}.items() >= {"Lise": True, "Mads": False}.items()


def test_whoever_leads_too_is_named_as_still_leading(training: Training, buyer: PageClient) -> None:
    lise = training.seated("Lise")
    add_member(training.session, person=lise, municipality=training.municipality, role=Role.LEADER, by_id=None)
    training.session.commit()
    seat = seat_of(training, lise)
    assert seat is not None

    answer = buyer.press(path(training, f"/seats/{seat.id}/take-back"), person=str(lise.id), leaves="y")

    assert "1 person is a buyer or leader, too, and stays so" in buyer.page(answer.location).text
