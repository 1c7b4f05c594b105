from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from elearn.catalogue.models import Base
from elearn.core.db import Database
from elearn.organisations.models import CourseHouse
from tests.catalogue.course_folder import CourseFolder


@pytest.fixture
def files(tmp_path: Path) -> CourseFolder:
    """A good small course of two modules with two films; tests break it."""
    return CourseFolder(tmp_path)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    database = Database(f"sqlite:///{tmp_path / 'test.sqlite'}")
    Base.metadata.create_all(database.engine)
    with database.writer() as session:
        yield session
    database.engine.dispose()


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
