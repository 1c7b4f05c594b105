"""Freeing seats whose invitation nobody has answered, and giving free ones to who waits."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every
from elearn.licensing import services


@handles("licensing.serve_line")
def serve_line(installation: Installation, *, licence_id: int) -> None:
    """Invite who stands first in line; a second run finds nobody."""
    with installation.database.transaction() as session:
        services.serve_line(session, installation.tokens, licence_id=licence_id)


@every("licensing.free_lapsed_seats", timedelta(hours=1))
def free_lapsed_seats(_installation: Installation, session: Session) -> None:
    """Free seats after the last day their invitation held them; hourly, since that day ends locally."""
    services.free_lapsed_seats(session)
