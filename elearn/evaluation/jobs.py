"""Evaluation's background work: the weekly release, and what is due on the disk after one."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.installation import Installation
from elearn.evaluation.services.closing import close_round
from elearn.evaluation.services.releasing import release_and_publish, rounds_to_release
from elearn.feedback.models import FeedbackRound, FeedbackText, NamedResponse, SpooledResponse
from elearn.jobs.queue import enqueue, handles
from elearn.jobs.schedule import every


@every("evaluation.release_weekly", timedelta(hours=1))
def release_weekly(_installation: Installation, session: Session) -> None:
    """Have every open round released whose turn of this week is still to come."""
    for round_id in rounds_to_release(session):
        enqueue(session, "evaluation.release", round_id=round_id)


@handles("evaluation.release")
def release(installation: Installation, *, round_id: int) -> None:
    """Release a round and publish its figures, in one transaction; a second run of the same week does nothing."""
    with installation.database.transaction() as session:
        round_ = session.get(FeedbackRound, round_id, with_for_update=True)
        if round_ is not None and round_id in rounds_to_release(session):
            release_and_publish(session, round_)


@handles("evaluation.close")
def close(installation: Installation, *, round_id: int, by_id: int) -> None:
    """Close a round that its owner asked to close; a second run does nothing."""
    with installation.database.transaction() as session:
        if (round_ := session.get(FeedbackRound, round_id)) is not None:
            close_round(session, round_, by=session.get(Person, by_id))


@handles("evaluation.rewrite_spool")
def rewrite_spool(installation: Installation) -> None:
    """Leave no byte of deleted responses in the spool's pages."""
    installation.database.rewrite_table(SpooledResponse)


@handles("evaluation.rewrite_texts")
def rewrite_texts(installation: Installation) -> None:
    """Leave no byte of a passage that was taken out in the pages of texts and named answers."""
    installation.database.rewrite_table(FeedbackText)
    installation.database.rewrite_table(NamedResponse)
