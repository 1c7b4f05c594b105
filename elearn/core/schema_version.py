"""Which migration a database stands at, and which is the newest: what whoever serves needs to know of migrations.

Alembic, which runs them (`migrations`), keeps the name in a table of its own and takes 11 MB in every process.
"""

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from elearn.core.db import Database

FOLDER = Path(__file__).parent.parent.parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))


def is_current(database: Database) -> bool:
    """Whether the database stands at the newest migration, or at one of a newer release, which this one works with.

    A release migrates before its processes are restarted, one after the other: the others go on serving meanwhile.
    """
    with database.engine.connect() as connection:
        stands_at, needed = current(connection), newest()
    return stands_at is not None and needed is not None and stands_at >= needed


def current(connection: Connection) -> str | None:
    """Return the name of the migration that a database stands at, None where no migration ever ran."""
    if not inspect(connection).has_table(_VERSION.name):
        return None
    name: str | None = connection.scalar(select(_VERSION.c.version_num))
    return name


def newest() -> str | None:
    """Return the newest migration's name: its number, with which its file begins."""
    return max((file.name.split("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py")), default=None)
