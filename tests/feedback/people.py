"""People with seats, for tests of who is asked."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.core.scope import PersonScope
from elearn.learning.models import Completion
from elearn.licensing.models import Licence, Seat
from elearn.licensing.services import grant_licence
from elearn.organisations.models import Municipality
from tests.world import Side, add_learner


def seat_in(session: Session, side: Side, scope: PersonScope, municipality: Municipality) -> Licence:
    """Give a municipality a licence, and somebody a claimed seat of it."""
    today = clock.today("DK")
    licence = grant_licence(
        session,
        house=session.merge(side.house),
        course=session.merge(side.course),
        municipality=municipality,
        seats=1,
        starts_on=today,
        ends_on=today + timedelta(days=300),
        reason="Test",
        by_id=side.owner.id,
    )
    seat = session.query(Seat).filter_by(licence_id=licence.id).one()
    seat.person_id, seat.claimed_at = scope.person_id, clock.now()
    session.flush()
    return licence


def complete(session: Session, side: Side, person: Person) -> None:
    session.add(
        Completion(
            person_id=person.id,
            course_id=side.course.id,
            course_version_id=side.course.current_version_id,
            completed_at=clock.now(),
        )
    )
    session.flush()


def add_learners(session: Session, installation: Installation, side: Side, *names: str) -> list[Person]:
    return [add_learner(session, installation, side.licence, name) for name in names]
