"""The nightly look at the help lines."""

import logging
from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.schedule import every
from elearn.learning import help_lines

_log = logging.getLogger(__name__)


@every("learning.check_help_lines", timedelta(days=1))
def check_help_lines(_installation: Installation, _session: Session) -> None:
    """Name the numbers that nobody has confirmed for 90 days, until somebody does."""
    for number in help_lines.unconfirmed(clock.today("DK")):
        _log.warning("help line %s: nobody has confirmed it for 90 days; see %s", number, help_lines.FILE.name)
