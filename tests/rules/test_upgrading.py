"""A database of each release before, filled, comes through the migrations with every row it had."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, select

from elearn.app import Elearn
from elearn.core import migrations
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.operations.backups.databases import broken_references, rows_in
from tests.client import PageClient
from tests.databases import Databases
from tests.personal_data.planting import plant
from tests.rules.filling import ROWS, fill
from tests.rules.test_migrations import differences
from tests.world import make_world

RELEASES = sorted(script.revision for script in ScriptDirectory(str(migrations.FOLDER)).walk_revisions())
PAGES = ("/health", "/ready", "/sign-in")


Row = dict[str, Any]


@pytest.fixture
def empty(databases: Databases):
    database = Database(databases.empty())
    yield database
    database.dispose()


def rows_of(connection: Connection) -> dict[str, list[Row]]:
    """Return all rows by table, as dictionaries of their columns."""
    tables = MetaData()
    tables.reflect(connection)
    return {
        name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for name, table in tables.tables.items()
    }


def changed(table: str, before: list[Row], after: list[Row]) -> list[str]:
    """Say which rows are missing or new, and which columns that both know hold something else."""
    if len(before) != len(after):
        return [f"{table}: {len(before)} rows, then {len(after)}"]
    both = before[0].keys() & after[0].keys()
    return [
        f"{table}.{column}: {then[column]!r}, then {now[column]!r}"
        for then, now in zip(before, after, strict=True)
        for column in sorted(both)
        if then[column] != now[column]
    ]


def wrong_rows(connection: Connection) -> list[str]:
    """Return what SQLite's own check finds: NOT NULL, CHECK and UNIQUE too. PostgreSQL lets no such row in."""
    if connection.dialect.name != "sqlite":
        return []
    said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [each for each in said if each != "ok"]


@pytest.mark.parametrize("release", RELEASES[:-1])
def test_every_row_of_every_table_comes_along(
    empty: Database, release: str, app: Elearn, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrations.upgrade(empty, release)
    with empty.engine.begin() as connection:
        fill(connection)
        before = rows_of(connection)
    before.pop("alembic_version")
    assert {len(rows) for rows in before.values()} == {ROWS}

    migrations.upgrade(empty)

    with empty.engine.connect() as connection:
        after = rows_of(connection)
        assert broken_references(connection) == []
        assert wrong_rows(connection) == []
    assert [each for name, rows in before.items() for each in changed(name, rows, after[name])] == []
    assert differences(empty) == []
    app.extensions["elearn"].settings.data.mkdir()
    monkeypatch.setattr(app.extensions["elearn"], "database", empty)
    assert {page: app.test_client().get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)


def test_an_old_release_s_people_go_on_where_they_were(
    own_database: Database, installation: Installation, browser: Callable[[], PageClient], tmp_path: Path, clock
) -> None:
    """Taken down to the first release, a house has what that knew; brought up again, its people use it."""
    installation.database = own_database
    with own_database.writer() as session:
        ours = make_world(session, installation, tmp_path).ours
        plant(session, installation, ours, "CANARY")
        session.commit()
    for release in reversed(RELEASES):
        migrations.downgrade(own_database, release)
    with own_database.engine.connect() as connection:
        before = rows_in(connection)

    migrations.upgrade(own_database)

    with own_database.engine.connect() as connection:
        after = rows_in(connection)
    assert before["people"] == 10
    assert {name: number for name, number in before.items() if after[name] != number} == {}
    browser().signed_in_as(ours.learner).page("/learn")
    browser().signed_in_as(ours.owner).page(f"/owner/licences/{ours.licence.id}")
