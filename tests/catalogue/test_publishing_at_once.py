"""Two people press publish in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from elearn.catalogue.models import Base, CourseVersion
from elearn.catalogue.services import publish_course
from elearn.core.db import Database
from elearn.organisations.models import CourseHouse
from tests.catalogue.conftest import a_house

AT_ONCE = 4


@pytest.mark.race
def test_the_same_files_published_at_once_make_one_version(files, tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'race.sqlite'}")
    Base.metadata.create_all(database.engine)
    with database.transaction() as session:
        house_id = a_house(session, "barnets-hus").id
    together = Barrier(AT_ONCE)

    def publish(_):
        together.wait()
        with database.transaction() as session:
            house = session.get_one(CourseHouse, house_id)
            return publish_course(
                session, house=house, folder=files.folder, manifests=files.manifests, store=files.store, by=None
            ).id

    with ThreadPoolExecutor(AT_ONCE) as pool:
        versions = set(pool.map(publish, range(AT_ONCE)))
    with database.reader() as session:
        assert list(session.scalars(select(CourseVersion.id))) == list(versions)
    assert len(versions) == 1
    database.dispose()
