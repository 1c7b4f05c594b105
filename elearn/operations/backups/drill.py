"""Practising: the newest backup is put back into a scratch place and looked at, and it is noted how that went."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, make_url, select

from elearn.config import Settings
from elearn.core import clock
from elearn.core.db import Database
from elearn.core.tokens import Tokens
from elearn.feedback.models import SpooledResponse
from elearn.learning import certificates
from elearn.learning.models import Certificate
from elearn.operations import postgresql
from elearn.operations.backups import databases
from elearn.operations.backups.folder import About, Backups, LastDrill
from elearn.operations.backups.restoring import check_whole, gone_since, open_files, put_right
from elearn.operations.backups.sealing import Key, read_key
from elearn.operations.errors import BrokenBackup, NoSuchBackup, OnlyPublicHalf, WrongKey
from elearn.operations.files import scratch

SCRATCH = ".drill-scratch"


@dataclass(frozen=True)
class Drilled:
    """A backup that was put back and found whole."""

    name: str
    rows: int
    films: int
    certificates: int


def drill(settings: Settings, *, key_file: Path | None = None) -> Drilled:
    """Put the newest backup into a scratch place, check it, and note how it went.

    Raises `NoSuchBackup`, `BrokenBackup`, `WrongKey`, `ToolFailed`; `OnlyPublicHalf` once every byte of it was checked.
    """
    backups = Backups(settings.backups)
    with backups.alone(), scratch(settings.data / SCRATCH) as opened:
        name = backups.newest()
        if name is None:
            raise NoSuchBackup(f"There are no backups in {settings.backups}. Make one: elearn backup make.")
        try:
            found = _put_back(settings, name, read_key(key_file or settings.backup_key), opened)
        except OnlyPublicHalf:  # this server makes backups that it cannot open; what was damaged is not any more
            backups.forget_failed_drill()
            raise
        except WrongKey:  # that says nothing of the backup
            raise
        except Exception:
            backups.note_failed_drill(LastDrill(at=clock.now(), backup=name))
            raise
        backups.note_drill(LastDrill(at=clock.now(), backup=name))
    return found


def _put_back(settings: Settings, name: str, key: Key | None, opened: Path) -> Drilled:
    backups = Backups(settings.backups)
    about = check_whole(backups, name)
    open_files(backups.find(name), about, key, opened)
    with _scratch_database(settings, about, opened / about.database) as database:
        return _look(database, settings, name, about)


@contextmanager
def _scratch_database(settings: Settings, about: About, copy: Path) -> Iterator[Database]:
    """Lend a database that the backup was put into: a file, or a database beside the installation's own."""
    if about.engine == "sqlite":
        database = Database(f"sqlite:///{copy}")
        try:
            yield database
        finally:
            database.dispose()
        return
    own = make_url(settings.database_url)
    beside = postgresql.create_database(own, f"{own.database}_drill")
    try:
        databases.put_postgresql(copy, beside, settings.postgresql_tools)
        database = Database(beside.render_as_string(hide_password=False))
        try:
            yield database
        finally:
            database.dispose()
    finally:
        postgresql.drop_database(own, str(beside.database))


def _look(database: Database, settings: Settings, name: str, about: About) -> Drilled:
    """Check that every row is there and every reference leads somewhere, then that the product can use it."""
    with database.engine.connect() as connection:
        rows = databases.rows_in(connection)
        broken = databases.broken_references(connection)
    other = [table for table in {*rows, *about.rows} if rows.get(table) != about.rows.get(table)]
    if other or broken:
        raise BrokenBackup(f"The backup {name} came back with other rows than it was made with: {other or broken}.")
    put_right(
        database, Tokens(settings.secret_key, settings.old_secret_keys), name, gone_since(settings, about.made_at)
    )
    with database.reader() as session:
        codes = session.scalars(select(Certificate.code).where(Certificate.replaced_at.is_(None)).limit(100)).all()
        unknown = [code for code in codes if certificates.find(session, code, "da") is None]
        spooled = session.scalar(select(func.count()).select_from(SpooledResponse))
    if unknown or spooled:
        raise BrokenBackup(f"The backup {name} has certificates that do not verify, or answers no backup may hold.")
    return Drilled(name, sum(rows.values()), len(about.films), len(codes))
