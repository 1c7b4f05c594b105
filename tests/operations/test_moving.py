"""From SQLite to PostgreSQL: every row, nothing else, and nothing where something is not as it should be."""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, func, insert, inspect, select, text

from elearn.accounts.models import Person
from elearn.cli import main
from elearn.core import clock, i18n, migrations, schema_version
from elearn.core.db import Base, Database
from elearn.core.installation import Installation
from elearn.learning.models import VideoProgress
from elearn.operations import moving
from elearn.operations.errors import InUse, NotAsBefore, NotEmpty, OtherEngine
from elearn.operations.moving import move
from tests.conftest import settings_in
from tests.databases import ENGINE, Databases, SqliteDatabases
from tests.personal_data.planting import plant
from tests.world import make_world

pytestmark = pytest.mark.skipif(ENGINE != "postgresql", reason="it needs both engines")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[SqliteDatabases, str]:
    """SQLite databases, and one of them with something in every table that holds people."""
    folder = tmp_path_factory.mktemp("sources")
    sources = SqliteDatabases(folder)
    installation = Installation(settings_in(folder / "data", ELEARN_DATABASE=sources.copy()))
    with i18n.speaking("en"), installation.database.writer() as session:
        world = make_world(session, installation, folder)
        plant(session, installation, world.ours, "CANARY-Æ")
        session.commit()
    installation.database.dispose()
    return sources, installation.settings.database_url


@pytest.fixture
def source(filled: tuple[SqliteDatabases, str]) -> Iterator[Database]:
    sources, url = filled
    database = Database(sources.again(url))
    yield database
    database.dispose()


def address(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def content(database: Database) -> dict[str, list[str]]:
    with database.engine.connect() as connection:
        return {
            table.name: sorted(
                json.dumps(list(row), sort_keys=True, default=repr) for row in connection.execute(select(table))
            )
            for table in Base.metadata.sorted_tables
        }


def test_every_row_is_there_and_numbers_go_on(source: Database, databases: Databases) -> None:
    target = databases.empty()
    with source.writer() as session:
        gone = Person(name="Gone", language="da", created_at=clock.now())
        session.add(gone)
        session.flush()
        used = gone.id
        session.delete(gone)
        session.commit()
    before = content(source)
    source.dispose()
    told: list[tuple[str, int]] = []

    rows = move(address(source), target, lambda table, count: told.append((table, count)))

    moved = Database(target)
    after = content(moved)
    assert {name for name in after if after[name] != before[name]} == set()
    assert content(source) == before
    assert rows == sum(map(len, before.values())) == sum(count for _table, count in told)
    assert schema_version.is_current(moved)
    with moved.transaction() as session:
        assert session.scalar(select(func.max(Person.id))) < used
        later = Person(name="Later", language="da", created_at=clock.now())
        session.add(later)
        session.flush()
        assert later.id == used + 1, "nobody gets the number of whoever was deleted"
    moved.dispose()


def test_references_are_guarded_again(source: Database, databases: Databases) -> None:
    target, expected = databases.empty(), databases.copy()
    move(address(source), target)

    def references(url: str) -> dict[str, list[str]]:
        engine = create_engine(url)
        found = {
            table: sorted(
                f"{key['name']} {key['referred_table']} {key['options']}"
                for key in inspect(engine).get_foreign_keys(table)
            )
            for table in inspect(engine).get_table_names()
        }
        engine.dispose()
        return found

    assert references(target) == references(expected)


def test_a_filled_target_is_refused(source: Database, databases: Databases) -> None:
    with pytest.raises(NotEmpty, match="CREATE DATABASE"):
        move(address(source), databases.copy())


def test_a_running_product_is_refused(source: Database, databases: Databases) -> None:
    with source.engine.connect() as connection:
        connection.execute(select(Person.id)).first()
        with pytest.raises(InUse, match="Stop the product"):
            move(address(source), databases.empty())


def test_an_old_source_is_refused(source: Database, databases: Databases) -> None:
    migrations.downgrade(source, "0004")
    source.dispose()

    with pytest.raises(NotAsBefore, match="elearn db upgrade"):
        move(address(source), databases.empty())


def test_the_other_way_is_refused(databases: Databases, tmp_path: Path) -> None:
    with pytest.raises(OtherEngine):
        move(databases.copy(), f"sqlite:///{tmp_path}/target.sqlite")


@pytest.mark.parametrize("fault", ["a row less", "another value"])
def test_what_is_not_the_same_is_not_moved(
    source: Database, databases: Databases, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    target = databases.empty()
    compare = moving._compare

    def spoil(table, reading, writing) -> None:
        if table.name == "people":
            where = "DELETE FROM people" if fault == "a row less" else "UPDATE people SET name = 'B'"
            writing.execute(text(f"{where} WHERE id = (SELECT max(id) FROM people)"))
        compare(table, reading, writing)

    monkeypatch.setattr(moving, "_compare", spoil)

    with pytest.raises(NotAsBefore, match="people"):
        move(address(source), target)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        engine = create_engine(target)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM people")) == 0
    engine.dispose()


def test_seconds_that_were_seen_stay_the_same_set(source: Database, databases: Databases) -> None:
    with source.transaction() as session:
        person = session.scalars(select(Person.id).order_by(Person.id.desc())).first()
        values = session.execute(select(VideoProgress.__table__)).mappings().first()
        assert values
        seen = 0b1011 << 37
        session.execute(insert(VideoProgress.__table__), {**values, "person_id": person, "seen": (seen, 41)})
    source.dispose()
    target = databases.empty()

    move(address(source), target)

    moved = Database(target)
    with moved.reader() as session:
        assert session.get_one(VideoProgress, (person, values["video_id"])).seen == seen
    moved.dispose()


def test_the_command_tells_each_table_and_what_to_do_next(
    source: Database, databases: Databases, tmp_path: Path
) -> None:
    here = Installation(settings_in(tmp_path / "data", ELEARN_DATABASE=address(source)))

    moved = CliRunner().invoke(main.commands["db"], ["move", "--to", databases.empty()], obj=here)
    again = CliRunner().invoke(main.commands["db"], ["move", "--to", "postgresql://x@localhost:1/none"], obj=here)

    assert moved.exit_code == 0
    assert re.search(r"^people +\d+ rows$", moved.output, re.MULTILINE)
    assert moved.output.splitlines()[-1].endswith("Now set ELEARN_DATABASE to that address, and start.")
    assert (again.exit_code, "A database did not answer" in again.output) == (1, True)
