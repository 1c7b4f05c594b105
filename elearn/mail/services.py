"""Queueing letters."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.tokens import Minted
from elearn.jobs.queue import enqueue, enqueue_many
from elearn.mail.models import Letter


def queue(
    session: Session,
    kind: str,
    *,
    to: str,
    language: str,
    context: dict[str, Any],
    token_purpose: str | None = None,
    token: Minted | None = None,
    reply_to: str | None = None,
) -> Letter:
    """Queue a letter in the caller's transaction; it leaves after the commit, at least once.

    `context` fills the templates and holds no secret; a link's token is derived when the letter is rendered.
    `reply_to` is where an answer goes.
    """
    letter = Letter(
        kind=kind,
        recipient=to,
        reply_to=reply_to,
        language=language,
        context=context,
        token_purpose=token_purpose,
        token_nonce=token.nonce if token else None,
        queued_at=clock.now(),
    )
    session.add(letter)
    session.flush()  # the job names the letter's id
    enqueue(session, "mail.send_letter", letter_id=letter.id)
    return letter


def queue_many(session: Session, letters: Sequence[dict[str, Any]]) -> list[int]:
    """Queue many letters, given as rows of the outbox, as `queue` does; return their ids in order."""
    ids = session.scalars(insert(Letter).returning(Letter.id, sort_by_parameter_order=True), letters).all()
    enqueue_many(session, "mail.send_letter", [{"letter_id": letter_id} for letter_id in ids])
    return list(ids)
