"""What feedback holds about people, and how it is forgotten. Anonymous answers lead to nobody, so they stay."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from elearn.catalogue.models import Course
from elearn.feedback.models import (
    FeedbackAsk,
    FeedbackOccasion,
    FeedbackReceipt,
    FeedbackRound,
    NamedResponse,
    SpooledResponse,
)
from elearn.feedback.services import named_copies
from elearn.jobs.queue import enqueue

OF_A_MUNICIPALITY: list[Any] = [FeedbackReceipt, NamedResponse, SpooledResponse, FeedbackOccasion]
"""What goes when a municipality leaves."""


def forget_what_is_old(session: Session, *, before: datetime) -> None:
    """Delete who has answered what in rounds closed before an instant, and drafts that were last saved before it."""
    closed = select(FeedbackRound.id).where(FeedbackRound.closed_at < before)
    for model in (FeedbackReceipt, FeedbackAsk, NamedResponse):
        session.execute(delete(model).where(model.round_id.in_(closed)))
    session.execute(delete(NamedResponse).where(NamedResponse.submitted_at.is_(None), NamedResponse.saved_at < before))


def forget_words(session: Session, person_id: int) -> None:
    """Delete what somebody wrote in their own words under their name, where it is kept without the name as well.

    What they chose on scales and among options stays in the figures. Where two have written the same, one text goes.
    """
    given = select(NamedResponse).where(NamedResponse.person_id == person_id, NamedResponse.submitted_at.is_not(None))
    for response in session.scalars(given).all():
        words = named_copies.own_words(session, response)
        if waiting := named_copies.spooled_copy(session, response):
            waiting.answers = {question: each for question, each in waiting.answers.items() if question not in words}
            enqueue(session, "evaluation.rewrite_spool")
            continue
        for question in words:
            if released := named_copies.released_copy(session, response, question):
                session.delete(released)
        enqueue(session, "evaluation.rewrite_texts")


def let_go(session: Session, *, course_house_id: int, municipality_id: int) -> None:
    """Delete what a leaving municipality's people have answered and is not yet without a name; its occasions, too."""
    for model in OF_A_MUNICIPALITY:
        session.execute(
            delete(model)
            .where(model.municipality_id == municipality_id, model.round_id.in_(_rounds(course_house_id)))
            .execution_options(synchronize_session=False)
        )


def receipts_of(course_house_id: int, municipality_id: int) -> Select[int]:
    """Return who of a municipality has answered a house's forms: a row for each form and person."""
    return select(FeedbackReceipt.person_id).where(
        FeedbackReceipt.municipality_id == municipality_id, FeedbackReceipt.round_id.in_(_rounds(course_house_id))
    )


def occasions_of(course_house_id: int, municipality_id: int) -> Select[int]:
    """Return the occasions that a house has made for a municipality."""
    return select(FeedbackOccasion.id).where(
        FeedbackOccasion.municipality_id == municipality_id, FeedbackOccasion.round_id.in_(_rounds(course_house_id))
    )


def _rounds(course_house_id: int) -> Select[int]:
    return (
        select(FeedbackRound.id)
        .join(Course, Course.id == FeedbackRound.course_id)
        .where(Course.course_house_id == course_house_id)
    )
