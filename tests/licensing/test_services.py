from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.models import EmailAddress
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound, TooManyAttempts
from elearn.core.scope import PersonScope
from elearn.licensing import services
from elearn.licensing.errors import (
    AlreadySeated,
    InvitationNotValid,
    LicenceEnded,
    NoFreeSeat,
    SeatNotHeld,
    TooLateToUndo,
    WrongNumberOfSeats,
    WrongPeriod,
)
from elearn.licensing.models import SeatState
from elearn.organisations.models import Membership, Role
from tests.conftest import TestClock
from tests.licensing.helpers import Field, new_licence


def grant(field: Field, **changed: object) -> None:
    side, today = field.world.ours, product_clock.today("DK")
    values = {
        "house": side.house,
        "course": side.course,
        "municipality": side.municipality,
        "seats": 1,
        "starts_on": today,
        "ends_on": today,
        "reason": "Test",
        "by_id": side.owner.id,
    }
    services.grant_licence(field.session, **(values | changed))  # type: ignore[arg-type]  # a table of cases


def test_a_licence_has_as_many_seats_as_it_was_given(field: Field) -> None:
    assert field.counts().free == 3


def test_a_licence_knows_its_size_and_the_rows_agree_whatever_happens(field: Field) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    field.invite("Bo")
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    field.session.expire_all()
    assert field.licence.size == len(field.seats()) == field.counts().all == 3
    assert (field.counts().claimed, field.counts().invited, field.counts().free) == (0, 1, 2)


@pytest.mark.parametrize("seats", [-1, 0, 10_001, 10**9])
def test_a_licence_of_no_sensible_size_is_refused(field: Field, seats: int) -> None:
    with pytest.raises(WrongNumberOfSeats):
        grant(field, seats=seats)


def test_a_licence_that_ends_before_it_begins_is_refused(field: Field) -> None:
    with pytest.raises(WrongPeriod):
        grant(field, ends_on=product_clock.today("DK") - timedelta(days=1))


def test_a_house_cannot_license_another_houses_course(field: Field) -> None:
    with pytest.raises(NotFound):
        grant(field, course=field.world.theirs.course)


def test_an_invitation_holds_a_seat_for_42_days(field: Field) -> None:
    seat = field.invite("Lise")

    assert seat.state is SeatState.INVITED
    assert seat.holds_until == product_clock.today("DK") + timedelta(days=42)


def test_an_invitation_holds_no_seat_beyond_the_licence(field: Field) -> None:
    field.licence = new_licence(field.session, field.world, 1, days=10)

    assert field.invite("Lise").holds_until == field.licence.ends_on


def test_the_seat_after_the_last_is_refused(field: Field) -> None:
    for name in ("Lise", "Hassan", "Gitte"):
        field.invite(name)

    with pytest.raises(NoFreeSeat):
        field.invite("Carsten")


def test_one_person_gets_one_seat_however_the_address_is_spelt(field: Field) -> None:
    field.invite("Lise")

    with pytest.raises(AlreadySeated):
        field.invite("LISE")


def test_a_licence_that_has_ended_gives_no_seats(field: Field, clock: TestClock) -> None:
    clock.advance(days=3651)

    with pytest.raises(LicenceEnded):
        field.invite("Lise")


def test_what_is_no_address_is_refused(field: Field) -> None:
    with pytest.raises(NotAnAddress):
        services.invite(
            field.session,
            field.tokens,
            licence=field.licence,
            address="lise",
            name="Lise",
            language="da",
            by_id=None,
        )


def test_accepting_claims_the_seat_confirms_the_address_and_joins_the_municipality(field: Field) -> None:
    seat = field.invite("Lise", sector="school")

    person = services.accept_invitation(field.session, field.token())

    assert seat.state is SeatState.CLAIMED
    assert seat.holds_until is None
    confirmed = select(EmailAddress.confirmed_at).where(EmailAddress.person_id == person.id)
    assert field.session.scalars(confirmed).one() is not None
    membership = field.session.scalars(select(Membership).where(Membership.person_id == person.id)).one()
    assert (membership.role, membership.sector) == (Role.LEARNER, "school")
    assert membership.municipality_id == field.licence.municipality_id


def test_an_invitation_works_once(field: Field) -> None:
    field.invite("Lise")
    token = field.token()
    services.accept_invitation(field.session, token)

    for answer in (services.accept_invitation, services.decline_invitation):
        with pytest.raises(InvitationNotValid):
            answer(field.session, token)


