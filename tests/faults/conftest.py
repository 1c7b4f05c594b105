from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.home.demo_field import fill
from elearn.media.models import Video
from tests.conftest import settings_in
from tests.world import make_world

PEOPLE = 200
"""So many that a minute of load stays within what each can have watched since the ticket."""


@dataclass
class Place:
    """A database with a course and people, real commits, and the folder it is served from."""

    installation: Installation
    database: Database
    folder: Path
    video_id: int


@pytest.fixture
def place(own_database: Database, tmp_path: Path) -> Place:
    return make_place(own_database, tmp_path)


def make_place(database: Database, folder: Path) -> Place:
    installation = Installation(settings_in(folder / "data"))
    installation.database = database
    with database.writer() as session:
        make_world(session, installation, folder)
        session.commit()
        video_id = session.scalars(select(Video.id).order_by(Video.id).limit(1)).one()
    fill(installation, people=PEOPLE, films=0, seed=1, slug="hard-talks")
    return Place(installation, database, folder / "data", video_id)
