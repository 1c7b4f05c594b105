"""Filling seats from a list: nothing before the confirmation, everything or nothing at it, and twice is once."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import find_or_add_person
from elearn.core import clock
from elearn.core.errors import TooManyAttempts
from elearn.core.installation import Installation
from elearn.core.limits import count_attempt
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.jobs.queue import run_due
from elearn.licensing.errors import NoAddressColumn, NobodyToInvite, NotEnoughSeats
from elearn.licensing.handed_in import plan_of, seat_list
from elearn.licensing.list_jobs import forget_list_files, invite_list, read_list
from elearn.licensing.lists.plan import Fate
from elearn.licensing.lists.words import Field
from elearn.licensing.models import Invitation, Licence, Seat, SeatList, SeatListState
from elearn.licensing.services import (
    accept_seat,
    correct_address,
    from_list,
    invite,
    list_reading,
    remind_several,
    resend_invitation,
    take_back_seat,
)
from elearn.licensing.services.from_list import Correction
from elearn.mail.models import Letter
from elearn.organisations.models import Department, Membership, Role
from tests.conftest import TestClock
from tests.licensing.helpers import new_licence
from tests.world import World

TWO = "Mail;Navn\nbo@listed.dk;Bo Berg\nmette@listed.dk;Mette Holm\n"


@dataclass
class Desk:
    """A buyer with a licence of five free seats."""

    session: Session
    installation: Installation
    world: World
    licence: Licence

    @property
    def scope(self) -> MunicipalityScope:
        return MunicipalityScope(self.world.ours.municipality.id, self.world.ours.buyer.id)

    def read(self, content: str | bytes) -> SeatList:
        """Hand a list in and have it read."""
        handed_in = from_list.hand_in_list(
            self.session,
            licence=self.licence,
            content=content.encode() if isinstance(content, str) else content,
            file_name="staff.csv",
            language="da",
            message="See you",
            holds=clock.today("DK") + timedelta(days=30),
            by_id=self.world.ours.buyer.id,
        )
        self.session.commit()
        self.work()
        return self.again(handed_in)

    def again(self, found: SeatList) -> SeatList:
        self.session.expire_all()
        return seat_list(self.session, self.scope, found.id)

    def work(self) -> None:
        self.session.commit()
        while run_due(self.installation):
            pass
        self.session.expire_all()

    def confirm(self, found: SeatList) -> int:
        return from_list.confirm_list(self.session, scope=self.scope, list_id=found.id, by_id=self.world.ours.buyer.id)

    def invite(self, content: str) -> SeatList:
        found = self.read(content)
        self.confirm(found)
        self.work()
        return self.again(found)

    def correct(self, found: SeatList, *corrections: Correction) -> None:
        from_list.correct_list(self.session, scope=self.scope, list_id=found.id, corrections=corrections)

    def read_anew(self, found: SeatList, places: dict[Field, int]) -> bool:
        by_id = self.world.ours.buyer.id
        return from_list.read_anew(self.session, scope=self.scope, list_id=found.id, places=places, by_id=by_id)

    def fates(self, found: SeatList) -> list[Fate]:
        return [row.fate for row in plan_of(self.session, found).rows]

    def held(self) -> dict[str, Seat]:
        rows = self.session.execute(
            select(EmailAddress.address, Seat)
            .join(Seat, Seat.person_id == EmailAddress.person_id)
            .where(Seat.licence_id == self.licence.id)
        )
        return {row.address: row.Seat for row in rows}

    def letters(self) -> list[str]:
        return sorted(self.session.scalars(select(Letter.recipient).where(Letter.recipient.like("%@listed.dk"))))

    def count(self, model: type) -> int:
        return self.session.scalar(select(func.count()).select_from(model)) or 0

    def department(self, name: str) -> Department:
        made = Department(municipality_id=self.world.ours.municipality.id, name=name, name_key=name.casefold())
        self.session.add(made)
        self.session.flush()
        return made


@pytest.fixture
def desk(session: Session, installation: Installation, world: World) -> Desk:
    return Desk(session, installation, world, new_licence(session, world, 5, days=200))


def test_nothing_happens_before_the_confirmation(desk: Desk) -> None:
    people, seats, letters = desk.count(Person), desk.held(), desk.count(Letter)
    found = desk.read(TWO)
    assert (found.state, desk.fates(found)) == (SeatListState.READY, [Fate.INVITED] * 2)
    assert (desk.count(Person), desk.held(), desk.count(Letter)) == (people, seats, letters)


def test_the_file_is_kept_until_the_list_is_confirmed_and_at_most_a_day(desk: Desk, clock: TestClock) -> None:
    assert desk.read(b"%PDF").content is None
    assert desk.invite(TWO).content is None
    found = desk.read("Mail;Navn\nkim@listed.dk;Kim\n")
    assert found.content is not None
    clock.advance(hours=23)
    forget_list_files(desk.installation, desk.session)
    assert desk.again(found).columns["seen"] == [[0, "Mail", "kim@listed.dk"], [1, "Navn", "Kim"]]
    clock.advance(hours=1, minutes=1)
    forget_list_files(desk.installation, desk.session)
    found = desk.again(found)
    assert found.content is None
    assert "kim@listed.dk" not in str(found.columns)
    assert desk.fates(found) == [Fate.INVITED]
    assert not desk.read_anew(found, {Field.EMAIL: 0}), "there is nothing to read any more"


def test_columns_that_were_guessed_wrongly_are_read_as_somebody_says(desk: Desk) -> None:
    found = desk.read("Kaldenavn;Privat;Arbejde\nBo Berg;bo@home.dk;bo@listed.dk\nMette;m@home.dk;m@listed.dk\n")
    desk.correct(found, Correction(2, Field.NAME, "Forgotten"))

    assert desk.read_anew(found, {Field.NAME: 0, Field.EMAIL: 2})
    desk.work()

    rows = plan_of(desk.session, desk.again(found)).rows
    assert [(row.number, row.name, row.email, row.fate) for row in rows] == [
        (2, "Bo Berg", "bo@listed.dk", Fate.INVITED),
        (3, "Mette", "m@listed.dk", Fate.INVITED),
    ]
    assert desk.again(found).columns["fields"] == [["name", "Kaldenavn"], ["email", "Arbejde"]]
    assert desk.again(found).columns["unused"] == ["Privat"]


def test_a_column_of_addresses_is_needed_and_a_confirmed_list_is_not_read_anew(desk: Desk) -> None:
    found = desk.read(TWO)
    with pytest.raises(NoAddressColumn):
        desk.read_anew(found, {Field.NAME: 0})
    desk.confirm(found)
    assert not desk.read_anew(found, {Field.EMAIL: 0})
    assert desk.again(found).state == SeatListState.INVITING


def test_everybody_new_is_invited_and_gets_a_letter(desk: Desk) -> None:
    ppr = desk.department("PPR")
    found = desk.invite("Mail;Navn;Afdeling;Sektor;Sprog\nbo@listed.dk;Bo Berg;ppr;Skole;nynorsk\nm@listed.dk;M;;;\n")
    seat = desk.held()["bo@listed.dk"]
    assert (found.state, found.done, found.total) == (SeatListState.DONE, 2, 2)
    assert (seat.department_id, seat.sector, seat.holds_until) == (ppr.id, "school", clock.today("DK") + timedelta(30))
    assert seat.person is not None
    assert (seat.person.name, seat.person.language) == ("Bo Berg", "nn")
    assert desk.held()["m@listed.dk"].person.language == "da"
    assert desk.letters() == ["bo@listed.dk", "m@listed.dk"]
    invitation = desk.session.scalars(select(Invitation).where(Invitation.seat_id == seat.id)).one()
    assert (invitation.message, invitation.invited_by_id) == ("See you", desk.world.ours.buyer.id)
    assert invitation.letter_id is not None


def test_the_same_list_again_changes_nothing(desk: Desk) -> None:
    desk.invite(TWO)
    before = (desk.count(Person), sorted(desk.held()), desk.letters())
    again = desk.read(TWO)
    assert desk.fates(again) == [Fate.SEATED] * 2
    with pytest.raises(NobodyToInvite):
        desk.confirm(again)
    assert (desk.count(Person), sorted(desk.held()), desk.letters()) == before


def test_confirming_twice_invites_once(desk: Desk) -> None:
    found = desk.read(TWO)
    assert [desk.confirm(found), desk.confirm(found)] == [2, 0]
    desk.work()
    assert desk.letters() == ["bo@listed.dk", "mette@listed.dk"]


def test_the_job_may_run_twice_and_goes_on_where_it_was_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_list, "LETTERS_AT_ONCE", 1)
    found, by_id = desk.read(TWO), desk.world.ours.buyer.id
    desk.confirm(found)
    from_list.hold_listed_seats(desk.session, list_id=found.id, by_id=by_id)
    assert from_list.invite_listed(desk.session, desk.installation.tokens, list_id=found.id, by_id=by_id)
    assert desk.again(found).done == 1
    desk.session.commit()
    for _ in range(2):
        invite_list(desk.installation, list_id=found.id, by_id=by_id)
    desk.session.expire_all()
    assert desk.letters() == ["bo@listed.dk", "mette@listed.dk"]
    assert desk.again(found).state == SeatListState.DONE


def test_too_few_seats_hold_nobodys_and_say_how_many_lack(desk: Desk) -> None:
    found = desk.read("Mail\n" + "".join(f"p{number}@listed.dk\n" for number in range(8)))
    with pytest.raises(NotEnoughSeats) as short:
        desk.confirm(found)
    assert (short.value.wanted, short.value.free) == (8, 5)
    assert (desk.held(), desk.letters()) == ({}, [])


def test_seats_that_became_short_after_the_confirmation_hold_nobodys(desk: Desk) -> None:
    people = desk.count(Person)
    found = desk.read("Mail\n" + "".join(f"p{number}@listed.dk\n" for number in range(5)))
    desk.confirm(found)
    invite(
        desk.session,
        desk.installation.tokens,
        licence=desk.licence,
        address="first@other.dk",
        name="First",
        language="da",
        by_id=None,
    )
    desk.work()
    found = desk.again(found)
    assert found.problem == {"what": "not_enough_seats", "wanted": 5, "free": 4}
    assert (found.state, list(desk.held()), desk.letters()) == (SeatListState.READY, ["first@other.dk"], [])
    assert desk.count(Person) == people + 1


def test_rows_to_be_corrected_are_left_out_until_they_are(desk: Desk) -> None:
    found = desk.read("Mail;Navn\nbo@listed.dk;Bo\nmette.listed.dk;Mette\nole@listed.dk;=A1\n")
    assert desk.fates(found) == [Fate.INVITED, Fate.WRONG, Fate.WRONG]
    desk.correct(found, Correction(3, Field.EMAIL, "mette@listed.dk"), Correction(4, Field.NAME, "Ole Ø"))
    assert desk.fates(desk.again(found)) == [Fate.INVITED] * 3


def test_one_correction_mends_every_row_that_says_the_same(desk: Desk) -> None:
    desk.department("PPR")
    found = desk.read("Mail;Navn;Enhed\na@listed.dk;A;P.P.R.\nb@listed.dk;B;p.p.r.\nc@listed.dk;C;Andet\n")
    desk.correct(found, Correction(2, Field.DEPARTMENT, "PPR"))
    assert desk.fates(desk.again(found)) == [Fate.INVITED, Fate.INVITED, Fate.WRONG]


def test_a_department_is_added_only_when_the_list_is_confirmed(desk: Desk) -> None:
    found = desk.read("Mail;Navn;Enhed\na@listed.dk;A;Tandplejen\nb@listed.dk;B;tandplejen\n")
    desk.correct(found, Correction(2, Field.DEPARTMENT, "", adds=True))
    assert desk.count(Department) == 0
    desk.confirm(found)
    desk.work()
    added = desk.session.scalars(select(Department)).one()
    assert added.name.casefold() == "tandplejen"
    assert {seat.department_id for seat in desk.held().values()} == {added.id}


def test_skipped_rows_stay_out_and_can_be_taken_in_again(desk: Desk) -> None:
    found = desk.read("Mail;Navn\nbo@listed.dk;Bo\nmette.listed.dk;Mette\n")
    from_list.skip_rows(desk.session, scope=desk.scope, list_id=found.id)
    assert desk.fates(desk.again(found)) == [Fate.INVITED, Fate.SKIPPED]
    from_list.take_in_skipped(desk.session, scope=desk.scope, list_id=found.id)
    assert desk.fates(desk.again(found)) == [Fate.INVITED, Fate.WRONG]


def test_leaders_and_buyers_get_their_roles(desk: Desk) -> None:
    ppr = desk.department("PPR")
    desk.invite("Mail;Navn;Enhed;Rolle\nlea@listed.dk;Lea;PPR;Leder\nbo@listed.dk;Bo;;Indkøber\nann@listed.dk;A;PPR;\n")
    rows = desk.session.scalars(
        select(Membership)
        .join(EmailAddress, EmailAddress.person_id == Membership.person_id)
        .where(EmailAddress.address.like("%@listed.dk"))
        .order_by(Membership.id)
    ).all()
    given = {(row.person.name, row.role): [department.id for department in row.departments] for row in rows}
    assert given == {("Lea", Role.LEADER): [ppr.id], ("Bo", Role.BUYER): []}


def test_a_known_persons_own_name_stays_and_two_addresses_get_one_seat(desk: Desk) -> None:
    person, _email = find_or_add_person(desk.session, address="bo@listed.dk", name="Bo Own", language="nb")
    desk.session.add(EmailAddress(address="bo2@listed.dk", normalised="bo2@listed.dk", person=person))
    desk.session.flush()
    found = desk.invite("Mail;Navn\nbo@listed.dk;Another\nbo2@listed.dk;Another\n")
    assert found.state == SeatListState.DONE
    assert {seat.person.name for seat in desk.held().values() if seat.person} == {"Bo Own"}
    assert desk.letters() == ["bo@listed.dk"]


def test_somebody_who_lost_the_seat_before_the_letter_gets_none(desk: Desk) -> None:
    found, by_id = desk.read(TWO), desk.world.ours.buyer.id
    desk.confirm(found)
    from_list.hold_listed_seats(desk.session, list_id=found.id, by_id=by_id)
    take_back_seat(desk.session, scope=desk.scope, seat_id=desk.held()["bo@listed.dk"].id, by_id=by_id)
    desk.work()
    assert desk.letters() == ["mette@listed.dk"]


def test_lists_are_forgotten_after_30_days(desk: Desk, clock) -> None:
    found = desk.read(TWO)
    clock.advance(days=29)
    list_reading.forget_old_lists(desk.session)
    assert desk.again(found)
    clock.advance(days=2)
    list_reading.forget_old_lists(desk.session)
    assert desk.count(SeatList) == 0


def test_reading_a_second_time_keeps_what_was_corrected(desk: Desk) -> None:
    found = desk.read("Mail;Navn\nbo.listed.dk;Bo\n")
    desk.correct(found, Correction(2, Field.EMAIL, "bo@listed.dk"))
    desk.session.commit()
    read_list(desk.installation, list_id=found.id)
    assert desk.fates(desk.again(found)) == [Fate.INVITED]


@pytest.mark.parametrize("what", ["resent", "corrected", "accepted", "reminded"])
def test_a_seat_whose_letter_is_not_written_yet_is_like_any_other(desk: Desk, what: str) -> None:
    """Ten thousand letters take a while; meanwhile the page shows the people."""
    found = desk.read(TWO)
    desk.confirm(found)
    from_list.hold_listed_seats(desk.session, list_id=found.id, by_id=desk.world.ours.buyer.id)
    seat = desk.held()["bo@listed.dk"]
    asks = {"scope": desk.scope, "seat_id": seat.id, "by_id": desk.world.ours.buyer.id}
    match what:
        case "resent":
            resend_invitation(desk.session, desk.installation.tokens, **asks)
        case "corrected":
            correct_address(desk.session, desk.installation.tokens, address="bo.berg@listed.dk", **asks)
        case "accepted":
            accept_seat(desk.session, scope=PersonScope(seat.person_id), seat_id=seat.id)
        case "reminded":
            remind_several(
                desk.session,
                desk.installation.tokens,
                scope=desk.scope,
                licence_id=desk.licence.id,
                holders={seat.id: seat.person_id},
                by_id=desk.world.ours.buyer.id,
            )
    desk.work()

    letters = {"corrected": ["bo.berg@listed.dk"], "accepted": []}.get(what, ["bo@listed.dk"])
    assert desk.letters() == sorted([*letters, "mette@listed.dk"])


def test_lists_are_handed_in_at_most_60_times_an_hour(desk: Desk) -> None:
    for _ in range(from_list.LISTS.attempts):
        count_attempt(desk.session, from_list.LISTS, str(desk.licence.municipality_id))

    with pytest.raises(TooManyAttempts):
        desk.read(TWO)
