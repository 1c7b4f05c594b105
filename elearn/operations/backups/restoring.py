"""Putting a backup back: the product as it was then, but for what must not come back.

Deleted people stay deleted (the ledger beside the backups), everybody is signed out, and answers that waited for their
release are asked for again.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, make_url, select

from elearn.accounts.models import Person
from elearn.accounts.services import end_all_sign_ins
from elearn.billing import numbering
from elearn.config import Settings
from elearn.core import audit, migrations
from elearn.core.db import Database
from elearn.core.tokens import Tokens
from elearn.feedback.services.taking_back import take_back
from elearn.operations.backups import content, databases, films
from elearn.operations.backups.folder import FILES, About, Backups, secrets_of
from elearn.operations.backups.sealing import Key, read_key, unseal
from elearn.operations.errors import BrokenBackup, NotEmpty, OtherEngine, WrongKey
from elearn.operations.files import scratch, wrong_files
from elearn.organisations.reference import load_reference_data
from elearn.personal_data import departed, erasure

RESTORED = audit.kind("operations.backup.restored", "backup")
SCRATCH = ".restore-scratch"


@dataclass(frozen=True)
class Gone:
    """Who was deleted, and which municipalities left, as it is kept outside the database."""

    people: set[tuple[str, datetime]]
    municipalities: set[departed.Entry]
    since: datetime
    """When the backup was made."""


@dataclass(frozen=True)
class PutRight:
    """What did not come back with a backup."""

    erased: int
    """People deleted again."""
    departed: int
    """Municipalities that left again."""
    receipts: int
    """People who are asked again, counted by form."""
    signed_out: int
    next_numbers: list[tuple[str, str]]
    """Each house that sells, and the number that its next invoice gets: those used since would be given out twice."""
    left_out: list[str] = field(default_factory=list)
    """Files of films that are damaged in the backup, in sentences."""


def check_whole(backups: Backups, name: str) -> About:
    """Check every byte of a backup and of its films, and return what it says of itself. Raises `BrokenBackup`."""
    about = check_all_but_films(backups, name)
    if problems := films.wrong(backups.root / about.pool, about.films):
        raise BrokenBackup(
            f"Films are damaged in the backup {name}: {'; '.join(problems[:10])}. All else can be put back: "
            "elearn backup restore --without-damaged-films."
        )
    return about


def check_all_but_films(backups: Backups, name: str) -> About:
    """Check every byte of a backup's own files, and return what it says of itself. Raises `BrokenBackup`."""
    about = backups.about(name)
    if problems := wrong_files(backups.find(name)):
        raise BrokenBackup(f"The backup {name} is not whole: {'; '.join(problems[:10])}.")
    return about


def restore(
    read_settings: Callable[[], Settings],
    name: str,
    *,
    key_file: Path | None,
    replace: bool,
    without_damaged_films: bool = False,
) -> PutRight:
    """Put a backup into the installation that the settings describe.

    The settings are read again once those of the backup are back. Raises `NotEmpty` where there are people or films and
    `replace` was not said, `InUse`, `OtherEngine`, `BrokenBackup`, `WrongKey`, `ToolFailed`.
    """
    settings = read_settings()
    backups = Backups(settings.backups)
    check = check_all_but_films if without_damaged_films else check_whole
    with backups.alone(), scratch(settings.data / SCRATCH) as opened:
        folder, about = backups.find(name), check(backups, name)
        key = read_key(key_file or settings.backup_key)
        open_files(folder, about, key, opened)
        _refuse(settings, about, replace)
        content.unpack_kept(opened / FILES, settings)
        settings = read_settings()
        _refuse(settings, about, replace)
        _refuse_other_secret(settings, about)
        content.unpack_content(opened / FILES, settings)
        left_out = []
        for package in about.films:
            kept = backups.root / about.pool / package
            left_out += films.put_back(kept, key, settings.media, leave_out_damaged=without_damaged_films)
        done = _put_database(settings, opened / about.database, folder.name, gone_since(settings, about.made_at))
    return dataclasses.replace(done, left_out=left_out)


def gone_since(settings: Settings, made_at: datetime) -> Gone:
    """Read what must not come back, from the data folder and from beside the backups."""
    folders = (settings.data, settings.backups)
    return Gone(
        people=set().union(*map(erasure.ledger_in, folders)),
        municipalities=set().union(*map(departed.ledger_in, folders)),
        since=made_at,
    )


def open_files(folder: Path, about: About, key: Key | None, opened: Path) -> None:
    """Write a backup's database and tar file, decrypted, into a folder."""
    for name in (about.database, FILES):
        unseal(key, folder / f"{name}{about.suffix}", opened / name)


def put_right(database: Database, tokens: Tokens, name: str, gone: Gone) -> PutRight:
    """Bring a restored database up to date, and take out of it what must not come back."""
    migrations.upgrade(database)
    with database.transaction() as session:
        load_reference_data(session)
        done = PutRight(
            receipts=take_back(session),
            signed_out=end_all_sign_ins(session),
            departed=departed.carry_out_again(session, gone.municipalities, since=gone.since),
            erased=erasure.erase_again(session, tokens, erasure.ledger(session) | gone.people),
            next_numbers=numbering.following(session),
        )
        audit.record(session, RESTORED, actor_id=None, backup=name)
    return done


def _refuse(settings: Settings, about: About, replace: bool) -> None:
    url = make_url(settings.database_url)
    if url.get_backend_name() != about.engine:
        raise OtherEngine(
            f"The backup is of {about.engine}, and ELEARN_DATABASE names {url.get_backend_name()}. Put it back into "
            f"{about.engine}; `elearn db move` brings it to PostgreSQL afterwards."
        )
    databases.refuse_in_use(url)
    if not replace and (_has_people(settings) or any(settings.media.glob("*/master.m3u8"))):
        raise NotEmpty(
            "There are people or films here already. To put the backup in their place, say --replace: "
            "what came after the backup is then lost."
        )


def _has_people(settings: Settings) -> bool:
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return False
    database = Database(settings.database_url)
    try:
        with database.reader() as session:
            there = inspect(session.connection()).has_table(Person.__tablename__)
            return there and session.scalar(select(Person.id).limit(1)) is not None
    finally:
        database.dispose()


def _put_database(settings: Settings, copy: Path, name: str, gone: Gone) -> PutRight:
    """Put the database in its place last: on SQLite it is put right before, so that it is never seen half done."""
    url = make_url(settings.database_url)
    tokens = Tokens(settings.secret_key, settings.old_secret_keys)
    if url.get_backend_name() == "postgresql":
        databases.put_postgresql(copy, url, settings.postgresql_tools)
        return _put_right_at(settings.database_url, tokens, name, gone)
    done = _put_right_at(f"sqlite:///{copy}", tokens, name, gone)
    databases.put_sqlite(copy, Path(str(url.database)))
    return done


def _put_right_at(address: str, tokens: Tokens, name: str, gone: Gone) -> PutRight:
    database = Database(address)
    try:
        return put_right(database, tokens, name, gone)
    finally:
        database.dispose()


def _refuse_other_secret(settings: Settings, about: About) -> None:
    tokens = Tokens(settings.secret_key, settings.old_secret_keys)
    if about.secret not in secrets_of(tokens):
        raise WrongKey(
            "The backup was made under another ELEARN_SECRET_KEY, which is not in it. Set that one: without it deleted "
            "people would come back, and authenticator apps would open nothing."
        )
