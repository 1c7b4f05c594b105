"""Sending letters."""

from datetime import timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every
from elearn.mail import transport
from elearn.mail.models import Letter
from elearn.mail.rendering import render

KEPT_AFTER_SENDING = timedelta(days=30)


@handles("mail.send_letter")
def send_letter(installation: Installation, *, letter_id: int) -> None:
    """Send a letter; the queue tries again when the mail server did not take it.

    A crash between sending and noting it sends the letter twice, under one Message-ID.
    """
    with installation.database.reader() as session:
        letter = session.get(Letter, letter_id)
    if letter is None or letter.sent_at:
        return
    transport.send(installation.settings, render(installation, letter), name=letter.file_stem)
    with installation.database.transaction() as session:
        session.execute(update(Letter).where(Letter.id == letter_id).values(sent_at=clock.now()))


@every("mail.forget_sent_letters", timedelta(hours=6))
def forget_sent_letters(_installation: Installation, session: Session) -> None:
    """Delete letters a month after they were sent."""
    session.execute(delete(Letter).where(Letter.sent_at < clock.now() - KEPT_AFTER_SENDING))
