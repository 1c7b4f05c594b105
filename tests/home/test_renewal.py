"""Renewal: who stays, who leaves, one button, and no gap on the day the licence changes."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.licensing.errors import LicenceEnded, NotEnoughSeats
from elearn.licensing.models import Licence, RenewalLeaver, Seat, SeatEvent
from elearn.licensing.queries import live_seat
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import ask_for_seat, carry_over, choose_leavers, grant_licence, take_back_seat
from elearn.organisations.models import Membership
from tests.world import Side, add_learner


def scope_of(side: Side) -> MunicipalityScope:
    return MunicipalityScope(side.municipality.id, side.buyer.id)


def next_licence(session, side: Side, *, seats: int = 5, days: int = 365) -> Licence:
    old = session.get_one(Licence, side.licence.id)
    licence = grant_licence(
        session,
        house=side.house,
        course=side.course,
        municipality=side.municipality,
        seats=seats,
        starts_on=old.ends_on + timedelta(days=1),
        ends_on=old.ends_on + timedelta(days=days),
        reason="Renewal",
        by_id=side.owner.id,
        previous=old,
    )
    session.commit()
    return licence


def carry(session, side: Side, new: Licence) -> int:
    return carry_over(
        session, scope=scope_of(side), from_licence_id=side.licence.id, to_licence_id=new.id, by_id=side.buyer.id
    )


def leave(session, side: Side, *people: int, among: tuple[int, ...] = ()) -> None:
    choose_leavers(
        session,
        scope=scope_of(side),
        licence_id=side.licence.id,
        person_ids=people,
        among=among or people,
        by_id=side.buyer.id,
    )


def holders(session, licence: Licence) -> dict[int, Seat]:
    session.expire_all()
    rows = session.scalars(select(Seat).where(Seat.licence_id == licence.id, Seat.person_id.is_not(None)))
    return {seat.person_id: seat for seat in rows}


def test_the_buyer_carries_everybody_over_with_one_button(buyer, session, installation, world) -> None:
    side = world.ours
    second = add_learner(session, installation, session.get_one(Licence, side.licence.id), "Second")
    new = next_licence(session, side)
    path = f"/municipalities/{side.municipality.id}/licences/{side.licence.id}/renewal"
    page = buyer.page(path)
    text = " ".join(page.text.split())
    assert "2seats for the next order" in text, "a figure and its word"
    assert "Carry 2 people over" in text
    assert "They need no new invitation." in text

    buyer.press(f"{path}/carry-over", following=new.id)

    seats = holders(session, new)
    assert set(seats) == {side.learner.id, second.id}
    assert all(seat.claimed_at and seat.holds_until is None for seat in seats.values())
    told = select(SeatEvent.what).where(SeatEvent.seat_id == seats[second.id].id).order_by(SeatEvent.id)
    assert session.scalars(told).all() == ["invited", "claimed"]
    after = " ".join(buyer.page(path).text.split())
    assert "Everybody who stays has a seat there." in after
    assert "2 people have a seat in the next licence." in after
    assert holders(session, side.licence).keys() >= seats.keys(), "both seats live until the first ends"


def test_a_second_press_carries_only_who_has_come_since(session, installation, world) -> None:
    side, new = world.ours, next_licence(session, world.ours)
    assert carry(session, side, new) == 1
    late = add_learner(session, installation, session.get_one(Licence, side.licence.id), "Late")

    assert [carry(session, side, new), carry(session, side, new)] == [1, 0]
    assert set(holders(session, new)) == {side.learner.id, late.id}


def test_leavers_are_ticked_page_by_page_and_stay_where_they_are(buyer, session, installation, world) -> None:
    side = world.ours
    second = add_learner(session, installation, session.get_one(Licence, side.licence.id), "Second")
    new = next_licence(session, side)
    path = f"/municipalities/{side.municipality.id}/licences/{side.licence.id}/renewal"

    buyer.press(f"{path}/leavers", shown=[side.learner.id, second.id], leaves=second.id)

    page = buyer.page(path)
    assert [box["value"] for box in page.select("input[name=leaves]") if box.has_attr("checked")] == [str(second.id)]
    assert "Carry 1 person over" in page.text
    assert len(buyer.page(f"{path}?q=second").select("input[name=leaves]")) == 1
    buyer.press(f"{path}/carry-over", following=new.id)
    assert set(holders(session, new)) == {side.learner.id}
    assert second.id in holders(session, side.licence)


def test_the_page_says_who_waits_and_is_not_carried_over(buyer, session, world) -> None:
    side = world.ours
    path = f"/municipalities/{side.municipality.id}/licences/{side.licence.id}/renewal"
    assert "waits for a seat" not in buyer.page(path).text

    ask_for_seat(session, PersonScope(side.leader.id), licence=side.licence, placing=Placing())
    session.commit()

    assert "1 person still waits for a seat, and is not carried over." in buyer.page(path).text


def test_ticks_of_one_page_leave_those_of_another_alone(session, installation, world) -> None:
    side = world.ours
    second = add_learner(session, installation, session.get_one(Licence, side.licence.id), "Second")
    leave(session, side, second.id)
    leave(session, side, among=(side.learner.id,))
    assert session.scalars(select(RenewalLeaver.person_id)).all() == [second.id]

    leave(session, side, among=(second.id,))

    assert session.scalars(select(RenewalLeaver.person_id)).all() == []


def test_nobody_elses_people_can_be_ticked(session, world) -> None:
    leave(session, world.ours, world.theirs.learner.id)
    assert session.scalars(select(RenewalLeaver.person_id)).all() == []
    with pytest.raises(NotFound):
        choose_leavers(
            session,
            scope=scope_of(world.theirs),
            licence_id=world.ours.licence.id,
            person_ids=[],
            among=[],
            by_id=world.theirs.buyer.id,
        )


def test_with_too_few_seats_nobody_is_carried_over(buyer, session, installation, world) -> None:
    side = world.ours
    add_learner(session, installation, session.get_one(Licence, side.licence.id), "Second")
    new = next_licence(session, side, seats=1)
    path = f"/municipalities/{side.municipality.id}/licences/{side.licence.id}/renewal"
    assert "too few seats are free" in buyer.page(path).text

    buyer.press(f"{path}/carry-over", following=new.id)

    assert holders(session, new) == {}
    with pytest.raises(NotEnoughSeats):
        carry(session, side, new)


@pytest.mark.parametrize("into", ["itself", "another municipality's", "nowhere"])
def test_people_go_only_into_a_licence_of_the_same_course_and_municipality(session, world, into: str) -> None:
    side = world.ours
    target = {"itself": side.licence.id, "another municipality's": world.theirs.licence.id, "nowhere": 999_999}[into]
    with pytest.raises(NotFound):
        carry_over(
            session, scope=scope_of(side), from_licence_id=side.licence.id, to_licence_id=target, by_id=side.buyer.id
        )


def test_an_ended_licence_takes_nobody_in(session, world, clock) -> None:
    new = next_licence(session, world.ours, days=1)
    clock.advance(days=340)
    with pytest.raises(LicenceEnded):
        carry(session, world.ours, new)


def test_who_was_taken_off_the_municipalitys_list_is_a_learner_again(session, world) -> None:
    side, new = world.ours, next_licence(session, world.ours)
    for membership in session.scalars(select(Membership).where(Membership.person_id == side.learner.id)):
        membership.ended_at = product_clock.now()
    session.flush()

    carry(session, side, new)

    open_ones = select(Membership.role).where(Membership.person_id == side.learner.id, Membership.ended_at.is_(None))
    assert session.scalars(open_ones).all() == ["learner"]


def test_a_seat_with_days_of_its_own_counts_them_from_the_new_licences_first_day(session, world) -> None:
    side, new = world.ours, next_licence(session, world.ours)
    new.seat_days = 30

    carry(session, side, new)

    assert holders(session, new)[side.learner.id].valid_until == new.starts_on + timedelta(days=29)


@pytest.mark.parametrize(("country", "zone"), [("DK", "Europe/Copenhagen"), ("NO", "Europe/Oslo")])
def test_watching_goes_on_across_the_day_the_licence_changes(
    session, world, browser, clock, country: str, zone: str
) -> None:
    """Hour by hour from the day before the change to the day after: local midnight, not UTC's, and never a gap."""
    side = world.ours
    side.municipality.country = country
    session.flush()
    new = next_licence(session, side)
    carry(session, side, new)
    session.commit()
    last = session.get_one(Licence, side.licence.id).ends_on
    midnight = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    seats = []
    for minutes in (-1440, -120, -61, -1, 0, 1, 60, 1440):
        clock.set((midnight + timedelta(minutes=minutes)).astimezone(ZoneInfo("UTC")))
        seat = live_seat(session, PersonScope(side.learner.id), side.course.id)
        assert seat is not None, minutes
        seats.append(seat.licence_id)

    assert seats == [side.licence.id] * 4 + [new.id] * 4
    module = side.outline(session).modules[0].id
    assert browser().signed_in_as(side.learner).get(f"/learn/modules/{module}").status_code == 200


def test_without_renewal_it_ends_at_local_midnight(session, world, clock) -> None:
    last = session.get_one(Licence, world.ours.licence.id).ends_on
    midnight = datetime(last.year, last.month, last.day, tzinfo=ZoneInfo("Europe/Copenhagen")) + timedelta(days=1)
    scope = PersonScope(world.ours.learner.id)
    for minutes, lives in ((-1, True), (0, False)):
        clock.set((midnight + timedelta(minutes=minutes)).astimezone(ZoneInfo("UTC")))
        assert (live_seat(session, scope, world.ours.course.id) is not None) is lives


def test_a_seat_taken_back_in_the_old_licence_leaves_the_new_one_alone(session, world) -> None:
    side, new = world.ours, next_licence(session, world.ours)
    carry(session, side, new)

    take_back_seat(session, scope=scope_of(side), seat_id=side.seat(session).id, by_id=side.buyer.id)

    assert set(holders(session, new)) == {side.learner.id}
    assert isinstance(new.starts_on, date)
