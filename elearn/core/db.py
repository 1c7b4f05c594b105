"""The database: one declarative base, two engines with one behaviour, and the sessions of both kinds.

SQLite runs in WAL with synchronous=FULL; a writing session takes the write lock with its first statement
(BEGIN IMMEDIATE), since a deferred BEGIN fails at once when two readers want to become writers. Its writers wait in
line (`writers_line`).
PostgreSQL runs with synchronous_commit=on: what is acknowledged is on disk.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import psycopg
from sqlalchemy import (
    DDL,
    Boolean,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    create_engine,
    delete,
    event,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import BIT, JSONB
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON, LargeBinary, TypeDecorator, TypeEngine

from elearn.core.driver_statement import DriverStatement
from elearn.core.writers_line import BUSY_TIMEOUT_S, WritersLine

POOL_SIZE = 10
BEGIN_WRITING = "BEGIN IMMEDIATE"
HIDE_WHAT_PEOPLE_WRITE = True
"""Errors are logged and kept with jobs, so they do not repeat a statement's values."""
_TURN = "elearn.writers_turn"
_NOTICES_SILENCE = {"keepalives_idle": 5, "keepalives_interval": 5, "tcp_user_timeout": 10_000}
"""A machine that is gone without a word is noticed after ten seconds, not after the kernel's fifteen minutes."""
_VACUUM: Any = DDL("VACUUM FULL %(table)s")  # type: ignore[no-untyped-call]
PostgresConnection = psycopg.Connection[tuple[Any, ...]]


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timezone-aware UTC in Python on both engines; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class BitSet(TypeDecorator[int]):
    """A set of small whole numbers as a Python int: bit n is set when n belongs to the set.

    PostgreSQL keeps `bit varying`, written highest bit first; SQLite keeps little-endian bytes. A bound value is
    (bits, width); `union_bits` joins two sets inside one statement.
    """

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(BIT(varying=True) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        bits, width = value
        if dialect.name == "postgresql":
            return format(bits, f"0{width}b")
        return int(bits).to_bytes((width + 7) // 8, "little")

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else bits_from_driver(value)


def bits_from_driver(value: str | bytes) -> int:
    """Return a bit set as either engine's driver gives it."""
    return int(value, 2) if isinstance(value, str) else int.from_bytes(value, "little")


class union_bits(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it is
    """SQL: the union of two bit sets, of different widths too (a film was replaced by one a second longer)."""

    type = BitSet()
    inherit_cache = True
    name = "union_bits"


@compiles(union_bits, "postgresql")
def _union_bits_postgresql(element: union_bits, compiler: Any, **kw: Any) -> str:
    left, right = (compiler.process(clause, **kw) for clause in element.clauses)
    width = f"greatest(length({left}), length({right}))"
    wide = [f"lpad(({side})::text, {width}, '0')::varbit" for side in (left, right)]
    return f"(CASE WHEN length({left}) = length({right}) THEN {left} | {right} ELSE {wide[0]} | {wide[1]} END)"


@compiles(union_bits, "sqlite")
def _union_bits_sqlite(element: union_bits, compiler: Any, **kw: Any) -> str:
    return f"union_bits({compiler.process(element.clauses, **kw)})"


def _union_of_bytes(left: bytes, right: bytes) -> bytes:
    width = max(len(left), len(right))
    return (int.from_bytes(left, "little") | int.from_bytes(right, "little")).to_bytes(width, "little")


def _lower(text: Any) -> Any:
    """SQLite's own knows the English letters only, and a search for 'ærø' has to find Ærø."""
    return text.lower() if isinstance(text, str) else text


class size_of_bits(FunctionElement[int]):  # noqa: N801 - reads as the SQL function it is
    """SQL: how many numbers a bit set holds."""

    type = Integer()
    inherit_cache = True
    name = "size_of_bits"


@compiles(size_of_bits, "postgresql")
def _size_of_bits_postgresql(element: size_of_bits, compiler: Any, **kw: Any) -> str:
    return f"bit_count({compiler.process(element.clauses, **kw)})"


@compiles(size_of_bits, "sqlite")
def _size_of_bits_sqlite(element: size_of_bits, compiler: Any, **kw: Any) -> str:
    return f"size_of_bits({compiler.process(element.clauses, **kw)})"


def _size_of_bytes(content: bytes) -> int:
    return int.from_bytes(content, "little").bit_count()


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
        str: String(),
        bool: Boolean(create_constraint=False),
    }


class Database:
    """One engine, its reading sessions and its writing sessions."""

    def __init__(self, url: str) -> None:
        self._line = WritersLine()
        if url.startswith("sqlite"):
            self.engine = self._at_once = _sqlite_engine(url, self._line)
        else:
            self.engine = _postgresql_engine(url)
            self._at_once = _postgresql_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None)
        self._readers = sessionmaker(self.engine, expire_on_commit=False)
        self._writers = sessionmaker(self.engine.execution_options(is_writer=True), expire_on_commit=False)

    def reader(self) -> Session:
        """Open a session for looking things up."""
        return self._readers()

    def writer(self) -> Session:
        """Open a session that will write: on SQLite it holds the write lock from its first statement."""
        return self._writers()

    def run_at_once(self, statement: DriverStatement, values: dict[str, Any]) -> Any:
        """Run one statement as a transaction of its own; return its first row, or None, once it is committed.

        The driver runs it itself, at a third of SQLAlchemy's cost: one round trip on PostgreSQL, one turn in the
        writers' line on SQLite. Errors come as SQLAlchemy's.
        """
        sql, bound = statement.bind(self.engine.name, values)
        with errors_of_sqlalchemy(sql):
            pooled = self._at_once.raw_connection()
            try:
                if self.engine.name == "sqlite":
                    return self._run_in_turn(cast(sqlite3.Connection, pooled.driver_connection), sql, bound)
                return cast(PostgresConnection, pooled.driver_connection).execute(sql, bound).fetchone()
            except psycopg.Error as error:
                if cast(PostgresConnection, pooled.driver_connection).closed:
                    pooled.invalidate(error)
                    self._at_once.dispose()  # whatever ended this connection has ended the others
                raise
            finally:
                pooled.close()

    def _run_in_turn(self, driver: sqlite3.Connection, sql: str, values: dict[str, Any]) -> Any:
        self._line.take_turn()
        try:
            rows = self._line.run_when_free(driver, sql, values)
        finally:
            self._line.leave()
        return rows[0] if rows else None

    def rewrite_table(self, model: type[Base]) -> None:
        """Write a table anew, so that what was deleted from it is gone from its pages on the disk, too.

        For small tables: nobody writes meanwhile. On SQLite every row is deleted, which overwrites the pages
        (secure_delete) with whatever copies they held, and written again; then the log of the writes (WAL) is emptied.
        Raises TimeoutError when readers keep the log: then it takes another run.
        """
        table = Base.metadata.tables[model.__tablename__]
        if self.engine.name == "postgresql":
            with self._at_once.connect() as connection:
                connection.execute(_VACUUM.against(table))
            return
        with self.engine.connect().execution_options(is_writer=True) as connection:
            driver = cast(sqlite3.Connection, connection.connection.driver_connection)
            driver.execute("PRAGMA foreign_keys=OFF")  # else what hangs on a row would be deleted with it
            try:
                with connection.begin():
                    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
                    connection.execute(delete(table))
                    if rows:
                        connection.execute(table.insert(), rows)
            finally:
                driver.execute("PRAGMA foreign_keys=ON")
            is_busy = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if is_busy:
            raise TimeoutError("readers keep the write-ahead log")

    def dispose(self) -> None:
        """Close the connections that nobody uses."""
        self._at_once.dispose()
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Open a writing session that commits at the end of the block and rolls back on an exception.

        For jobs, commands and tests; a request has its own (app.py).
        """
        with self.writer() as session, session.begin():
            yield session


def _sqlite_engine(url: str, line: WritersLine) -> Engine:
    engine = create_engine(url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, hide_parameters=HIDE_WHAT_PEOPLE_WRITE)
    event.listen(engine, "connect", _prepare_sqlite)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """Begin a transaction; a writing one waits for its turn, then for other processes' writers.

        Migrations follow one another on one connection, which would keep its turn and wait for itself: they take none.
        """
        options = connection.get_execution_options()
        if options.get("is_migration"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        if not options.get("is_writer"):
            connection.exec_driver_sql("BEGIN")
            return
        with errors_of_sqlalchemy(BEGIN_WRITING):
            line.take_turn()
            connection.info[_TURN] = True
            line.run_when_free(cast(sqlite3.Connection, connection.connection.dbapi_connection), BEGIN_WRITING)

    @event.listens_for(engine, "checkin")
    def _leave(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        """Let the next in line begin: the connection is back in the pool, so its transaction has ended."""
        if record.info.pop(_TURN, False):
            line.leave()

    return engine


def _postgresql_engine(url: str, **options: Any) -> Engine:
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        hide_parameters=HIDE_WHAT_PEOPLE_WRITE,
        connect_args={"options": "-c synchronous_commit=on -c timezone=UTC", "connect_timeout": 5, **_NOTICES_SILENCE},
        **options,
    )


@contextmanager
def errors_of_sqlalchemy(sql: str) -> Iterator[None]:
    """Have a driver's error raised as SQLAlchemy would."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        base = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
        raise DBAPIError.instance(sql, {}, error, base, hide_parameters=HIDE_WHAT_PEOPLE_WRITE) from error


def insert(session: Session, model: type[Base]) -> Any:
    """Return an INSERT that knows ON CONFLICT, in the dialect the session speaks."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver must not open transactions of its own (see _begin)
    connection.create_function("union_bits", 2, _union_of_bytes, deterministic=True)
    connection.create_function("size_of_bits", 1, _size_of_bytes, deterministic=True)
    connection.create_function("lower", 1, _lower, deterministic=True)
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, wherever it lay
