"""Letters that came back: lists say so, and a corrected address keeps the seat."""

import pytest
from sqlalchemy import select

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import confirm_address, is_link_valid, send_link
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound, TooManyAttempts
from elearn.core.scope import MunicipalityScope
from elearn.licensing import seat_lists
from elearn.licensing.errors import AddressTaken, InvitationNotValid, LicenceEnded, SeatNotHeld
from elearn.licensing.models import Invitation, Seat, SeatState
from elearn.licensing.seat_lists import Filter
from elearn.licensing.seat_rows import Placing
from elearn.licensing.services import (
    accept_invitation,
    correct_address,
    give_seat,
    resend_invitation,
    take_back_seat,
)
from elearn.mail.models import Letter
from elearn.organisations.models import Role
from elearn.organisations.services import add_member, make_owner
from tests.licensing.helpers import Field


def correct(field: Field, seat: Seat, address: str) -> Seat:
    return correct_address(
        field.session, field.tokens, scope=field.scope, seat_id=seat.id, address=address, by_id=field.owner_id
    )


def come_back(field: Field, seat: Seat) -> None:
    """The mail server refuses the newest letter to whoever holds the seat."""
    invitation = field.session.scalars(
        select(Invitation).where(Invitation.seat_id == seat.id).order_by(Invitation.id.desc()).limit(1)
    ).one()
    field.session.get_one(Letter, invitation.letter_id).refused = "550 5.1.1 No such user"
    field.session.flush()


def newest_recipient(field: Field) -> str:
    return field.session.scalars(select(Letter.recipient).order_by(Letter.id.desc()).limit(1)).one()


def returned(field: Field) -> list[int]:
    rows = seat_lists.held_seats(field.session, field.scope, licence_id=field.licence.id, show=Filter.CAME_BACK).rows
    assert [held.seat.id for held in rows] == [
        held.seat.id
        for held in seat_lists.returned_invitations(field.session, field.scope, licence_id=field.licence.id)
    ]
    return [held.seat.id for held in rows]


def test_lists_know_whose_letter_came_back(field: Field) -> None:
    lise, _bo = field.invite("Lise"), field.invite("Bo")
    come_back(field, lise)

    shown = seat_lists.held_seats(field.session, field.scope, licence_id=field.licence.id).rows

    assert returned(field) == [lise.id]
    assert {held.person.name: held.letter_refused for held in shown} == {"Lise": "550 5.1.1 No such user", "Bo": None}
    theirs = field.world.theirs
    assert seat_lists.returned_invitations(field.session, theirs.house_scope) == []


def test_a_buyer_sees_the_same(field: Field) -> None:
    come_back(field, field.invite("Lise"))
    ours, theirs = field.world.ours, field.world.theirs

    mine = seat_lists.returned_invitations(field.session, MunicipalityScope(ours.municipality.id, ours.buyer.id))
    others = seat_lists.returned_invitations(field.session, MunicipalityScope(theirs.municipality.id, None))

    assert [held.person.name for held in mine] == ["Lise"]
    assert others == []


@pytest.mark.parametrize("what", ["resent", "corrected", "withdrawn", "accepted"])
def test_a_letter_that_came_back_is_forgotten_once_something_was_done_about_it(field: Field, what: str) -> None:
    seat = field.invite("Lise")
    token = field.token()
    come_back(field, seat)
    match what:
        case "resent":
            resend_invitation(field.session, field.tokens, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
        case "corrected":
            correct(field, seat, "lise@right.example")
        case "withdrawn":
            take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)
        case "accepted":
            accept_invitation(field.session, token)

    assert returned(field) == []


def test_a_mistyped_address_is_corrected_without_losing_the_seat(field: Field) -> None:
    seat = field.invite("Lise", message="Do use working hours for it.", sector="ppr")
    person_id, old = seat.person_id, field.token()

    corrected = correct(field, seat, "Lise@Right.example")

    assert (corrected.id, corrected.person_id, corrected.state) == (seat.id, person_id, SeatState.INVITED)
    assert corrected.sector == "ppr"
    assert newest_recipient(field) == "Lise@Right.example"
    assert field.open_invitations(seat) == 1
    with pytest.raises(InvitationNotValid), field.session.begin_nested():
        accept_invitation(field.session, old)
    assert accept_invitation(field.session, field.token()).id == person_id
    known = field.session.scalars(select(EmailAddress.address).where(EmailAddress.person_id == person_id)).all()
    assert known == ["Lise@Right.example"], "the mistyped address belongs to nobody any more"


def test_an_address_that_is_somebodys_own_stays_theirs_and_the_seat_passes_on(field: Field) -> None:
    """Whoever was written to by mistake is a person; the colleague that was meant gets the seat."""
    seat = field.invite("Lise", sector="ppr")
    wrong_id = seat.person_id
    confirm_address(field.session, field.session.get_one(Person, wrong_id).email)

    corrected = correct(field, seat, "other.lise@work.example")

    assert corrected.id == seat.id
    assert corrected.person_id != wrong_id
    assert (corrected.state, corrected.sector) == (SeatState.INVITED, "ppr")
    assert field.words(seat) == ["invited", "released", "invited"]
    assert field.session.get_one(Person, wrong_id).address == "lise@work.example"
    assert accept_invitation(field.session, field.token()).id == corrected.person_id


