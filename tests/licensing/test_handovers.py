"""Taking seats back: which, from whom, how many used ones, and for how long it can be undone."""

import pytest
from sqlalchemy import select

from elearn.core.errors import NotFound
from elearn.licensing import services
from elearn.licensing.errors import HandoversUsedUp, SeatNotHeld, TooLateToUndo
from elearn.licensing.models import Seat, SeatEvent, SeatState
from elearn.licensing.services.seats import Freed, handovers_left, handovers_used, undoable, undoable_among
from tests.conftest import TestClock
from tests.licensing.helpers import Field, new_licence


def claimed(field: Field, name: str) -> Seat:
    seat = field.invite(name)
    services.accept_invitation(field.session, field.token())
    return seat


def used(field: Field, name: str) -> Seat:
    seat = claimed(field, name)
    services.use_seat(field.session, seat_id=seat.id)
    return seat


def take_back(field: Field, seat: Seat, **more: int | None) -> Freed:
    return services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id, **more)


def undo(field: Field, seat: Seat) -> Seat:
    return services.undo_take_back(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)


def handovers(field: Field) -> tuple[int, int]:
    """How many have been used, and how many are left."""
    return handovers_used(field.session, field.licence), handovers_left(field.session, field.licence)


@pytest.fixture
def field(field: Field) -> Field:
    """Of its three seats one may change hands after use."""
    assert field.licence.handovers_allowed == 1
    return field


def test_as_many_used_seats_change_hands_as_were_agreed(field: Field) -> None:
    first, second = used(field, "Lise"), used(field, "Hassan")
    assert handovers(field) == (0, 1)

    take_back(field, first)

    assert handovers(field) == (1, 0)
    with pytest.raises(HandoversUsedUp):
        take_back(field, second)
    assert (second.state, second.first_used_at is not None) == (SeatState.CLAIMED, True)


def test_more_are_agreed_more_change_hands(field: Field) -> None:
    field.licence.handovers_allowed = 3
    for name in ("Lise", "Hassan"):
        take_back(field, used(field, name))

    assert handovers(field) == (2, 1)


def test_seats_nobody_has_used_are_taken_back_however_many_were_handed_over(field: Field) -> None:
    take_back(field, used(field, "Lise"))

    take_back(field, claimed(field, "Hassan"))
    take_back(field, field.invite("Gitte"))

    assert handovers(field) == (1, 0)
    assert field.counts().free == 3


def test_a_take_back_that_was_undone_is_not_counted(field: Field) -> None:
    seat = used(field, "Lise")
    for _time in range(2):
        take_back(field, seat)
        assert handovers(field) == (1, 0)
        assert undo(field, seat).id == seat.id
        assert handovers(field) == (0, 1)


def test_each_licence_counts_its_own(field: Field) -> None:
    take_back(field, used(field, "Lise"))
    field.licence = new_licence(field.session, field.world, 3)

    assert handovers(field) == (0, 1)


def test_it_is_told_whose_seat_it_was_and_noted_who_took_it(field: Field) -> None:
    held, accepted = field.invite("Lise"), claimed(field, "Hassan")
    people = (held.person_id, accepted.person_id)

    freed = take_back(field, held), take_back(field, accepted, person_id=people[1])

    assert freed == (Freed(held, people[0], SeatState.INVITED), Freed(accepted, people[1], SeatState.CLAIMED))
    noted = field.session.scalars(select(SeatEvent.by_id).where(SeatEvent.what == "released")).all()
    assert noted[-2:] == [field.owner_id, field.owner_id]


def test_a_free_seat_is_nobodys_to_be_taken(field: Field) -> None:
    seat = field.invite("Lise")
    take_back(field, seat)

    with pytest.raises(SeatNotHeld):
        take_back(field, seat)


def test_a_seat_is_taken_from_nobody_but_who_was_meant(field: Field) -> None:
    seat = claimed(field, "Lise")

    with pytest.raises(SeatNotHeld):
        take_back(field, seat, person_id=field.owner_id)
    assert seat.state is SeatState.CLAIMED


def test_nobody_takes_back_or_undoes_what_another_house_gave(field: Field) -> None:
    seat, theirs = claimed(field, "Lise"), field.world.theirs

    def by_others(verb) -> None:
        with pytest.raises(NotFound):
            verb(field.session, scope=theirs.house_scope, seat_id=seat.id, by_id=theirs.owner.id)

    by_others(services.take_back_seat)
    take_back(field, seat)
    by_others(services.undo_take_back)


def test_the_seat_is_undoable_to_the_last_second_of_ten_minutes(field: Field, clock: TestClock) -> None:
    seat = claimed(field, "Lise")
    person_id = seat.person_id
    take_back(field, seat)
    clock.advance(minutes=10)
    holding = undoable(field.session, seat)
    assert holding is not None
    assert holding.person_id == person_id

    clock.advance(seconds=1)

    assert undoable(field.session, seat) is None
    with pytest.raises(TooLateToUndo):
        undo(field, seat)


def test_undoing_is_noted_by_whoever_did_it(field: Field) -> None:
    seat = claimed(field, "Lise")
    take_back(field, seat)
    undo(field, seat)

    noted = select(SeatEvent.by_id).where(SeatEvent.what == "restored", SeatEvent.seat_id == seat.id)
    assert field.session.scalars(noted).all() == [field.owner_id]


def test_of_several_seats_only_the_free_ones_with_something_to_bring_back_are_undoable(
    field: Field, clock: TestClock
) -> None:
    early, late, kept = claimed(field, "Lise"), claimed(field, "Hassan"), claimed(field, "Gitte")
    take_back(field, early)
    clock.advance(minutes=11)
    hassan = late.person_id
    take_back(field, late)

    found = undoable_among(field.session, [early, late, kept])

    assert {seat_id: holding.person_id for seat_id, holding in found.items()} == {late.id: hassan}
