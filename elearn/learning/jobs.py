"""The nightly look at the help lines, reminders, and completions after a publication."""

import logging
from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every
from elearn.learning import completion, help_lines, nudges

_log = logging.getLogger(__name__)


@every("learning.check_help_lines", timedelta(days=1))
def check_help_lines(_installation: Installation, _session: Session) -> None:
    """Name the numbers that nobody has confirmed for 90 days, until somebody does."""
    for number in help_lines.unconfirmed(clock.today("DK")):
        _log.warning("help line %s: nobody has confirmed it for 90 days; see %s", number, help_lines.FILE.name)


@every("learning.nudge_daily", timedelta(days=1))
def nudge_daily(_installation: Installation, session: Session) -> None:
    """Begin a round of reminders to those who stopped in a course."""
    enqueue(session, "learning.nudge")


@handles("learning.nudge")
def nudge(installation: Installation, *, after: int = 0) -> None:
    """Write to some of those who stopped, and leave the others to the next job; a second run finds them told."""
    with installation.database.transaction() as session:
        last = nudges.nudge_some(session, after=after)
        if last is not None:
            enqueue(session, "learning.nudge", after=last)


@handles("learning.complete_courses")
def complete_courses(installation: Installation, *, course_id: int, after: int = 0) -> None:
    """Complete a course for some whom its new version leaves nothing to do, and leave the others to the next job."""
    with installation.database.transaction() as session:
        last = completion.complete_some(session, course_id=course_id, after=after)
        if last is not None:
            enqueue(session, "learning.complete_courses", course_id=course_id, after=last)
