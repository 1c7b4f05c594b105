"""The migrations make what the models say, go both ways, and carry data along."""

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect, text

from elearn.core import migrations, schema_version
from elearn.core.db import Base, Database
from tests.databases import Databases

NOT_OURS = {"alembic_version"}
NOW = "'2026-11-20 10:00:00+00:00'"
FILLED_AT_0001 = [
    "INSERT INTO municipalities (id, country, code, name, official_name) VALUES (1, 'DK', '0710', 'F', 'F Kommune')",
    f"INSERT INTO people (id, name, language, created_at) VALUES (1, 'Åse Ærø', 'da', {NOW}), (2, 'Bo', 'da', {NOW})",
    "INSERT INTO email_addresses (id, person_id, address, normalised) VALUES (2, 2, 'b@x.example', 'b@x.example')",
    "INSERT INTO departments (id, municipality_id, name) VALUES (1, 1, 'Nord'), (2, 1, 'NORD')",
    "INSERT INTO memberships (id, person_id, role, municipality_id, department_id, sector, created_at)"
    f" VALUES (1, 1, 'learner', 1, 1, 'school', {NOW})",
    "INSERT INTO course_houses (id, slug, name, country, email) VALUES (1, 'h', 'H', 'DK', 'h@h.example')",
    "INSERT INTO courses (id, course_house_id, slug) VALUES (1, 1, 'c')",
    "INSERT INTO licences (id, course_id, municipality_id, starts_on, ends_on, reason, granted_at)"
    f" VALUES (1, 1, 1, '2026-01-01', '2027-01-01', 'r', {NOW})",
    f"INSERT INTO seats (id, licence_id, person_id, claimed_at) VALUES (1, 1, 1, {NOW})",
    f"INSERT INTO seats (id, licence_id, person_id, invited_at) VALUES (2, 1, 2, {NOW})",
    "INSERT INTO seats (id, licence_id) VALUES (3, 1)",
    "INSERT INTO invitations (id, seat_id, person_id, email_address_id, token_hash, sector, created_at, expires_at)"
    f" VALUES (1, 2, 2, 2, 't', 'ppr', {NOW}, {NOW})",
]
"""A database as 0001 left it, with something of all that 0002 moves."""


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
    assert schema_version.is_current(empty)


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


def test_the_tables_hold_the_checks_that_the_models_name(empty: Database) -> None:
    migrations.upgrade(empty)

    found = {
        constraint["name"]
        for table in Base.metadata.tables
        for constraint in inspect(empty.engine).get_check_constraints(table)
    }
    named = {
        constraint.name
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert found == named, "Alembic does not see checks: put them into the migration by hand"


def test_seats_learn_from_memberships_and_invitations_where_their_holders_work(empty: Database) -> None:
    """0002: what the inviter said moves to the seat, and departments become many."""
    migrations.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        for statement in FILLED_AT_0001:
            connection.execute(text(statement))

    migrations.upgrade(empty, "0002")
    with empty.engine.connect() as connection:
        seats = connection.execute(text("SELECT sector, department_id, sort_name FROM seats ORDER BY id")).all()
        departments = connection.execute(text("SELECT id, name_key FROM departments ORDER BY id")).all()
        links = connection.execute(text("SELECT membership_id, department_id FROM membership_departments")).all()
    migrations.downgrade(empty, "0001")
    with empty.engine.connect() as connection:
        back = connection.execute(text("SELECT department_id FROM memberships")).scalars().all()

    assert seats == [("school", 1, "åse ærø"), ("ppr", None, "bo"), (None, None, None)]
    assert departments == [(1, "nord"), (2, "nord 2")]
    assert links == [(1, 1)]
    assert back == [1]


def test_a_number_that_still_stands_somewhere_is_given_to_nobody(empty: Database) -> None:
    """0009: whoever had it was deleted before."""
    migrations.upgrade(empty, "0001")
    with empty.engine.begin() as connection:
        if connection.dialect.name != "sqlite":
            pytest.skip("PostgreSQL's sequences never go back")
        for statement in FILLED_AT_0001:
            connection.execute(text(statement))
    migrations.upgrade(empty, "0008")
    with empty.engine.begin() as connection:
        connection.execute(
            text(f"INSERT INTO audit_events (at, kind, data) VALUES ({NOW}, 'x', '{{\"person_id\": 9}}')")
        )

    migrations.upgrade(empty)

    with empty.engine.begin() as connection:
        for place, number in enumerate((10, 11)):
            added = f"INSERT INTO people (name, language, created_at) VALUES ('N{place}', 'da', {NOW}) RETURNING id"
            assert connection.execute(text(added)).scalar() == number
            connection.execute(text("DELETE FROM people WHERE id = :id"), {"id": number})


def test_pages_of_progress_leave_room_for_changes(database: Database) -> None:
    """0007: only PostgreSQL writes a changed row beside the old one."""
    if database.engine.dialect.name == "sqlite":
        pytest.skip("SQLite changes a row where it lies")
    with database.engine.connect() as connection:
        options = connection.execute(text("SELECT reloptions FROM pg_class WHERE relname = 'video_progress'")).scalar()

    assert options == ["fillfactor=85"]


def test_a_database_is_upgraded_while_others_write(empty: Database) -> None:
    """On SQLite whoever has read and then writes fails at once when somebody wrote in between."""
    if empty.engine.dialect.name == "postgresql":
        pytest.skip("there a migration waits for whoever writes into its tables")
    migrations.upgrade(empty, "0005")
    others = sqlite3.connect(str(empty.engine.url.database), isolation_level=None, check_same_thread=False)
    others.execute("CREATE TABLE others (word)")
    is_upgraded = threading.Event()

    def write() -> None:
        while not is_upgraded.wait(0.002):
            others.execute("INSERT INTO others VALUES ('watched')")

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        try:
            migrations.upgrade(empty)
        finally:
            is_upgraded.set()
        writing.result()

    assert schema_version.is_current(empty)
    others.close()


def test_two_processes_may_upgrade_at_once(empty: Database, tmp_path: Path) -> None:
    if empty.engine.dialect.name == "sqlite":
        pytest.skip("one machine, one command: SQLite has no advisory lock")
    url = empty.engine.url.render_as_string(hide_password=False)
    env = os.environ | {"ELEARN_DATABASE": url, "ELEARN_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "elearn", "db", "upgrade"]

    both = [subprocess.Popen(command, env=env, stderr=subprocess.PIPE) for _ in range(2)]

    assert [(each.communicate()[1][-500:], each.returncode)[1] for each in both] == [0, 0]
    assert schema_version.is_current(empty)
