"""Forgetting what no longer says anything: jobs that are done, and attempts of past windows. And a sign of life."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.core.limits import forget_old_attempts
from elearn.jobs.queue import forget_done_jobs
from elearn.jobs.schedule import every


@every("jobs.forget_what_is_done", timedelta(hours=6))
def forget_what_is_done(installation: Installation, session: Session) -> None:
    """Delete done jobs and old counts of attempts."""
    forget_done_jobs(session, days=installation.settings.keep_jobs_days)
    forget_old_attempts(session)


@every("jobs.sign_of_life", timedelta(minutes=1))
def give_sign_of_life(_installation: Installation, _session: Session) -> None:
    """Do nothing: that its row was moved on says that a worker was here (`standing.SIGN_OF_LIFE`)."""
