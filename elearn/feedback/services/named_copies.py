"""Where answers under a name are kept without it, too: in the spool, and their texts after the release.

No column leads there, only the words: where two have written the same, it makes no difference which is found.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.feedback.form_files import FormFile
from elearn.feedback.models import FeedbackFormVersion, FeedbackText, NamedResponse, SpooledResponse


def own_words(session: Session, response: NamedResponse) -> dict[str, str]:
    """Return what somebody answered in their own words, by question id."""
    version = session.get_one(FeedbackFormVersion, response.form_version_id)
    asked = [question.id for question in FormFile.model_validate(version.content).questions() if question.is_text]
    return {question: response.answers[question] for question in asked if question in response.answers}


def spooled_copy(session: Session, response: NamedResponse) -> SpooledResponse | None:
    """Return the same answers while they wait for their release, locked."""
    waiting = session.scalars(
        select(SpooledResponse)
        .where(SpooledResponse.round_id == response.round_id, SpooledResponse.form_id == response.form_id)
        .where(SpooledResponse.municipality_id == response.municipality_id, SpooledResponse.about == response.about)
        .with_for_update()
    )
    return next((row for row in waiting if row.answers == response.answers), None)


def released_copy(session: Session, response: NamedResponse, question: str) -> FeedbackText | None:
    """Return the same text after its release, locked."""
    return session.scalar(
        select(FeedbackText)
        .where(FeedbackText.round_id == response.round_id, FeedbackText.form_id == response.form_id)
        .where(FeedbackText.question == question, FeedbackText.text == response.answers[question])
        .order_by(FeedbackText.id)
        .limit(1)
        .with_for_update()
    )
