"""Making a backup while the product runs: database first, then the files, which only ever become more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from elearn.config import Settings
from elearn.core import audit, clock
from elearn.core.db import Database
from elearn.core.tokens import Tokens
from elearn.media.stores.local_store import LocalStore
from elearn.operations.backups import content, databases, films
from elearn.operations.backups.folder import ABOUT, FILES, SHAPE, About, Backups, secrets_of
from elearn.operations.backups.sealing import SUFFIX, Key, read_key, seal
from elearn.operations.files import copy_whole, scratch, write_whole
from elearn.personal_data import departed, erasure

MADE = audit.kind("operations.backup.made", "backup")
SCRATCH = ".backup-scratch"
"""In the data folder: nothing lies in the folder of backups before it is encrypted."""


@dataclass(frozen=True)
class Made:
    """A backup that was just made."""

    name: str
    about: About
    pruned: list[str]


def make(settings: Settings, database: Database, check: Callable[[], None] = lambda: None) -> Made:
    """Make a backup and remove the oldest. `check` is called often, to end the work by raising.

    Raises `BackupUnderWay`, `WrongKey`, `ToolFailed`; then nothing is left of it.
    """
    key = read_key(settings.backup_key)
    backups = Backups(settings.backups)
    with backups.alone(), scratch(settings.data / SCRATCH) as plain:
        _keep_ledgers(settings)
        began = clock.now()
        with backups.making(began) as folder:
            taken = databases.take(databases.url_of(database), plain, settings.postgresql_tools)
            check()
            content.pack(settings, plain / FILES)
            for file in (taken.file, FILES):
                _keep(key, plain / file, folder)
                check()
            about = _about(settings, began, taken, key, check, is_doubted=backups.failed_drill() is not None)
            text = about.model_dump_json(indent=1)
            write_whole(folder / ABOUT, lambda part: part.write_text(text, encoding="utf-8"))
        name = began.strftime(SHAPE)
        pruned = backups.prune(settings.keep_backups) if settings.keep_backups else []
    with database.transaction() as session:
        audit.record(session, MADE, actor_id=None, backup=name)
    return Made(name, about, pruned)


def _keep_ledgers(settings: Settings) -> None:
    """See to it that whoever was deleted before there were backups is written down beside them, too."""
    erasure.keep_ledger(settings.backups, erasure.ledger_in(settings.data))
    departed.keep_ledger(settings.backups, departed.ledger_in(settings.data))


def _keep(key: Key | None, plain: Path, folder: Path) -> None:
    if key:
        seal(key, plain, folder / f"{plain.name}{SUFFIX}")
    else:
        copy_whole(plain, folder / plain.name)
    plain.unlink()


def _about(
    settings: Settings,
    began: datetime,
    taken: databases.Taken,
    key: Key | None,
    check: Callable[[], None],
    *,
    is_doubted: bool,
) -> About:
    """Bring the films into the pool, and say what the backup holds. While it is doubted, the pool is read anew."""
    pool = films.pool_name(key)
    packages = set() if settings.has_s3 else set(LocalStore(settings.media).packages())
    shown = set() if settings.has_s3 else taken.films
    lacking = [f"film {name} is missing" for name in sorted(shown - packages)]
    if is_doubted:
        films.forget_damaged(settings.backups / pool, packages | shown, check)
    for package in sorted(packages):
        lacking += films.take(settings.media / package, settings.backups / pool, key, check)
    return About(
        made_at=began,
        engine="sqlite" if taken.file.endswith(".sqlite") else "postgresql",
        migration=taken.migration,
        database=taken.file,
        rows=taken.rows,
        suffix=SUFFIX if key else "",
        pool=pool,
        films=films.of_which_there_is_some(settings.backups / pool, packages | shown),
        bucket=settings.s3_bucket,
        secret=secrets_of(Tokens(settings.secret_key))[0],
        lacking=lacking,
    )
