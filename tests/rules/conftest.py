"""A field in which every variable of every URL has a value on both sides."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from elearn.app import Elearn
from elearn.config import Settings
from elearn.core.db import Database
from tests.conftest import settings_in
from tests.databases import OneConnection
from tests.rules.field import Field, make_field
from tests.world import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Both houses' course files lie in one folder, as in an installation."""
    return settings_in(
        tmp_path / "data",
        ELEARN_COURSES=str(tmp_path / "all-courses"),
        ELEARN_MANIFESTS=str(tmp_path / "ours" / "media_manifest"),
    )


@pytest.fixture
def field(app: Elearn, session: Session, world: World, settings: Settings) -> Field:
    for side in (world.ours, world.theirs):
        shutil.copytree(side.files.folder, settings.courses / side.course.slug)
        shutil.copytree(side.files.store.root, settings.media, dirs_exist_ok=True)
    return make_field(app, session, world)


@pytest.fixture
def connection(database: Database) -> Connection:
    """The one connection of the test: a savepoint on it undoes what a request has committed."""
    assert isinstance(database, OneConnection)
    return database._connection