@pytest.mark.parametrize("what", ["a role elsewhere", "a seat elsewhere", "a house"])
def test_whoever_others_know_is_not_handed_to_the_new_address(field: Field, what: str) -> None:
    """Who has the new address signs in as the person of it: nobody becomes another municipality's buyer that way."""
    seat = field.invite("Lise")
    person, theirs = field.session.get_one(Person, seat.person_id), field.world.theirs
    match what:
        case "a role elsewhere":
            add_member(field.session, person=person, municipality=theirs.municipality, role=Role.BUYER, by_id=None)
        case "a seat elsewhere":
            give_seat(field.session, field.tokens, licence=theirs.licence, person=person, placing=Placing(), by_id=None)
        case "a house":
            make_owner(field.session, person=person, house=theirs.house)

    corrected = correct(field, seat, "thief@work.example")

    assert corrected.person_id != person.id
    assert field.session.get_one(Person, person.id).address == "lise@work.example"
    assert accept_invitation(field.session, field.token()).id == corrected.person_id


def test_a_role_in_the_same_municipality_moves_with_the_address(field: Field) -> None:
    seat = field.invite("Lise")
    person, ours = field.session.get_one(Person, seat.person_id), field.world.ours
    add_member(field.session, person=person, municipality=ours.municipality, role=Role.LEADER, by_id=None)

    assert correct(field, seat, "right.lise@work.example").person_id == person.id


def test_a_sign_in_link_mailed_to_the_mistyped_address_is_dead(field: Field) -> None:
    seat = field.invite("Lise")
    send_link(field.session, field.tokens, address="lise@work.example", next_path=None, house="House")
    link = field.token()

    correct(field, seat, "right.lise@work.example")

    assert not is_link_valid(field.session, link)


def test_the_trail_says_who_mended_an_address(field: Field) -> None:
    correct(field, field.invite("Lise"), "right.lise@work.example")

    mended = field.session.scalars(select(AuditEvent).where(AuditEvent.kind == "accounts.address.mended")).one()
    assert mended.actor_id == field.owner_id


def test_the_address_of_somebody_known_gives_them_the_seat(field: Field) -> None:
    known = field.world.ours.learner
    seat = field.invite("Lise")

    corrected = correct(field, seat, known.address.upper())

    assert (corrected.id, corrected.person_id) == (seat.id, known.id)
    assert newest_recipient(field) == known.address
    assert field.counts().invited == 1


def test_another_spelling_of_ones_own_address_is_the_same_person(field: Field) -> None:
    seat = field.invite("Lise")

    corrected = correct(field, seat, "LISE@work.example ")

    assert corrected.person_id == seat.person_id
    assert field.words(seat) == ["invited", "invited"]
    assert field.open_invitations(seat) == 1


def test_somebody_who_has_a_seat_already_does_not_get_a_second(field: Field) -> None:
    seat, other = field.invite("Lise"), field.invite("Bo")
    before = field.session.get_one(Seat, seat.id).person_id
    inner = field.session.begin_nested()

    with pytest.raises(AddressTaken):
        correct(field, seat, "bo@work.example")
    inner.rollback()

    assert field.session.get_one(Seat, seat.id, populate_existing=True).person_id == before
    assert field.open_invitations(seat) == 1
    assert field.open_invitations(other) == 1


def test_what_is_no_address_changes_nothing(field: Field) -> None:
    seat = field.invite("Lise")
    inner = field.session.begin_nested()

    with pytest.raises(NotAnAddress):
        correct(field, seat, "lise at work")
    inner.rollback()

    assert field.open_invitations(seat) == 1
    assert accept_invitation(field.session, field.token()).name == "Lise"


def test_a_seat_that_was_claimed_keeps_its_address(field: Field) -> None:
    seat = field.invite("Lise")
    accept_invitation(field.session, field.token())

    with pytest.raises(SeatNotHeld):
        correct(field, seat, "lise@right.example")


def test_an_ended_licence_sends_no_corrected_letter(field: Field, clock) -> None:
    seat = field.invite("Lise")
    clock.advance(days=3651)

    with pytest.raises(LicenceEnded):
        correct(field, seat, "lise@right.example")


def test_another_houses_seat_is_nowhere(field: Field) -> None:
    seat, theirs = field.invite("Lise"), field.world.theirs

    with pytest.raises(NotFound):
        correct_address(
            field.session,
            field.tokens,
            scope=theirs.house_scope,
            seat_id=seat.id,
            address="lise@right.example",
            by_id=theirs.owner.id,
        )


def test_corrections_and_resends_share_a_limit(field: Field, clock) -> None:
    seat = field.invite("Lise")
    for attempt in range(3):
        correct(field, seat, f"lise{attempt}@right.example")

    with pytest.raises(TooManyAttempts):
        correct(field, seat, "lise9@right.example")

    clock.advance(minutes=61)
    correct(field, seat, "lise9@right.example")
