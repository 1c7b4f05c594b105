"""Telling the installation's operator of trouble: once when it has lasted, and once when it is over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.config import Settings
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.standing import ORDINARY, stalled
from elearn.mail.jobs import send_letter
from elearn.mail.models import Letter
from elearn.operations import emails
from elearn.operations.models import OpenTrouble
from elearn.operations.state import Trouble, state_of


def look_after(session: Session, settings: Settings) -> None:
    """Compare what is there with what was told. What is gone at the next look was no trouble: nobody hears of it."""
    now, there = clock.now(), state_of(session, settings).troubles
    known = {Trouble(each.trouble): each for each in session.scalars(select(OpenTrouble))}
    for new in sorted(there - known.keys()):
        session.add(OpenTrouble(trouble=new, since=now))
    for trouble, noted in sorted(known.items()):
        if trouble in there and noted.told_at is None:
            noted.told_at = now
            emails.there_is(session, settings, trouble)
        elif trouble not in there:
            if noted.told_at is not None:
                emails.is_over(session, settings, trouble)
            session.delete(noted)


def tell_without_worker(installation: Installation) -> int:
    """Mail the operator, past the queue, that no worker takes letters; return how many left.

    While only films and backups stand still nothing is done: the worker of letters tells that, and might send the same
    letter in the same moment. Told once, as by `look_after`, which the worker calls when it is back. A letter that the
    mail server did not take is tried at the next call. Raises what `transport.send` does.
    """
    settings = installation.settings
    with installation.database.transaction() as session:
        if not settings.alerts_to or ORDINARY not in stalled(session):
            return 0
        noted = session.get(OpenTrouble, Trouble.WORKER) or OpenTrouble(trouble=Trouble.WORKER, since=clock.now())
        if noted.told_at is None:
            noted.told_at = clock.now()
            session.add(noted)
            emails.there_is(session, settings, Trouble.WORKER)
        waiting = (Letter.recipient == settings.alerts_to, Letter.sent_at.is_(None), Letter.refused.is_(None))
        left = session.scalars(select(Letter.id).where(*waiting)).all()
    for letter_id in left:
        send_letter(installation, letter_id=letter_id)
    return len(left)
