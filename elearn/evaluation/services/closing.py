"""Closing an evaluation: the last figures, and no more pairs."""

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.evaluation.services.publishing import publish_tables
from elearn.evaluation.services.taking_in import pool_the_rest, take_in
from elearn.feedback.models import FeedbackRound
from elearn.feedback.services import releasing
from elearn.jobs.queue import enqueue


def ask_to_close(session: Session, round_: FeedbackRound, *, by: Person) -> None:
    """Take no more answers to a round from now on, and have it closed by a job: with many answers that takes minutes.

    Asking again changes nothing.
    """
    locked = session.get_one(FeedbackRound, round_.id, with_for_update=True, populate_existing=True)
    if locked.takes_answers:
        locked.closing_asked_at = clock.now()
        enqueue(session, "evaluation.close", round_id=locked.id, by_id=by.id)
        session.flush()


def close_round(session: Session, round_: FeedbackRound, *, by: Person | None) -> None:
    """Release and take in all that may be, publish the last figures, destroy the pairing keys, close the round.

    From then on the figures stay as they are; a new round may be opened. Closing again changes nothing.
    """
    locked = session.get_one(FeedbackRound, round_.id, with_for_update=True, populate_existing=True)
    if locked.closed_at is not None:
        return
    batch = releasing.close(session, round_=locked, by=by.id if by else None)
    take_in(session, locked, batch)
    pool_the_rest(session, locked, batch)
    publish_tables(session, locked, batch)
    releasing.forget_pairs(session, round_=locked)
    enqueue(session, "evaluation.rewrite_spool")
    enqueue(session, "evaluation.rewrite_texts")  # too few of a question were destroyed
