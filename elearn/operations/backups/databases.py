"""The database in backups: a copy of one moment while the product runs, without answers that wait for company.

Feedback that is not released could still be joined to names, and the keys that join a person's before to their after
are destroyed when an evaluation closes. So neither is in any backup.
"""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    StaticPool,
    column,
    create_engine,
    delete,
    event,
    func,
    inspect,
    make_url,
    select,
    table,
)

from elearn.core import schema_version
from elearn.core.db import Database
from elearn.operations import postgresql
from elearn.operations.errors import InUse
from elearn.operations.files import copy_whole

LEFT_OUT = ("feedback_spool", "pairing_keys")
LOCK_WAIT_S = 1.0


@dataclass(frozen=True)
class Taken:
    """A copy of the database, and what it held at that moment."""

    file: str
    migration: str | None
    rows: dict[str, int]
    films: set[str]
    """The packages that its lessons show."""


def take(url: URL, folder: Path, tools: Path | None) -> Taken:
    """Copy the database into a folder. Whatever was committed before is in it, and nothing of what comes after."""
    if url.get_backend_name() == "sqlite":
        return _take_sqlite(Path(str(url.database)), folder / "database.sqlite")
    return _take_postgresql(url, folder / "database.dump", tools)


def put_sqlite(copy: Path, target: Path) -> None:
    """Put a copy of a SQLite database in its place, instead of what is there."""
    for log in (f"{target}-wal", f"{target}-shm"):
        Path(log).unlink(missing_ok=True)
    copy_whole(copy, target)


def put_postgresql(dump: Path, url: URL, tools: Path | None) -> None:
    """Read a dump into a database, instead of what is there."""
    postgresql.empty(url)
    options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
    postgresql.run_tool("pg_restore", postgresql.server_version(url), tools, url, *options, str(dump))


def refuse_in_use(url: URL) -> None:
    """Raise `InUse` when anybody is connected to the database."""
    if url.get_backend_name() == "postgresql":
        if postgresql.is_anybody_connected(url):
            raise InUse("Something is connected to the database. Stop the product first.")
        return
    path = Path(str(url.database))
    if path.exists():
        with closing(sqlite3.connect(path, timeout=LOCK_WAIT_S)) as connection:
            _lock(connection)


def engine_for_oneself(address: str) -> Engine:
    """Open a SQLite database for one connection, which keeps everybody else out. Raises `InUse` when it connects."""
    engine = create_engine(address, poolclass=StaticPool, connect_args={"timeout": LOCK_WAIT_S})
    event.listen(engine, "connect", lambda connection, _record: _lock(connection))
    return engine


def _lock(connection: sqlite3.Connection) -> None:
    """Lock a database before anything is read from it: afterwards others could share it."""
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        raise InUse("Something has the database open. Stop the product first.") from error


def rows_in(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in sorted(inspect(connection).get_table_names())
    }


def _take_sqlite(path: Path, target: Path) -> Taken:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    _leave_out(target)
    database = Database(f"sqlite:///{target}")
    with database.engine.connect() as connection:
        taken = _taken(target.name, connection)
    database.dispose()
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        copy.execute("VACUUM")
    return taken


def _leave_out(target: Path) -> None:
    """Overwrite with zeros what no backup may hold (secure_delete)."""
    database = Database(f"sqlite:///{target}")
    with database.transaction() as session:
        there = inspect(session.connection()).get_table_names()
        for name in set(LEFT_OUT) & set(there):
            session.execute(delete(table(name)))
    database.dispose()


def _take_postgresql(url: URL, target: Path, tools: Path | None) -> Taken:
    """Count and dump within one snapshot."""
    engine = create_engine(url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        snapshot = connection.scalar(select(func.pg_export_snapshot()))
        taken = _taken(target.name, connection, LEFT_OUT)
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
        left_out = [f"--exclude-table-data={name}" for name in LEFT_OUT]
        postgresql.run_tool("pg_dump", postgresql.server_version(url), tools, url, *options, *left_out)
    engine.dispose()
    return taken


def _taken(file: str, connection: Connection, empty: Iterable[str] = ()) -> Taken:
    videos = table("videos", column("package"), column("replaced_at"))
    there = inspect(connection).get_table_names()
    films = select(videos.c.package).where(videos.c.replaced_at.is_(None))
    return Taken(
        file=file,
        migration=schema_version.current(connection),
        rows={**rows_in(connection), **dict.fromkeys(set(empty) & set(there), 0)},
        films=set(connection.scalars(films)) if videos.name in there else set(),
    )


def url_of(database: Database) -> URL:
    """Return where a database is, its password included."""
    return make_url(database.engine.url.render_as_string(hide_password=False))


def broken_references(connection: Connection) -> list[str]:
    """Return the tables whose references lead nowhere. PostgreSQL has checked them when it made its constraints."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return []
    return [str(row[0]) for row in driver.execute("PRAGMA foreign_key_check").fetchall()]
