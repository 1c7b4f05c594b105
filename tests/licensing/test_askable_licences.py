"""Of which licences somebody may ask a seat."""

from datetime import timedelta

from sqlalchemy import update

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.scope import PersonScope
from elearn.licensing import services
from elearn.licensing.models import Licence
from elearn.licensing.seat_rows import Placing
from elearn.licensing.waiting_lists import askable_licences
from elearn.organisations.models import Membership, Role
from elearn.organisations.services import add_member
from tests.conftest import TestClock
from tests.licensing.helpers import Field
from tests.licensing.test_waiting_line import person


def next_licence(field: Field) -> Licence:
    """The licence bought in advance that follows the one of the tests."""
    now = field.licence
    return services.grant_licence(
        field.session,
        house=field.world.ours.house,
        course=field.world.ours.course,
        municipality=field.world.ours.municipality,
        seats=3,
        starts_on=now.ends_on + timedelta(days=1),
        ends_on=now.ends_on + timedelta(days=365),
        reason="Test",
        by_id=field.owner_id,
        previous=now,
    )


def test_members_may_ask_of_what_they_have_no_seat_in(field: Field) -> None:
    ours, theirs = field.world.ours, field.world.theirs

    def asked(who: Person) -> list[int]:
        return [each.id for each in askable_licences(field.session, PersonScope(who.id))]

    assert asked(ours.leader) == [field.licence.id], "of the two licences of the course the one that lasts longest"
    assert asked(ours.learner) == [], "has a seat in the course"
    assert asked(theirs.leader) == [theirs.licence.id]
    services.ask_for_seat(field.session, PersonScope(ours.leader.id), licence=field.licence, placing=Placing())
    assert asked(ours.leader) == []


def test_nobody_asks_where_nobody_answers(field: Field) -> None:
    field.session.execute(update(Membership).where(Membership.role == Role.BUYER).values(ended_at=product_clock.now()))

    assert askable_licences(field.session, PersonScope(field.world.ours.leader.id)) == []


def test_members_ask_of_what_they_can_watch_today_while_the_next_licence_is_bought_already(field: Field) -> None:
    next_licence(field)

    askable = askable_licences(field.session, PersonScope(field.world.ours.leader.id))

    assert [each.id for each in askable] == [field.licence.id]


def test_whoever_stood_in_line_until_the_end_may_ask_of_the_next_licence(field: Field, clock: TestClock) -> None:
    lise = person(field, "Lise")
    services.join_line(field.session, person=lise, licence=field.licence, placing=Placing())
    member = {"municipality": field.world.ours.municipality, "role": Role.LEARNER, "by_id": None}
    add_member(field.session, person=lise, **member)
    following = next_licence(field)
    clock.advance(days=(following.starts_on - product_clock.today("DK")).days)

    assert [each.id for each in askable_licences(field.session, PersonScope(lise.id))] == [following.id]
