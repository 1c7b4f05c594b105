"""Moving from SQLite to PostgreSQL: one transaction, compared row for row; the source is only read."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    func,
    insert,
    inspect,
    literal,
    make_url,
    select,
    text,
    type_coerce,
)
from sqlalchemy.schema import AddConstraint, DropConstraint, ForeignKeyConstraint

from elearn.core import migrations, schema_version
from elearn.core.db import Base, BitSet, Database
from elearn.operations import postgresql
from elearn.operations.backups.databases import engine_for_oneself, url_of
from elearn.operations.errors import InUse, NotAsBefore, NotEmpty, OtherEngine

BATCH = 2_000
Tell = Callable[[str, int], None]


def move(source_url: str, target_url: str, tell: Tell = lambda _table, _rows: None) -> int:
    """Copy all tables of a SQLite database into an empty PostgreSQL database; return how many rows there are.

    Raises `OtherEngine`, `InUse`, `NotEmpty`, `NotAsBefore`; the target then has no rows, and the source is as it was.
    """
    target = make_url(target_url.replace("postgres://", "postgresql://")).set(drivername="postgresql+psycopg")
    if not source_url.startswith("sqlite") or not target_url.startswith("postgres"):
        raise OtherEngine("The way leads from SQLite to PostgreSQL: write --to postgresql://user@host/name.")
    source = engine_for_oneself(source_url)
    goal = Database(target.render_as_string(hide_password=False))
    try:
        with source.connect() as reading:
            _check(source_url, reading, goal)
            migrations.upgrade(goal)  # which also imports all tables
            with goal.engine.begin() as writing:
                return _move_rows(reading, writing, tell)
    finally:
        source.dispose()
        goal.dispose()


def _check(source_url: str, reading: Connection, goal: Database) -> None:
    there = set(inspect(reading).get_table_names())
    revision = reading.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if there else None
    if revision != schema_version.newest():
        raise NotAsBefore(f"{source_url} is not up to date. Run `elearn db upgrade` first.")
    with goal.engine.connect() as connection:
        if inspect(connection).get_table_names():
            raise NotEmpty("The database to move to has tables. Make an empty one: CREATE DATABASE name.")
    if postgresql.is_anybody_connected(url_of(goal), but=1):
        raise InUse("Something else is connected to the database to move to. Stop it first.")


def _move_rows(reading: Connection, writing: Connection, tell: Tell) -> int:
    """Copy and compare within one transaction. Constraints between tables are made anew at the end, as dumps do."""
    references = _references(writing)
    for reference in references:
        writing.execute(DropConstraint(reference))
    total = 0
    for table in Base.metadata.sorted_tables:
        rows = _copy(table, reading, writing)
        _compare(table, reading, writing)
        _set_sequence(table, reading, writing)
        total += rows
        tell(table.name, rows)
    for reference in references:
        writing.execute(AddConstraint(reference))
    return total


def _references(writing: Connection) -> list[ForeignKeyConstraint]:
    there = MetaData()
    there.reflect(writing)
    return [reference for table in there.tables.values() for reference in table.foreign_key_constraints]


def _copy(table: Table, reading: Connection, writing: Connection) -> int:
    columns = list(table.columns)
    sets = [column.name for column in columns if isinstance(column.type, BitSet)]
    raw = select(*(type_coerce(c, LargeBinary).label(c.name) if c.name in sets else c for c in columns))
    count = 0
    for batch in _batches(reading, raw):
        rows = [dict(zip((column.name for column in columns), row, strict=True)) for row in batch]
        for row in rows:
            row.update({name: _bits(row[name]) for name in sets})
        writing.execute(insert(table), rows)
        count += len(rows)
    return count


def _bits(content: bytes | None) -> tuple[int, int] | None:
    """Return a set as `BitSet` takes it: its numbers, and its width to the byte."""
    return None if content is None else (int.from_bytes(content, "little"), len(content) * 8)


def _compare(table: Table, reading: Connection, writing: Connection) -> None:
    before, after = _sum(table, reading), _sum(table, writing)
    if before != after:
        raise NotAsBefore(f"{table.name} has other rows in PostgreSQL than in SQLite. Nothing was moved.")


def _sum(table: Table, connection: Connection) -> tuple[int, int]:
    """Return how many rows a table has, and a checksum in which their order plays no part."""
    count = total = 0
    for batch in _batches(connection, select(table)):
        for row in batch:
            written = json.dumps([_plain(value) for value in row], sort_keys=True).encode()
            total += int.from_bytes(hashlib.sha256(written).digest(), "big")
            count += 1
    return count, total % 2**256


def _plain(value: Any) -> Any:
    """Return a value in a form that is the same from both engines."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _batches(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    return connection.execute(query, execution_options={"yield_per": BATCH}).partitions()


def _set_sequence(table: Table, reading: Connection, writing: Connection) -> None:
    """Let a table's numbers go on after its highest, or after the highest that was used where none is given again."""
    column: Column[Any] | None = table.autoincrement_column
    if column is None or not isinstance(column.type, Integer):
        return
    used = None
    if table.dialect_options["sqlite"]["autoincrement"]:
        used = reading.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    highest = func.greatest(func.max(column), literal(used, Integer))
    writing.execute(select(func.setval(sequence, highest)).where(sequence.is_not(None)).having(highest.is_not(None)))
