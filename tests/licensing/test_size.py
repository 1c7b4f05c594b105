"""A licence grows and shrinks by rows."""

import pytest
from sqlalchemy import func, select

from elearn.core.audit import AuditEvent
from elearn.licensing import services
from elearn.licensing.errors import NoFreeSeat, NotEnoughSeats, SeatNotHeld, WrongNumberOfSeats
from elearn.licensing.models import FREE, Seat
from tests.licensing.helpers import Field


def rows(field: Field) -> int:
    return field.session.scalars(
        select(func.count()).where(Seat.licence_id == field.licence.id, Seat.withdrawn_at.is_(None))
    ).one()


def test_added_seats_can_be_had(field: Field) -> None:
    before = field.licence.size
    services.add_seats(field.session, licence=field.licence, seats=3, by_id=field.owner_id)

    assert field.licence.size == before + 3 == rows(field)
    for index in range(field.counts().free):
        field.invite(f"Person{index}")
    with pytest.raises(NoFreeSeat):
        field.invite("Late")


@pytest.mark.parametrize("seats", [0, -1, 10_000])
def test_a_licence_has_at_most_its_most(field: Field, seats: int) -> None:
    with pytest.raises(WrongNumberOfSeats):
        services.add_seats(field.session, licence=field.licence, seats=seats, by_id=field.owner_id)


def test_withdrawn_seats_are_nobodys_any_more(field: Field) -> None:
    free = field.counts().free
    services.withdraw_seats(field.session, licence=field.licence, seats=free, by_id=field.owner_id)

    assert (field.counts().free, field.licence.size) == (0, rows(field))
    assert field.session.scalars(select(Seat).where(Seat.licence_id == field.licence.id, FREE)).all() == []
    with pytest.raises(NoFreeSeat):
        field.invite("Late")
    kinds = field.session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id.desc())).first()
    assert kinds == "licensing.licence.seats_withdrawn"


def test_held_seats_are_never_withdrawn(field: Field) -> None:
    field.invite("Lise")
    free, size = field.counts().free, field.licence.size
    with pytest.raises(NotEnoughSeats) as refused:
        services.withdraw_seats(field.session, licence=field.licence, seats=free + 1, by_id=field.owner_id)
    assert (refused.value.wanted, refused.value.free) == (free + 1, free)
    assert (field.licence.size, field.counts().free) == (size, free)


def test_a_seat_taken_back_and_then_withdrawn_is_not_given_back(field: Field) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
    services.withdraw_seats(field.session, licence=field.licence, seats=field.counts().free, by_id=field.owner_id)

    with pytest.raises(SeatNotHeld):
        services.undo_take_back(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
