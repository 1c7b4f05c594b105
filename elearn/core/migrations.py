"""Running the migrations from Python: no ini file, the product's own database."""

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from elearn.core.db import Database
from elearn.core.schema_version import FOLDER, newest


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables up to a revision, each migration in a transaction."""
    with _connection_to_migrate(database) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take the tables back to a revision."""
    with _connection_to_migrate(database) as connection:
        command.downgrade(_config(connection), revision)


def write(name: str) -> None:
    """Write the difference between the models and an up-to-date database as the next numbered migration."""
    number = f"{int(newest() or 0) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite")
        upgrade(database)
        with database.engine.connect() as connection:
            config = _config(connection)
            config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
            command.revision(config, name, autogenerate=True, rev_id=number)
        database.dispose()


@contextmanager
def _connection_to_migrate(database: Database) -> Iterator[Connection]:
    """Lend a connection on which SQLite does not follow foreign keys: it changes a table by making it anew.

    With them on, dropping the old table would delete whatever refers to it. All references are checked at the end.
    It takes the write lock before it looks: SQLite refuses at once to write after a look when others wrote since.
    """
    with database.engine.connect().execution_options(is_migration=True) as connection:
        driver = connection.connection.driver_connection
        if not isinstance(driver, sqlite3.Connection):
            yield connection
            return
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
            broken = driver.execute("PRAGMA foreign_key_check").fetchall()
        finally:
            driver.execute("PRAGMA foreign_keys=ON")
    if broken:
        raise RuntimeError(f"The migration left references that lead nowhere: {broken[:5]}. Restore the backup.")


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


if __name__ == "__main__":
    write(" ".join(sys.argv[1:]) or "change")
