"""Sending letters."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import handles
from elearn.jobs.schedule import every
from elearn.mail import transport
from elearn.mail.models import Letter
from elearn.mail.rendering import render

LONGEST_REFUSAL = 300


@handles("mail.send_letter")
def send_letter(installation: Installation, *, letter_id: int) -> None:
    """Send a letter; the queue tries again when the mail server did not take it.

    An address that the server refuses for good, or that no letter can be addressed to, is noted on the letter, and
    that is the end of it.
    A crash between sending and noting it sends the letter twice, under one Message-ID.
    """
    with installation.database.reader() as session:
        letter = session.get(Letter, letter_id)
    if letter is None or letter.sent_at or letter.refused:
        return
    try:
        transport.send(installation.settings, render(installation, letter), name=letter.file_stem)
        outcome: dict[str, Any] = {"sent_at": clock.now()}
    except transport.AddressRefused as refused:
        outcome = {"refused": str(refused)[:LONGEST_REFUSAL]}
    with installation.database.transaction() as session:
        session.execute(update(Letter).where(Letter.id == letter_id).values(outcome))


@every("mail.forget_sent_letters", timedelta(hours=6))
def forget_sent_letters(installation: Installation, session: Session) -> None:
    """Delete letters some days after they were sent, as the settings say, or written, if they never could be.

    Those that came back are left: an invitation may still need them (`personal_data.retention`).
    """
    before = clock.now() - timedelta(days=installation.settings.keep_letters_days)
    written = func.coalesce(Letter.sent_at, Letter.queued_at)
    old = session.scalars(select(Letter).where(written < before, Letter.refused.is_(None)))
    for letter in old:
        transport.forget(installation.settings, letter.file_stem)
        session.delete(letter)
