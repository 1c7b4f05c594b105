"""The migrations make what the models say, go both ways, and carry data along."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select

from elearn.catalogue.models import Course
from elearn.core import migrations
from elearn.core.db import Base, Database
from elearn.core.installation import Installation
from elearn.organisations.models import Municipality
from tests.conftest import settings_in
from tests.databases import Databases
from tests.world import make_world

NOT_OURS = {"alembic_version"}


@pytest.fixture
def empty(databases: Databases):
    database = Database(databases.empty())
    yield database
    database.dispose()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - NOT_OURS


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_the_newest_migration_is_what_the_models_say(empty: Database) -> None:
    migrations.upgrade(empty)

    assert differences(empty) == [], "write a migration for this"
    assert migrations.is_current(empty)


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory(str(migrations.FOLDER))

    assert len(scripts.get_heads()) == 1, "two branches added a migration: put one after the other"
    assert len(scripts.get_bases()) == 1


def test_migrations_are_numbered(empty: Database) -> None:
    names = sorted(path.stem for path in Path(migrations.FOLDER, "versions").glob("*.py"))

    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]


def test_up_down_and_up_again(empty: Database) -> None:
    migrations.upgrade(empty)
    migrations.downgrade(empty, "base")
    assert tables(empty) == set()

    migrations.upgrade(empty)

    assert tables(empty) == set(Base.metadata.tables)
    assert differences(empty) == []


def test_upgrading_a_filled_database_again_keeps_everything(own_database: Database, tmp_path: Path, clock) -> None:
    with own_database.writer() as session:
        make_world(session, Installation(settings_in(tmp_path)), tmp_path)

    for revision in reversed([script.revision for script in ScriptDirectory(str(migrations.FOLDER)).walk_revisions()]):
        migrations.upgrade(own_database, revision)
    migrations.upgrade(own_database)

    with own_database.reader() as session:
        assert len(session.scalars(select(Municipality)).all()) == 455
        assert {course.slug for course in session.scalars(select(Course))} == {"hard-talks", "other-talks"}


def test_two_processes_may_upgrade_at_once(empty: Database, tmp_path: Path) -> None:
    if empty.engine.dialect.name == "sqlite":
        pytest.skip("one machine, one command: SQLite has no advisory lock")
    url = empty.engine.url.render_as_string(hide_password=False)
    env = os.environ | {"ELEARN_DATABASE": url, "ELEARN_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "elearn", "db", "upgrade"]

    both = [subprocess.Popen(command, env=env, stderr=subprocess.PIPE) for _ in range(2)]

    assert [(each.communicate()[1][-500:], each.returncode)[1] for each in both] == [0, 0]
    assert migrations.is_current(empty)
