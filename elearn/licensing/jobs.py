"""Freeing seats whose invitation nobody has answered."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.schedule import every
from elearn.licensing import services


@every("licensing.free_lapsed_seats", timedelta(hours=1))
def free_lapsed_seats(_installation: Installation, session: Session) -> None:
    """Free seats after the last day their invitation held them; hourly, since that day ends locally."""
    services.free_lapsed_seats(session)
