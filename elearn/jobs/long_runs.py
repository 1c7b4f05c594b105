"""What a worker has of a job while it runs it: a lease that it keeps as long as it works, and a word to stop.

The lease is a short one, so that when a worker is killed another takes its job up soon.
"""

import logging
import threading
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.models import Job

LEASE = timedelta(minutes=1)
RENEWED_EVERY_S = 15.0

_log = logging.getLogger(__name__)


class Stopped(Exception):
    """The worker is to stop, or another one has the job now: it is put back as it was, and has not failed."""


class LongRun:
    """One run of a job that was leased just now. The handler of a long one calls `check` as often as it can."""

    def __init__(self, installation: Installation, job_id: int, number: int, stop: threading.Event) -> None:
        self.number = number
        """How often the job was taken, this run included."""
        self._installation, self._job_id, self._stop = installation, job_id, stop
        self._is_lost = False
        self._has_ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep_lease, daemon=True)

    def __enter__(self) -> "LongRun":
        self._keeper.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._has_ended.set()
        self._keeper.join()

    def check(self) -> None:
        """Go on, or raise `Stopped`."""
        if self._is_lost or self._stop.is_set():
            raise Stopped

    def has_its_job(self, session: Session) -> bool:
        """Whether no other worker has taken the job up, nor does before the transaction ends."""
        runs = session.scalar(select(Job.runs).where(Job.id == self._job_id).with_for_update())
        return runs == self.number

    def _keep_lease(self) -> None:
        while not self._has_ended.wait(RENEWED_EVERY_S):
            try:
                self._renew()
            except SQLAlchemyError:
                _log.exception("the lease of job %s could not be renewed; trying again", self._job_id)

    def _renew(self) -> None:
        with self._installation.database.transaction() as session:
            renewed = session.execute(
                update(Job)
                .where(Job.id == self._job_id, Job.runs == self.number)
                .values(leased_until=clock.now() + LEASE)
            )
        self._is_lost = not renewed.rowcount  # type: ignore[attr-defined]  # an UPDATE has one
