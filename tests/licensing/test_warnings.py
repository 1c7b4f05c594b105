"""Buyers and course houses are warned in time, each stage once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.core import clock as product_clock
from elearn.licensing.models import Licence, LicenceWarning
from elearn.licensing.seat_lists import licences_without_buyer
from elearn.licensing.services import grant_licence, warn
from elearn.mail.models import Letter
from elearn.mail.rendering import render
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import add_member
from tests.licensing.helpers import Field
from tests.world import add_learner


@pytest.fixture
def ours(field: Field) -> Field:
    """The world's own licence, which ends in 335 days; the empty one of three seats lasts for ten years."""
    field.session.execute(Letter.__table__.delete())
    field.licence = field.session.get_one(Licence, field.world.ours.licence.id)
    return field


def letters(field: Field, kind: str) -> list[Letter]:
    found = select(Letter).where(Letter.kind == f"licensing/{kind}").order_by(Letter.id)
    return list(field.session.scalars(found))


def recipients(field: Field, kind: str) -> list[str]:
    return sorted(letter.recipient for letter in letters(field, kind) if "ours" in letter.recipient)


def days_before_the_end(field: Field, days: int) -> None:
    """Move the end of our licence, and of theirs out of the way."""
    field.licence.ends_on = product_clock.today("DK") + timedelta(days=days)
    field.session.flush()


def test_buyer_and_owner_are_told_60_30_and_7_days_before_each_once(ours: Field, clock) -> None:
    told = []
    for day in range(335, -3, -1):
        before = len(recipients(ours, "ends_soon"))
        warn(ours.session)
        told += [day] * (len(recipients(ours, "ends_soon")) - before)
        clock.advance(days=1)

    assert told == [60, 60, 30, 30, 7, 7]
    assert set(recipients(ours, "ends_soon")) == {"buyer@ours.example", "owner@ours.example"}


def test_after_a_long_stop_only_the_most_urgent_is_told(ours: Field, clock) -> None:
    clock.advance(days=330)

    warn(ours.session)
    warn(ours.session)

    assert [letter.context["days"] for letter in letters(ours, "ends_soon") if "ours" in letter.recipient] == [5, 5]


def test_a_licence_granted_for_three_weeks_is_not_warned_of_at_once(ours: Field, clock) -> None:
    side, today = ours.world.ours, product_clock.today("DK")
    short = grant_licence(
        ours.session,
        house=side.house,
        course=side.course,
        municipality=side.municipality,
        seats=1,
        starts_on=today,
        ends_on=today + timedelta(days=21),
        reason="Pilot",
        by_id=side.owner.id,
    )
    warn(ours.session)
    assert letters(ours, "ends_soon") == []

    clock.advance(days=14)
    warn(ours.session)

    paths = {letter.context["path"] for letter in letters(ours, "ends_soon")}
    assert paths == {
        f"/owner/licences/{short.id}",
        f"/municipalities/{side.municipality.id}/licences/{short.id}/renewal",
    }


def test_seats_in_use_are_told_at_75_90_and_100_percent_each_once(ours: Field) -> None:
    told = []
    for number in range(2, 6):  # the learner has one of five seats, the invited one another
        if number == 5:
            seat = ours.world.ours.seat(ours.session, ours.world.ours.invited)
            from elearn.licensing.services import take_back_seat

            take_back_seat(ours.session, scope=ours.scope, seat_id=seat.id, by_id=ours.owner_id)
        add_learner(ours.session, ours.installation, ours.licence, f"Number{number}")
        for _again in range(2):
            before = len(recipients(ours, "fills_up"))
            warn(ours.session)
            told += [number] * (len(recipients(ours, "fills_up")) - before)

    assert told == [4, 4, 5, 5]


def test_a_licence_filled_at_once_is_told_of_once(ours: Field) -> None:
    from elearn.licensing.services import take_back_seat

    seat = ours.world.ours.seat(ours.session, ours.world.ours.invited)
    take_back_seat(ours.session, scope=ours.scope, seat_id=seat.id, by_id=ours.owner_id)
    people = [add_learner(ours.session, ours.installation, ours.licence, f"Number{number}") for number in range(4)]
    warn(ours.session)
    taken = ours.world.ours.seat(ours.session, people[0])
    take_back_seat(ours.session, scope=ours.scope, seat_id=taken.id, by_id=ours.owner_id)

    warn(ours.session)

    assert [letter.context["claimed"] for letter in letters(ours, "fills_up")] == [5, 5]


def test_the_letters_keep_to_the_licences_own_terms(ours: Field, clock) -> None:
    def said(kind: str) -> str:
        letter = next(letter for letter in letters(ours, kind) if "ours" in letter.recipient)
        message = render(ours.installation, letter)
        return "".join(" ".join(part.get_content().split()) for part in message.iter_parts())

    for number in range(3):
        add_learner(ours.session, ours.installation, ours.licence, f"Number{number}")
    clock.advance(days=330)
    ours.session.execute(Letter.__table__.delete())
    warn(ours.session)
    assert said("ends_soon").count("the films are closed") == 2, "in both parts"
    assert said("fills_up").count("waits in line") == 2

    ours.session.execute(Letter.__table__.delete())
    ours.session.execute(LicenceWarning.__table__.delete())
    ours.licence.seat_days, ours.licence.has_waiting_line = 30, False
    warn(ours.session)

    assert said("ends_soon").count("may watch for 30 days from then, also after the licence’s last day.") == 2
    assert "the films are closed" not in said("ends_soon")
    assert "waits in line" not in said("fills_up")


def test_the_owner_is_told_once_that_nobody_manages_the_seats(ours: Field, owner) -> None:
    side = ours.world.ours
    memberships = select(Membership).where(
        Membership.municipality_id == side.municipality.id, Membership.role == Role.BUYER
    )
    ours.session.scalars(memberships).one().ended_at = product_clock.now()
    ours.session.commit()

    for _again in range(2):
        warn(ours.session)
    ours.session.commit()

    mine = [letter for letter in letters(ours, "nobody_buys") if letter.context["path"].endswith(f"/{ours.licence.id}")]
    assert [letter.recipient for letter in mine] == ["owner@ours.example"]
    assert ours.licence.id in [each.id for each in licences_without_buyer(ours.session, side.house_scope)]
    assert "that nobody manages: Favrskov Kommune has no buyer." in owner.page("/owner").text
    assert licences_without_buyer(ours.session, ours.world.theirs.house_scope) == []


def test_a_new_buyer_ends_it_and_the_next_loss_is_told_again(ours: Field, clock) -> None:
    side = ours.world.ours

    def leave() -> None:
        for membership in ours.session.scalars(
            select(Membership).where(Membership.role == Role.BUYER, Membership.ended_at.is_(None))
        ):
            membership.ended_at = product_clock.now()
        warn(ours.session)

    leave()
    first = len(letters(ours, "nobody_buys"))
    add_member(ours.session, person=side.leader, municipality=side.municipality, role=Role.BUYER, by_id=None)
    warn(ours.session)
    leave()

    assert first > 0
    assert len(letters(ours, "nobody_buys")) > first
