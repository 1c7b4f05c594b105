"""Who has answered, and who is through: of those who were asked, counted at releases only."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.evaluation.figures import Rate
from elearn.evaluation.queries import published_results
from elearn.evaluation.services import close_round, release_and_publish
from elearn.feedback.models import FeedbackReceipt
from elearn.licensing.models import Seat
from elearn.licensing.services import add_seats
from elearn.organisations.models import Membership, Role
from tests.conftest import TestClock
from tests.feedback.forms import ask, form_file
from tests.feedback.people import add_learners, complete
from tests.world import World

NAMES = ("Ane", "Bo", "Ida", "Per", "Eva", "Jon", "Kaj", "Lea", "Mia", "Ole", "Pia", "Siv", "Tor")


@pytest.fixture
def staff(session: Session, installation: Installation, world: World):
    side = world.ours
    add_seats(session, licence=session.merge(side.licence), seats=len(NAMES), by_id=side.owner.id)
    return [side.learner, *add_learners(session, installation, side, *NAMES)]


def test_who_is_through_is_told_as_of_the_last_release(session: Session, world: World, staff) -> None:
    side = world.ours
    _form, round_ = ask(session, session.merge(side.course), form_file())

    def told() -> set[Rate]:
        session.flush()
        published = published_results(session, side.house_scope, round_.id)
        return {published.completion(None), published.completion(side.municipality.id)}

    release_and_publish(session, round_)
    before = told()
    assert {each.is_nearly_all for each in before} == {False}
    for person in staff:
        complete(session, side, person)
    assert told() == before, "a page that counted at once would tell of each single one"
    close_round(session, round_, by=None)
    assert {each.is_nearly_all for each in told()} == {True}


def test_whoever_was_through_before_the_round_is_asked_and_counted(
    session: Session, world: World, staff, clock: TestClock
) -> None:
    side = world.ours
    for person in staff:
        complete(session, side, person)
    clock.advance(days=10)
    form, round_ = ask(session, session.merge(side.course), form_file())
    for person in staff[:12]:
        given = {"audience": "staff", "municipality_id": side.municipality.id, "about": ""}
        session.add(FeedbackReceipt(round_id=round_.id, form_id=form.id, person_id=person.id, **given))
    clock.advance(days=8)
    session.flush()
    release_and_publish(session, round_)

    rates = published_results(session, side.house_scope, round_.id).rates
    assert Rate("after", "staff", side.municipality.id, None, is_nearly_all=True) in rates, "twelve of fourteen"


def test_whoever_had_started_before_the_round_counts_as_not_asked_before_the_start(
    session: Session, world: World, staff, clock: TestClock
) -> None:
    side = world.ours
    for seat in session.scalars(select(Seat).where(Seat.person_id.in_([person.id for person in staff[:5]]))):
        seat.first_used_at = product_clock.now()
    clock.advance(days=2)
    form, round_ = ask(session, session.merge(side.course), form_file("before", moment="before-start"))
    for person in staff[5:]:
        given = {"audience": "staff", "municipality_id": side.municipality.id, "about": ""}
        session.add(FeedbackReceipt(round_id=round_.id, form_id=form.id, person_id=person.id, **given))
    session.flush()
    release_and_publish(session, round_)

    rates = published_results(session, side.house_scope, round_.id).rates
    assert Rate("before", "staff", side.municipality.id, None, is_nearly_all=True) in rates, "nine of nine"


def test_leaders_of_a_municipality_have_a_rate_where_they_are_many_enough(
    session: Session, installation: Installation, world: World, staff
) -> None:
    side = world.ours
    form, round_ = ask(
        session, session.merge(side.course), form_file("led", audience=["leader"], moment="before-start")
    )
    municipality = session.merge(side.municipality)
    given = {"audience": "leader", "municipality_id": side.municipality.id, "about": ""}
    for person in staff[:12]:
        session.add(
            Membership(person_id=person.id, role=Role.LEADER, municipality=municipality, created_at=product_clock.now())
        )
        session.add(FeedbackReceipt(round_id=round_.id, form_id=form.id, person_id=person.id, **given))
    session.flush()
    release_and_publish(session, round_)

    rates = published_results(session, side.house_scope, round_.id).rates
    assert Rate("led", "leader", side.municipality.id, None, is_nearly_all=True) in rates, "twelve of thirteen"
    assert Rate("led", "leader", None, None, is_nearly_all=True) in rates


def test_whoever_answered_and_left_was_asked_too(session: Session, world: World) -> None:
    """Of thirty who answered twenty are gone, and others have come to their seats who do not answer."""
    side, now = world.ours, product_clock.now()
    licence = session.merge(side.licence)
    add_seats(session, licence=licence, seats=29, by_id=side.owner.id)
    people = [Person(name="Somebody", language="da", created_at=now) for _each in range(49)]
    session.add_all(people)
    form, round_ = ask(session, session.merge(side.course), form_file("begin", moment="before-start"))
    free = session.scalars(select(Seat).where(Seat.licence_id == licence.id, Seat.person_id.is_(None))).all()
    for seat, person in zip(free, people[:29], strict=False):
        seat.person_id, seat.claimed_at, seat.sort_name = person.id, now, "somebody"
    given = {"audience": "staff", "municipality_id": side.municipality.id, "about": ""}
    for person in people[19:]:
        session.add(FeedbackReceipt(round_id=round_.id, form_id=form.id, person_id=person.id, **given))
    session.flush()
    release_and_publish(session, round_)

    rates = published_results(session, side.house_scope, round_.id).rates
    assert Rate("begin", "staff", side.municipality.id, 6, is_nearly_all=False) in rates, "thirty of fifty"
