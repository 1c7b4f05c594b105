"""What the tests of evaluations share."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.feedback.models import FeedbackRound
from elearn.licensing.services import grant_licence
from elearn.organisations.models import Municipality
from tests.evaluation.made_up import publish_round
from tests.world import World

OTHER = "Randers Kommune"


@pytest.fixture
def other(session: Session, world: World) -> Municipality:
    """A second municipality with a licence of the first house's course."""
    found = session.scalars(select(Municipality).where(Municipality.name == OTHER)).one()
    licence = world.ours.licence
    grant_licence(
        session,
        house=world.ours.house,
        course=world.ours.course,
        municipality=found,
        seats=5,
        starts_on=licence.starts_on,
        ends_on=licence.ends_on,
        reason="Test",
        by_id=None,
    )
    session.commit()
    return found


@pytest.fixture
def round_(session: Session, world: World, other: Municipality) -> FeedbackRound:
    """A round of the first house's course with published tables for both municipalities."""
    course = session.get_one(Course, world.ours.course.id)
    published = publish_round(session, course, [session.merge(world.ours.municipality), other])
    session.commit()
    return published
