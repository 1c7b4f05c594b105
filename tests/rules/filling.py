"""Rows for every table of a database that no model describes any more: whatever its own constraints let in."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    inspect,
)
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.exc import DBAPIError

ROWS = 2
TRIES = 2_000
_DAY = datetime(2026, 11, 20, 10, tzinfo=UTC)
_WORDS = re.compile(r"'(\w*)'")

Values = dict[str, Any]


def fill(connection: Connection) -> dict[str, list[Values]]:
    """Write rows into every table, what they refer to first; return them."""
    tables = MetaData()
    tables.reflect(connection)
    chance, filled = random.Random(1), dict[str, list[Values]]()
    for table in _in_order([each for name, each in tables.tables.items() if name != "alembic_version"]):
        filled[table.name] = []
        words = set(
            _WORDS.findall(" ".join(c["sqltext"] for c in inspect(connection).get_check_constraints(table.name)))
        )
        for number in range(1, ROWS + 1):
            filled[table.name].append(_write(connection, table, number, sorted(words), filled, chance))
    return filled


def _in_order(tables: list[Table]) -> Iterator[Table]:
    """Give tables so that what a row cannot be without comes before it."""
    left = {table.name: table for table in tables}
    while left:
        ready = [table for table in left.values() if not _needed(table) & left.keys() - {table.name}]
        assert ready, f"these need each other: {sorted(left)}"
        for table in ready:
            yield left.pop(table.name)


def _needed(table: Table) -> set[str]:
    return {key.column.table.name for column in table.columns if not column.nullable for key in column.foreign_keys}


def _write(
    connection: Connection,
    table: Table,
    number: int,
    words: list[str],
    filled: dict[str, list[Values]],
    chance: random.Random,
) -> Values:
    """Write a row with everything in it; where constraints refuse that, try others until one fits."""
    choices = {column.name: _choices(column, number, words, filled) for column in table.columns}
    values = {name: each[0] for name, each in choices.items()}
    for _try in range(TRIES):
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(values))
        except DBAPIError as refused:
            last = refused
            values = {name: chance.choice(each) for name, each in choices.items()}
        else:
            return values
    raise AssertionError(f"no row fits into {table.name}") from last


def _choices(column: Column[Any], number: int, words: list[str], filled: dict[str, list[Values]]) -> list[Any]:
    """Return what may stand in a column of the row of some number, the likeliest first."""
    nothing = [None] if column.nullable else []
    for key in column.foreign_keys:
        there = filled.get(key.column.table.name, [])
        return [there[number - 1][key.column.name], *nothing] if len(there) >= number else [None]
    if column.primary_key and isinstance(column.type, Integer):
        return [number]
    return [*_of_type(column, number, words), *nothing]


def _of_type(column: Column[Any], number: int, words: list[str]) -> list[Any]:
    match column.type:
        case Boolean():
            return [False, True]
        case Integer() | BigInteger():
            return [number, 0, -number]
        case DateTime():
            return [_DAY + timedelta(days=number), _DAY + timedelta(days=10 * number)]
        case Date():
            return [date(2026, 11, number), date(2026, 12, number)]
        case JSON():
            return [{"number": number}]
        case BIT():
            return ["1" * number]
        case LargeBinary():
            return [b"bytes %d" % number]
    return [f"{column.name} {number}", *words]
