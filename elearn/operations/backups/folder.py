"""The folder of backups: each has its name only when it is whole, and says what it holds.

2026-11-26T020000Z/   backup.json, database.sqlite or database.dump, files.tar, SHA256SUMS
films/, films-…/      the films of all backups, by key: a film that did not change is not kept twice
drill.json            when putting one back for practice last went well
drill-failed.json     that it has failed since
erasures.txt          whoever was deleted, as hashes: read whenever a backup is put back
departures.txt        which municipalities left: read then, too
"""

import fcntl
import logging
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from elearn.core.tokens import Tokens
from elearn.media.stores.packages import PACKAGE
from elearn.operations.errors import BackupUnderWay, BrokenBackup, NoSuchBackup
from elearn.operations.files import OWN_FOLDER, files_in, force_to_disk, sha256_of, write_sums, write_whole

NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
SHAPE = "%Y-%m-%dT%H%M%SZ"
NEWEST = "newest"
ABOUT = "backup.json"
FILES = "files.tar"
POOL = "films"
DRILL = "drill.json"
FAILED_DRILL = "drill-failed.json"
UNFINISHED = ".making"
LOCK = ".lock"

_log = logging.getLogger(__name__)


class About(BaseModel):
    """What a backup says of itself. Its names are parts of paths, so no others are read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: int = 1
    made_at: datetime
    """The moment before its database was copied, which is also its name."""
    engine: Literal["sqlite", "postgresql"]
    migration: str | None
    """The newest migration that its database has seen."""
    database: Annotated[str, Field(pattern=r"^database\.(sqlite|dump)$")]
    """The name of the database's file, as it is called when it is decrypted."""
    rows: dict[str, int]
    """How many rows each table has in it."""
    suffix: Annotated[str, Field(pattern=r"^(\.age)?$")]
    """What names of encrypted files end with; '' when nothing is encrypted."""
    pool: Annotated[str, Field(pattern=r"^films(-[0-9a-f]{8})?$")]
    """The folder of films that it shares with others."""
    films: list[Annotated[str, Field(pattern=f"^{PACKAGE.pattern}$")]]
    """The packages that belong to it."""
    bucket: str
    """Where films lie that are not in it; '' when they are."""
    secret: str
    """Tells the product's secret key from others: what is sealed under it opens with no other."""
    lacking: list[str]
    """What could not be had, in sentences: damaged films."""


class LastDrill(BaseModel):
    """When a backup was last put back for practice, and which."""

    model_config = ConfigDict(frozen=True)

    at: datetime
    backup: str


class Backups:
    """The backups in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> list[str]:
        """Return the backups there are, the oldest first."""
        return sorted(path.name for path in self.root.glob("*/") if NAME.fullmatch(path.name))

    def newest(self) -> str | None:
        """Return the newest backup's name, or None."""
        return next(reversed(self.names()), None)

    def find(self, name: str) -> Path:
        """Return a backup's folder; 'newest' is a name, too. Raises `NoSuchBackup`."""
        names = self.names()
        if not names:
            raise NoSuchBackup(f"There are no backups in {self.root}. Set ELEARN_BACKUPS to the folder they are in.")
        wanted = names[-1] if name == NEWEST else name
        if wanted not in names:
            raise NoSuchBackup(f"There is no backup {name} in {self.root}. There are: {', '.join(names)}.")
        return self.root / wanted

    def about(self, name: str) -> About:
        """Return what a backup says of itself. Raises `NoSuchBackup`, `BrokenBackup`."""
        path = self.find(name) / ABOUT
        try:
            return About.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise BrokenBackup(f"{path} cannot be read.") from error

    def last_drill(self) -> LastDrill | None:
        """Return when practising last went well; None when it never has."""
        path = self.root / DRILL
        return LastDrill.model_validate_json(path.read_bytes()) if path.is_file() else None

    def failed_drill(self) -> LastDrill | None:
        """Return when practising failed, if it has not gone well since."""
        path = self.root / FAILED_DRILL
        return LastDrill.model_validate_json(path.read_bytes()) if path.is_file() else None

    def note_drill(self, drill: LastDrill) -> None:
        """Keep that practising went well."""
        write_whole(self.root / DRILL, lambda part: part.write_text(drill.model_dump_json(), encoding="ascii"))
        self.forget_failed_drill()

    def forget_failed_drill(self) -> None:
        """Keep no longer that practising failed."""
        (self.root / FAILED_DRILL).unlink(missing_ok=True)

    def note_failed_drill(self, drill: LastDrill) -> None:
        """Keep that practising failed, until it goes well."""
        write_whole(self.root / FAILED_DRILL, lambda part: part.write_text(drill.model_dump_json(), encoding="ascii"))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from making backups, or putting one back. Raises `BackupUnderWay`."""
        self.root.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
        with (self.root / LOCK).open("w") as door:
            try:
                fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupUnderWay("Another backup is under way. Try again when it has ended.") from None
            yield

    @contextmanager
    def making(self, began: datetime) -> Iterator[Path]:
        """Open a folder to make a backup in: it takes its name when the block ends well, and is gone otherwise.

        For one process at a time (`alone`): what a killed one left is removed first. Raises `BackupUnderWay` when one
        was made in the same second, which is its name.
        """
        folder, whole = self.root / UNFINISHED, self.root / began.strftime(SHAPE)
        if whole.exists():
            raise BackupUnderWay(f"There is a backup of this second: {whole.name}. Try again.")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=OWN_FOLDER)
        try:
            yield folder
            write_sums(folder, {name: sha256_of(folder / name) for name in files_in(folder)})
            force_to_disk(folder)
            folder.rename(whole)
            force_to_disk(self.root)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def prune(self, keep: int) -> list[str]:
        """Remove all but the newest backups, and the films that none of those has; return their names.

        While a backup does not say which films it has, all films stay.
        """
        gone = self.names()[:-keep]
        for name in gone:
            (self.root / name / ABOUT).unlink(missing_ok=True)
            shutil.rmtree(self.root / name)
        try:
            abouts = [self.about(name) for name in self.names()]
        except BrokenBackup as error:
            _log.warning("films of removed backups stay: %s", error)
            return gone
        for pool in self.root.glob(f"{POOL}*/"):
            needed = {film for about in abouts if about.pool == pool.name for film in about.films}
            for package in pool.glob("*/"):
                if package.name not in needed:
                    shutil.rmtree(package)
        return gone


def secrets_of(tokens: Tokens) -> list[str]:
    """Return what backups may say of an installation's secret keys, today's first."""
    return [print_[:16] for print_ in tokens.fingerprints("backup", "")]
