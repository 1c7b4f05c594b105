"""Sending letters."""

from datetime import timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.installation import Installation
from elearn.jobs.queue import LONGEST_TRYING, handles
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

    Those that are still tried are left, however few days the settings name. So are those that came back: an invitation
    may still need them (`personal_data.retention`).
    """
    now = clock.now()
    before = now - timedelta(days=installation.settings.keep_letters_days)
    never_sent = and_(Letter.sent_at.is_(None), Letter.queued_at < min(before, now - LONGEST_TRYING))
    old = session.scalars(select(Letter).where(or_(Letter.sent_at < before, never_sent), Letter.refused.is_(None)))
    for letter in old:
        transport.forget(installation.settings, letter.file_stem)
        session.delete(letter)
