"""What happens to seats by itself: reminders, seats freed when nobody answers, free ones given to who waits."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.core.installation import Installation
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every
from elearn.licensing import services


@handles("licensing.serve_line")
def serve_line(installation: Installation, *, licence_id: int) -> None:
    """Invite who stands first in line; a second run finds nobody."""
    with installation.database.transaction() as session:
        services.serve_line(session, installation.tokens, licence_id=licence_id)


@handles("licensing.send_joining")
def send_joining(installation: Installation, *, join_link_id: int, address: str, called: str, language: str) -> None:
    """Mail whoever wants to join by a link; a second run mails a fresh letter, and the one before is dead."""
    with installation.database.transaction() as session:
        services.send_joining(
            session, installation.tokens, join_link_id=join_link_id, address=address, called=called, language=language
        )


@every("licensing.serve_lines", timedelta(minutes=10))
def serve_lines(_installation: Installation, session: Session) -> None:
    """Look after every line that has a free seat before it: what a crash or a moment's race has left behind."""
    services.serve_lines(session)


@every("licensing.tell_of_requests", timedelta(minutes=15))
def tell_of_requests(_installation: Installation, session: Session) -> None:
    """Tell buyers how many ask for a seat, at most once a day."""
    services.tell_of_requests(session)


@handles("licensing.send_message")
def send_message(installation: Installation, *, message_id: int) -> None:
    """Make some of the letters of a buyer's message, and leave the others to the next job."""
    with installation.database.transaction() as session:
        if services.write_some(session, message_id=message_id):
            enqueue(session, "licensing.send_message", message_id=message_id)


@every("licensing.warn", timedelta(hours=1))
def warn(_installation: Installation, session: Session) -> None:
    """Tell buyers and course houses which licences end soon, fill up, or have nobody who manages them."""
    services.warn(session)


@every("licensing.remind_hourly", timedelta(hours=1))
def remind_hourly(_installation: Installation, session: Session) -> None:
    """Begin a round of reminders of open invitations."""
    enqueue(session, "licensing.remind")


@handles("licensing.remind")
def remind(installation: Installation, *, after: int = 0) -> None:
    """Remind some of those who have not answered, and leave the others to the next job."""
    with installation.database.transaction() as session:
        last = services.remind_some(session, installation.tokens, after=after)
        if last is not None:
            enqueue(session, "licensing.remind", after=last)


@every("licensing.tell_of_ends_hourly", timedelta(hours=1))
def tell_of_ends_hourly(_installation: Installation, session: Session) -> None:
    """Begin a round of letters to those whose own seat ends soon."""
    enqueue(session, "licensing.tell_of_ends")


@handles("licensing.tell_of_ends")
def tell_of_ends(installation: Installation, *, after: int = 0) -> None:
    """Write to some of those whose seat ends soon, and leave the others to the next job; a second run tells nobody."""
    with installation.database.transaction() as session:
        last = services.tell_of_ends(session, after=after)
        if last is not None:
            enqueue(session, "licensing.tell_of_ends", after=last)


@every("licensing.free_lapsed_seats", timedelta(hours=1))
def free_lapsed_seats(_installation: Installation, session: Session) -> None:
    """Free seats after the last day their invitation held them; hourly, since that day ends locally."""
    services.free_lapsed_seats(session)
