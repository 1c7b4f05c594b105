"""The weekly release: answers leave the spool, are taken in as far as may be, and the figures are computed anew."""

from datetime import datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.evaluation.services.publishing import publish_tables
from elearn.evaluation.services.taking_in import take_in
from elearn.feedback.models import FeedbackBatch, FeedbackRound
from elearn.feedback.services import releasing
from elearn.jobs.queue import enqueue

RELEASE_WEEKDAY = 0
RELEASE_TIME = time(6)
"""Mondays at six, in Copenhagen: a fixed time, so that nobody's answering can be told from a figure's change."""


def last_release_time() -> datetime:
    """Return the latest instant at which a release was due."""
    local = clock.now().astimezone(clock.ZONES["DK"])
    monday = local.date() - timedelta(days=(local.weekday() - RELEASE_WEEKDAY) % 7)
    due = datetime.combine(monday, RELEASE_TIME, tzinfo=clock.ZONES["DK"])
    return due if due <= local else datetime.combine(monday - timedelta(days=7), RELEASE_TIME, tzinfo=local.tzinfo)


def rounds_to_release(session: Session) -> list[int]:
    """Return the open rounds whose release of this week has not been made."""
    due = last_release_time()
    is_done = exists().where(FeedbackBatch.round_id == FeedbackRound.id, FeedbackBatch.released_at >= due)
    return list(
        session.scalars(
            select(FeedbackRound.id).where(FeedbackRound.closed_at.is_(None), FeedbackRound.opened_at < due, ~is_done)
        )
    )


def release_and_publish(session: Session, round_: FeedbackRound) -> FeedbackBatch:
    """Release a round's answers and publish its figures; what was deleted leaves the disk right after the commit."""
    batch = releasing.release(session, round_=round_)
    take_in(session, round_, batch)
    publish_tables(session, round_, batch)
    enqueue(session, "evaluation.rewrite_spool")
    return batch
