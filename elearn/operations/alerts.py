"""Telling the installation's operator of trouble: once when it has lasted, and once when it is over."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.config import Settings
from elearn.core import clock
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
