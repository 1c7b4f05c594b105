"""Writing many thousands of rows at once, for made-up fields: by the drivers' own fast ways, past the ORM."""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, cast

from psycopg import sql
from sqlalchemy import Table, bindparam, func, insert, select
from sqlalchemy.orm import Session

from elearn.core.db import Base, PostgresConnection, errors_of_sqlalchemy


def add_rows(session: Session, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, in the session's transaction; all name the columns that the first one names.

    PostgreSQL gets them by COPY, SQLite by one prepared statement. What is not named gets the database's default.
    """
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    table = cast(Table, model.__table__)
    names = [column.name for column in table.columns if column.name in first]  # as the compiled INSERT orders them
    values = _bound(session, table, names, chain([first], rows))
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, names, values)
    else:
        _execute_prepared(session, table, names, values)


def move_sequences(session: Session, *tables: str) -> None:
    """Let PostgreSQL number on after ids that were given by hand: its sequences do not notice those."""
    if session.get_bind().dialect.name == "postgresql":
        for table in tables:
            newest = select(func.max(Base.metadata.tables[table].c.id)).scalar_subquery()
            session.execute(select(func.setval(func.pg_get_serial_sequence(table, "id"), newest)))


def _bound(
    session: Session, table: Table, names: list[str], rows: Iterable[dict[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """Give each row's values as the database's driver takes them."""
    dialect = session.get_bind().dialect
    processors = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    for row in rows:
        yield tuple(process(row[name]) if process else row[name] for name, process in processors)


def _copy(session: Session, table: Table, names: list[str], values: Iterable[tuple[Any, ...]]) -> None:
    driver = cast(PostgresConnection, session.connection().connection.driver_connection)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with errors_of_sqlalchemy("COPY"), driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in values:
            copy.write_row(row)


def _execute_prepared(session: Session, table: Table, names: list[str], values: Iterable[tuple[Any, ...]]) -> None:
    connection = session.connection()
    statement = str(insert(table).values({name: bindparam(name) for name in names}).compile(connection.engine))
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    with errors_of_sqlalchemy("INSERT"):
        driver.executemany(statement, values)