def test_an_invitation_is_too_old_after_14_days_but_the_seat_is_still_held(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    token = field.token()
    clock.advance(days=14)

    with pytest.raises(InvitationNotValid):
        services.accept_invitation(field.session, token)
    assert seat.state is SeatState.INVITED


def test_who_lost_the_letter_accepts_when_signed_in(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    clock.advance(days=20)

    services.accept_seat(field.session, scope=PersonScope(seat.person_id or 0), seat_id=seat.id)

    assert seat.state is SeatState.CLAIMED


def test_nobody_accepts_a_seat_held_for_another(field: Field) -> None:
    seat = field.invite("Lise")

    with pytest.raises(NotFound):
        services.accept_seat(field.session, scope=field.world.ours.scope, seat_id=seat.id)


def test_saying_no_thanks_gives_the_seat_back(field: Field) -> None:
    seat = field.invite("Lise")

    services.decline_invitation(field.session, field.token())

    assert seat.state is SeatState.FREE
    assert field.words(seat) == ["invited", "declined"]


def test_resending_kills_the_invitation_before_and_holds_afresh(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    first = field.token()
    clock.advance(days=30)

    services.resend_invitation(field.session, field.tokens, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    with pytest.raises(InvitationNotValid):
        services.accept_invitation(field.session, first)
    assert seat.holds_until == product_clock.today("DK") + timedelta(days=42)
    services.accept_invitation(field.session, field.token())


def test_nobody_is_mailed_more_than_three_times_an_hour(field: Field) -> None:
    seat = field.invite("Lise")
    resend = {"scope": field.scope, "seat_id": seat.id, "by_id": field.owner_id}
    for _time in range(3):
        services.resend_invitation(field.session, field.tokens, **resend)  # type: ignore[arg-type]  # as keywords

    with pytest.raises(TooManyAttempts):
        services.resend_invitation(field.session, field.tokens, **resend)  # type: ignore[arg-type]  # as keywords


def test_an_accepted_invitation_is_not_sent_again(field: Field) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())

    with pytest.raises(SeatNotHeld):
        services.resend_invitation(
            field.session, field.tokens, scope=field.scope, seat_id=seat.id, by_id=field.owner_id
        )


def test_withdrawing_kills_the_link_in_the_mail(field: Field) -> None:
    seat = field.invite("Lise")
    token = field.token()

    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    with pytest.raises(InvitationNotValid):
        services.accept_invitation(field.session, token)
    assert field.counts().free == 3


def test_the_letter_of_an_earlier_hold_does_not_claim_the_seat_given_anew(field: Field) -> None:
    seat = field.invite("Lise")
    token = field.token()
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
    assert field.invite("Hassan").id == seat.id

    with pytest.raises(InvitationNotValid):
        services.accept_invitation(field.session, token)


def test_taking_back_empties_the_seat(field: Field) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    services.use_seat(field.session, seat_id=seat.id)

    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    emptied = (seat.person_id, seat.invited_at, seat.claimed_at, seat.first_used_at, seat.holds_until)
    assert emptied == (None,) * 5
    assert field.words(seat) == ["invited", "claimed", "used", "released"]


def test_a_second_press_does_not_hit_who_got_the_seat_meanwhile(field: Field) -> None:
    seat = field.invite("Lise")
    lise = seat.person_id
    press = {"scope": field.scope, "seat_id": seat.id, "by_id": field.owner_id, "person_id": lise}
    services.take_back_seat(field.session, **press)  # type: ignore[arg-type]  # the same keywords twice
    field.invite("Hassan")

    with pytest.raises(SeatNotHeld):
        services.take_back_seat(field.session, **press)  # type: ignore[arg-type]  # the same keywords twice
    assert field.counts().invited == 1


def test_another_houses_owner_takes_nothing_back(field: Field) -> None:
    seat = field.invite("Lise")
    theirs = field.world.theirs

    with pytest.raises(NotFound):
        services.take_back_seat(field.session, scope=theirs.house_scope, seat_id=seat.id, by_id=theirs.owner.id)


def test_undoing_gives_the_seat_back_as_it_was(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    clock.advance(days=1)
    services.use_seat(field.session, seat_id=seat.id)
    before = (seat.person_id, seat.invited_at, seat.claimed_at, seat.first_used_at)
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    services.undo_take_back(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    assert (seat.person_id, seat.invited_at, seat.claimed_at, seat.first_used_at) == before


def test_undoing_is_possible_for_10_minutes(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
    clock.advance(minutes=10, seconds=1)

    with pytest.raises(TooLateToUndo):
        services.undo_take_back(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)


def test_a_seat_that_was_given_on_is_not_taken_from_its_new_holder_by_undoing(field: Field) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
    field.invite("Hassan")

    with pytest.raises(TooLateToUndo):
        services.undo_take_back(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)


def test_a_withdrawn_invitation_is_not_undone_since_its_letter_is_dead(field: Field) -> None:
    seat = field.invite("Lise")
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    assert services.undoable(field.session, seat) is None


def test_a_seat_is_used_for_the_first_time_once(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    services.use_seat(field.session, seat_id=seat.id)
    first = seat.first_used_at
    clock.advance(days=1)

    services.use_seat(field.session, seat_id=seat.id)

    assert seat.first_used_at == first
    assert field.words(seat).count("used") == 1


def test_a_seat_that_is_only_held_is_not_used(field: Field) -> None:
    seat = field.invite("Lise")

    services.use_seat(field.session, seat_id=seat.id)

    assert seat.first_used_at is None


def test_a_hold_ends_after_its_last_local_day(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    clock.advance(days=42, hours=13, minutes=59)  # the last minute of the last day in Copenhagen
    assert services.free_lapsed_seats(field.session) == 0

    clock.advance(minutes=1)

    assert services.free_lapsed_seats(field.session) >= 1
    assert seat.state is SeatState.FREE
    assert field.words(seat) == ["invited", "lapsed"]


def test_an_accepted_seat_never_lapses(field: Field, clock: TestClock) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    clock.advance(days=100)

    services.free_lapsed_seats(field.session)

    assert seat.state is SeatState.CLAIMED


def test_every_change_is_audited_for_the_municipality_and_the_house(field: Field) -> None:
    seat = field.invite("Lise")
    services.accept_invitation(field.session, field.token())
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    field.session.flush()
    of_seats = select(AuditEvent).where(AuditEvent.kind.like("licensing.seat.%")).order_by(AuditEvent.id)
    events = [event for event in field.session.scalars(of_seats) if event.data["seat_id"] == seat.id]

    assert [event.kind.rsplit(".", 1)[1] for event in events] == ["invited", "claimed", "released"]
    assert {event.municipality_id for event in events} == {field.licence.municipality_id}
    assert {event.course_house_id for event in events} == {field.world.ours.house.id}
