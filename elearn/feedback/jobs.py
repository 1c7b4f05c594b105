"""Reminding, once a day: who gets a letter today is a rule of `services.asking`."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.feedback.services.asking import remind_some
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every


@every("feedback.remind_daily", timedelta(days=1))
def remind_daily(_installation: Installation, session: Session) -> None:
    """Begin a round of reminders to those who have a form to answer."""
    enqueue(session, "feedback.remind")


@handles("feedback.remind")
def remind(installation: Installation, *, after: int = 0) -> None:
    """Write to some, and leave the others to the next job; a second run finds them reminded."""
    with installation.database.transaction() as session:
        last = remind_some(session, after=after)
        if last is not None:
            enqueue(session, "feedback.remind", after=last)
