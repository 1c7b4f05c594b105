"""How the installation is: figures without anybody's content, from the database and the disk, nothing from memory."""

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, make_url, select, text
from sqlalchemy.orm import Session

from elearn.billing.card_queries import QUIET
from elearn.billing.models import StripeEvent
from elearn.billing.services.stripe_events import WAITS
from elearn.config import Settings
from elearn.core import audit, clock
from elearn.jobs.models import Job
from elearn.jobs.queue import MAX_RUNS, enqueue
from elearn.jobs.standing import ORDINARY, Standing, stalled, standings, try_again
from elearn.mail.models import Letter
from elearn.media.models import Packaging
from elearn.operations.backups.folder import SHAPE, Backups
from elearn.operations.errors import BrokenBackup

SEND = "mail.send_letter"
LATE = timedelta(hours=1)
"""A letter, or news from Stripe, that has waited for so long waits for somebody."""
LEAST_FREE = 0.1
OLDEST_BACKUP = timedelta(days=2)
WEBHOOKS_OF = timedelta(days=7)
_WAITING = (Letter.sent_at.is_(None), Letter.refused.is_(None))
UNCOUNTED = "feedback/reminder"
"""Right after an owner has reminded a municipality, their number would tell how many there have not answered."""
TRIED_AGAIN = audit.kind("operations.tried_again", "jobs", "letters")


class Trouble(StrEnum):
    """What somebody has to look after."""

    JOBS = "jobs"
    WORKER = "worker"
    """Nobody sends letters or does other ordinary work."""
    LONG_WORK = "long-work"
    """Nobody packages films or makes backups."""
    LETTERS = "letters"
    DISK = "disk"
    BACKUP = "backup"
    DRILL = "drill"
    FILMS = "films"
    """Damaged or missing, so that new backups take nothing of them."""
    WEBHOOKS = "webhooks"


class Usage(NamedTuple):
    """A disk, in bytes."""

    free: int
    total: int


@dataclass(frozen=True)
class State:
    """The figures of one moment."""

    at: datetime
    jobs: list[Standing]
    """Letters' jobs are not among them: letters are counted by themselves."""
    stalled: dict[str, datetime]
    """Queues that nobody works at, each with since when."""
    letters_waiting: int
    """Without reminders of feedback forms (`UNCOUNTED`); how long one of them has waited is told by the next."""
    oldest_letter_at: datetime | None
    letters_given_up: int
    """Nobody tries to send them any more."""
    packagings: dict[str, int]
    webhooks_failed: int
    """Events of the last week that did not fit, or that wait in vain."""
    disk: Usage
    """The fullest of those that the product writes to."""
    makes_backups: bool
    backup_at: datetime | None
    drill_at: datetime | None
    drill_failed_at: datetime | None
    """None once practising has gone well again."""
    films_lacking: int
    """What the newest backup could not have: films, or files of them."""
    database_bytes: int

    @property
    def troubles(self) -> set[Trouble]:
        """What somebody has to look after now."""
        late_letter = self.oldest_letter_at is not None and self.oldest_letter_at < self.at - LATE
        old_backup = self.backup_at is None or self.backup_at < self.at - OLDEST_BACKUP
        found = {
            Trouble.JOBS: any(each.lasting for each in self.jobs),
            Trouble.WORKER: ORDINARY in self.stalled,
            Trouble.LONG_WORK: any(queue != ORDINARY for queue in self.stalled),
            Trouble.LETTERS: bool(self.letters_given_up) or late_letter,
            Trouble.DISK: self.disk.free < LEAST_FREE * self.disk.total,
            Trouble.BACKUP: self.makes_backups and old_backup,
            Trouble.DRILL: self.makes_backups and self.drill_failed_at is not None,
            Trouble.FILMS: self.makes_backups and bool(self.films_lacking),
            Trouble.WEBHOOKS: bool(self.webhooks_failed),
        }
        return {trouble for trouble, is_there in found.items() if is_there}


def state_of(session: Session, settings: Settings) -> State:
    """Look at everything once."""
    backups = Backups(settings.backups)
    newest, drilled, failed = backups.newest(), backups.last_drill(), backups.failed_drill()
    packagings = session.execute(select(Packaging.state, func.count().label("number")).group_by(Packaging.state))
    return State(
        at=clock.now(),
        jobs=[each for each in standings(session) if each.name != SEND],
        stalled=stalled(session),
        letters_waiting=session.scalar(
            select(func.count()).select_from(Letter).where(*_WAITING, Letter.kind != UNCOUNTED)
        )
        or 0,
        oldest_letter_at=session.scalar(select(func.min(Letter.queued_at)).where(*_WAITING)),
        letters_given_up=session.scalar(select(func.count()).select_from(Letter).where(_is_given_up())) or 0,
        packagings={row.state: row.number for row in packagings},
        webhooks_failed=_webhooks_failed(session),
        disk=_fullest_disk(session, settings),
        makes_backups=bool(settings.keep_backups),
        backup_at=datetime.strptime(newest, SHAPE).replace(tzinfo=UTC) if newest else None,
        drill_at=drilled.at if drilled else None,
        drill_failed_at=failed.at if failed else None,
        films_lacking=_lacking(backups, newest),
        database_bytes=_database_bytes(session),
    )


def try_everything_again(session: Session, *, by_id: int) -> int:
    """Have failed jobs, and letters that were given up, tried at once; return how many."""
    jobs = try_again(session)
    left = session.scalars(select(Letter.id).where(_is_given_up())).all()
    for letter_id in left:  # their jobs were forgotten
        enqueue(session, "mail.send_letter", letter_id=letter_id)
    audit.record(session, TRIED_AGAIN, actor_id=by_id, jobs=jobs, letters=len(left))
    return jobs + len(left)


def _fullest_disk(session: Session, settings: Settings) -> Usage:
    """Look at every disk that is written to here; PostgreSQL's own may be another machine's."""
    folders = [settings.data, settings.backups, settings.courses, settings.manifests, Path(tempfile.gettempdir())]
    if session.get_bind().dialect.name == "sqlite":
        folders.append(Path(str(make_url(settings.database_url).database)).parent)
    usages = [shutil.disk_usage(folder) for folder in folders if folder.exists()]
    return min((Usage(each.free, each.total) for each in usages), key=lambda disk: disk.free / disk.total)


def _lacking(backups: Backups, newest: str | None) -> int:
    """Count what the newest backup could not have. One that cannot be read is told of by practising (`drill`)."""
    with suppress(BrokenBackup):
        return len(backups.about(newest).lacking) if newest else 0
    return 0


def _is_given_up() -> ColumnElement[bool]:
    tried = select(Job.arguments["letter_id"].as_integer()).where(
        Job.name == SEND, Job.done_at.is_(None), Job.runs < MAX_RUNS
    )
    return and_(*_WAITING, Letter.id.not_in(tried))


def _webhooks_failed(session: Session) -> int:
    now = clock.now()
    in_vain = StripeEvent.outcome.not_like(f"{WAITS}%") | (StripeEvent.received_at < now - LATE)
    failed = (StripeEvent.outcome.not_in(QUIET), StripeEvent.received_at > now - WEBHOOKS_OF, in_vain)
    return session.scalar(select(func.count()).select_from(StripeEvent).where(*failed)) or 0


def _database_bytes(session: Session) -> int:
    if session.get_bind().dialect.name == "postgresql":
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    return int(session.scalar(pages) or 0)
