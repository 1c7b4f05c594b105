from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from elearn.organisations.models import CourseHouse
from tests.catalogue.course_folder import CourseFolder


@pytest.fixture
def files(tmp_path: Path) -> CourseFolder:
    """A good small course of two modules with two films; tests break it."""
    return CourseFolder(tmp_path)


@pytest.fixture
def house(session: Session) -> CourseHouse:
    return a_house(session, "barnets-hus")


@pytest.fixture
def other_house(session: Session) -> CourseHouse:
    return a_house(session, "nabohuset")


def a_house(session: Session, slug: str) -> CourseHouse:
    house = CourseHouse(slug=slug, name=slug.title(), country="DK", email=f"post@{slug}.example")
    session.add(house)
    session.flush()
    return house
