"""Join links: making one, asking by it, and what the letter's button comes to."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from elearn.accounts.errors import NotAnAddress
from elearn.accounts.models import EmailAddress, Person
from elearn.accounts.services import find_or_add_person
from elearn.core import clock as product_clock
from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound, TooManyAttempts
from elearn.core.scope import MunicipalityScope
from elearn.jobs.queue import run_due
from elearn.licensing import services
from elearn.licensing.errors import (
    JoiningNotValid,
    JoinLinkClosed,
    JoinLinkFull,
    LicenceEnded,
    LinkDayNotValid,
    NoWaitingLine,
    PublicDomain,
    WrongDomain,
)
from elearn.licensing.join_lists import join_link, join_links, joined_by
from elearn.licensing.models import JoinLink, Seat, SeatRequest
from elearn.licensing.services import Joined, Outcome
from elearn.licensing.services import join_links as join_links_service
from elearn.organisations.models import Department, Membership, Role
from elearn.organisations.services import add_member
from tests.conftest import TestClock
from tests.licensing.helpers import Field

DOMAIN = "favrskov.example"


@pytest.fixture
def buyer(field: Field) -> MunicipalityScope:
    return MunicipalityScope(field.world.ours.municipality.id, field.world.ours.buyer.id)


@pytest.fixture
def department(field: Field) -> Department:
    made = Department(municipality_id=field.world.ours.municipality.id, name="PPR", name_key="ppr", sector="ppr")
    field.session.add(made)
    field.session.flush()
    return made


@pytest.fixture
def new_link(field: Field, buyer: MunicipalityScope) -> Callable[..., JoinLink]:
    def make(**changed: object) -> JoinLink:
        today = product_clock.today("DK")
        values = {"department_id": None, "domains": [DOMAIN], "most": 10, "ends_on": today + timedelta(days=30)}
        return services.make_join_link(
            field.session,
            scope=buyer,
            licence=field.licence,
            needs_approval=bool(changed.pop("needs_approval", False)),
            by_id=field.world.ours.buyer.id,
            **(values | changed),
        )

    return make


@pytest.fixture
def link(new_link: Callable[..., JoinLink], department: Department) -> JoinLink:
    return new_link(department_id=department.id)


def letter_to(field: Field, link: JoinLink, name: str) -> str:
    """Ask by the link; return the token in the letter."""
    services.ask_to_join(
        field.session,
        link=link,
        address=f"{name.lower()}@{DOMAIN}",
        name=name,
        language="en",
        sender=f"192.0.2.{len(name)}",
    )
    field.session.commit()
    while run_due(field.installation):
        pass
    return field.token()


def joins(field: Field, link: JoinLink, name: str) -> Joined:
    return services.join(field.session, token=letter_to(field, link, name))


def seat_of(field: Field, name: str) -> Seat | None:
    return field.session.scalar(
        select(Seat).join(Seat.person).where(Seat.licence_id == field.licence.id, Person.name == name)
    )


def test_the_button_confirms_the_address_and_claims_a_seat_in_the_links_department(
    field: Field, link: JoinLink, department: Department
) -> None:
    joined = joins(field, link, "Lise")

    seat = seat_of(field, "Lise")
    assert joined.outcome is Outcome.SEATED
    assert seat is not None
    assert seat.claimed_at is not None
    assert seat.department_id == department.id
    email = field.session.scalars(select(EmailAddress).where(EmailAddress.person_id == joined.person.id)).one()
    assert email.confirmed_at is not None
    membership = field.session.scalars(select(Membership).where(Membership.person_id == joined.person.id)).one()
    assert [each.id for each in membership.departments] == [department.id]


def test_a_link_without_a_department_leaves_people_where_they_work(
    field: Field, new_link: Callable[..., JoinLink], department: Department
) -> None:
    lise = find_or_add_person(field.session, address=f"lise@{DOMAIN}", name="Lise", language="en")[0]
    place = {"municipality": field.world.ours.municipality, "department_id": department.id}
    add_member(field.session, person=lise, role=Role.LEARNER, by_id=None, **place)

    joins(field, new_link(), "Lise")

    assert field.session.scalar(select(Seat.department_id).where(Seat.person_id == lise.id)) == department.id


def test_asking_alone_takes_no_seat(field: Field, link: JoinLink) -> None:
    letter_to(field, link, "Lise")

    assert field.counts().free == 3
    assert joined_by(field.session, link.id) == 0


def test_the_letter_works_once_and_the_newest_kills_the_one_before(field: Field, link: JoinLink) -> None:
    first, second = letter_to(field, link, "Lise"), letter_to(field, link, "Lise")

    with pytest.raises(JoiningNotValid):
        services.join(field.session, token=first)
    services.join(field.session, token=second)
    with pytest.raises(JoiningNotValid):
        services.join(field.session, token=second)
    with pytest.raises(JoiningNotValid):
        services.join(field.session, token="guess")


def test_a_letter_of_fourteen_days_is_dead(field: Field, link: JoinLink, clock: TestClock) -> None:
    token = letter_to(field, link, "Lise")
    clock.advance(days=14)

    with pytest.raises(JoiningNotValid):
        services.join(field.session, token=token)


def test_whoever_is_new_says_their_own_name_and_nobody_says_anothers(field: Field, link: JoinLink) -> None:
    joined = services.join(field.session, token=letter_to(field, link, "Prank"), name="Lise Løvsø")
    assert joined.person.name == "Lise Løvsø"

    again = services.join(field.session, token=letter_to(field, link, "Prank"), name="Somebody else")

    assert again.person.name == "Lise Løvsø"


def test_only_addresses_at_the_links_domains_get_a_letter(field: Field, link: JoinLink) -> None:
    def ask(address: str) -> None:
        services.ask_to_join(field.session, link=link, address=address, name="L", language="en", sender="192.0.2.1")

    for address in ("lise@gmail.com", "lise@evil-favrskov.example", f"lise@mail.{DOMAIN}"):
        with pytest.raises(WrongDomain):
            ask(address)
    with pytest.raises(NotAnAddress):
        ask("lise")


def test_letters_are_counted_for_an_address_and_for_a_sender(field: Field, link: JoinLink, clock) -> None:
    def ask(name: str, sender: str) -> None:
        services.ask_to_join(
            field.session, link=link, address=f"{name}@{DOMAIN}", name=name, language="en", sender=sender
        )

    for number in range(5):
        ask("lise", f"192.0.2.{number}")
    with pytest.raises(TooManyAttempts):
        ask("LISE", "192.0.2.9")
    for number in range(200):
        ask(f"p{number}", "198.51.100.1")
    with pytest.raises(TooManyAttempts):
        ask("one-more", "198.51.100.1")


def test_no_more_than_the_links_limit_join_and_nobody_counts_twice(
    field: Field, new_link, buyer: MunicipalityScope
) -> None:
    link = new_link(most=2)
    late = letter_to(field, link, "Cia")
    joins(field, link, "Ada"), joins(field, link, "Bea")
    field.session.commit()

    with pytest.raises(JoinLinkFull):
        services.join(field.session, token=late)
    field.session.rollback()
    with pytest.raises(JoinLinkFull):
        letter_to(field, link, "Dea")
    assert [row.joined for row in join_links(field.session, buyer, field.licence.id)] == [2]


def test_who_has_a_seat_already_just_goes_on_and_does_not_count(field: Field, new_link) -> None:
    link = new_link(most=1)
    joins(field, new_link(), "Ada")

    assert joins(field, link, "Ada").outcome is Outcome.KNOWN
    assert joins(field, link, "Bea").outcome is Outcome.SEATED


def invites(field: Field, name: str) -> None:
    services.invite(
        field.session,
        field.tokens,
        licence=field.licence,
        address=f"{name.lower()}@{DOMAIN}",
        name=name,
        language="en",
        by_id=field.owner_id,
    )


def test_an_invitation_that_waits_is_accepted_by_joining(field: Field, link: JoinLink) -> None:
    invites(field, "Lise")

    assert joins(field, link, "Lise").outcome is Outcome.KNOWN
    assert (field.counts().claimed, field.counts().invited) == (1, 0)


def test_without_a_free_seat_one_stands_in_line_behind_those_before(field: Field, link: JoinLink) -> None:
    for name in ("Ada", "Bea", "Cia"):
        joins(field, link, name)

    numbers = [joins(field, link, name).number for name in ("Dea", "Eva", "Fie")]

    assert numbers == [1, 2, 3]


def test_nobody_passes_the_line_through_a_link(field: Field, link: JoinLink) -> None:
    """A seat that has just become free is for whoever waits, not for the next who presses."""
    for name in ("Ada", "Bea", "Cia"):
        joins(field, link, name)
    joins(field, link, "Waits")
    seat = seat_of(field, "Ada")
    assert seat is not None
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    late = joins(field, link, "Late")

    assert (late.outcome, late.number) == (Outcome.IN_LINE, 2)


def test_who_stands_in_line_and_joins_again_is_told_the_number(field: Field, link: JoinLink) -> None:
    for name in ("Ada", "Bea", "Cia", "Lise"):
        joins(field, link, name)

    again = joins(field, link, "Lise")

    assert (again.outcome, again.number) == (Outcome.IN_LINE, 1)
    joined = select(AuditEvent.data).where(AuditEvent.kind == "licensing.join_link.joined").order_by(AuditEvent.id)
    assert [data["outcome"] for data in field.session.scalars(joined)] == ["seated"] * 3 + ["in_line"] * 2


def test_without_a_line_it_says_so_and_the_letter_works_later(field: Field, link: JoinLink) -> None:
    field.licence.has_waiting_line = False
    seats = [field.invite(name) for name in ("Ada", "Bea", "Cia")]
    token = letter_to(field, link, "Dea")

    with pytest.raises(NoWaitingLine):
        services.join(field.session, token=token)
    field.session.rollback()
    services.take_back_seat(field.session, scope=field.scope, seat_id=seats[0].id, by_id=field.owner_id)

    assert services.join(field.session, token=token).outcome is Outcome.SEATED


def test_where_the_buyer_approves_joining_asks(field: Field, new_link) -> None:
    joined = joins(field, new_link(needs_approval=True), "Lise")

    assert joined.outcome is Outcome.ASKED
    assert seat_of(field, "Lise") is None
    assert field.session.scalars(select(SeatRequest.state)).all() == ["asked"]


def test_who_had_asked_and_then_joins_asks_no_more(field: Field, new_link) -> None:
    joins(field, new_link(needs_approval=True), "Lise")

    assert joins(field, new_link(), "Lise").outcome is Outcome.SEATED
    assert field.session.scalars(select(SeatRequest.state)).all() == ["given"]


def test_a_seat_that_was_taken_back_is_not_taken_again_without_asking(field: Field, link: JoinLink) -> None:
    joins(field, link, "Lise")
    seat = seat_of(field, "Lise")
    assert seat is not None
    services.take_back_seat(field.session, scope=field.scope, seat_id=seat.id, by_id=field.owner_id)

    assert joins(field, link, "Lise").outcome is Outcome.ASKED
    assert joined_by(field.session, link.id) == 1


def test_a_closed_link_lets_nobody_join(field: Field, link: JoinLink, buyer: MunicipalityScope) -> None:
    token = letter_to(field, link, "Lise")
    for _twice in range(2):
        services.close_join_link(field.session, scope=buyer, join_link_id=link.id, by_id=field.world.ours.buyer.id)

    with pytest.raises(JoinLinkClosed):
        services.join(field.session, token=token)
    with pytest.raises(JoinLinkClosed):
        letter_to(field, link, "Mia")


def test_after_its_last_day_a_link_lets_nobody_join(field: Field, new_link, clock: TestClock) -> None:
    link = new_link(ends_on=product_clock.today("DK"))
    token = letter_to(field, link, "Lise")
    clock.set(clock.time.replace(hour=22, minute=59))  # 23.59 in Copenhagen
    assert link.is_open
    clock.advance(minutes=1)

    with pytest.raises(JoinLinkClosed):
        services.join(field.session, token=token)


def test_after_the_licence_has_ended_an_invitation_that_waits_is_not_accepted_by_joining(
    field: Field, new_link, clock: TestClock
) -> None:
    clock.advance(days=3640)
    token = letter_to(field, new_link(ends_on=field.licence.ends_on), "Lise")
    invites(field, "Lise")
    clock.advance(days=11)

    with pytest.raises(JoinLinkClosed), field.session.begin_nested():
        services.join(field.session, token=token)


def test_a_link_needs_a_day_within_its_licence_and_domains_that_show_where_one_works(
    field: Field, new_link, clock: TestClock
) -> None:
    today = product_clock.today("DK")
    for day in (today - timedelta(days=1), field.licence.ends_on + timedelta(days=1)):
        with pytest.raises(LinkDayNotValid):
            new_link(ends_on=day)
    with pytest.raises(PublicDomain):
        new_link(domains=[DOMAIN, "hotmail.com"])
    with pytest.raises(NotFound):
        new_link(department_id=999_999)
    clock.advance(days=3651)
    with pytest.raises(LicenceEnded):
        new_link()


def test_another_municipalitys_link_is_nowhere(field: Field, link: JoinLink) -> None:
    theirs = MunicipalityScope(field.world.theirs.municipality.id, field.world.theirs.buyer.id)

    with pytest.raises(NotFound):
        join_link(field.session, theirs, link.id)
    with pytest.raises(NotFound):
        services.close_join_link(field.session, scope=theirs, join_link_id=link.id, by_id=1)
    assert join_links(field.session, theirs, field.licence.id) == []


def test_an_address_that_is_known_gets_no_second_person(field: Field, link: JoinLink) -> None:
    person, _email = find_or_add_person(field.session, address=f"LISE@{DOMAIN}", name="Lise", language="da")

    assert joins(field, link, "Lise").person.id == person.id


@pytest.mark.parametrize("goes", ["asks", "waits"])
def test_whoever_is_invited_in_the_moment_of_pressing_has_the_seat(
    goes: str, field: Field, new_link: Callable[..., JoinLink], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = letter_to(field, new_link(needs_approval=goes == "asks"), "Lise")
    if goes == "waits":
        field.invite("Bo")
        monkeypatch.setattr(join_links_service, "is_somebody_in_line", lambda *_: True)
    looks_first = join_links_service._has_joined_before

    def invited_meanwhile(*asked: object) -> bool:
        services.invite(
            field.session,
            field.tokens,
            licence=field.licence,
            address=f"lise@{DOMAIN}",
            name="Lise",
            language="en",
            by_id=field.owner_id,
        )
        return looks_first(*asked)

    monkeypatch.setattr(join_links_service, "_has_joined_before", invited_meanwhile)

    assert services.join(field.session, token=token).outcome is Outcome.KNOWN
    seat = seat_of(field, "Lise")
    assert seat is not None
    assert seat.claimed_at is not None
