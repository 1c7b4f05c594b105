"""Which answers are compared: the same question in two forms, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.feedback.form_files import FormFile, Moment
from elearn.feedback.models import FeedbackForm, FeedbackFormVersion
from elearn.feedback.questions import QuestionFile


@dataclass(frozen=True)
class AskedForm:
    """A form with every question that any of its versions has asked, each in its latest words."""

    row: FeedbackForm
    questions: dict[str, QuestionFile]


def asked_forms(session: Session, course_id: int) -> list[AskedForm]:
    """Return a course's forms, the oldest first, with the questions in the order of the newest version."""
    forms = session.scalars(select(FeedbackForm).where(FeedbackForm.course_id == course_id).order_by(FeedbackForm.id))
    versions = session.execute(
        select(FeedbackFormVersion.form_id, FeedbackFormVersion.content)
        .join(FeedbackForm, FeedbackForm.id == FeedbackFormVersion.form_id)
        .where(FeedbackForm.course_id == course_id)
        .order_by(FeedbackFormVersion.number.desc())
    )
    asked: dict[int, dict[str, QuestionFile]] = {}
    for form_id, content in versions:
        for question in FormFile.model_validate(content).questions():
            asked.setdefault(form_id, {}).setdefault(question.id, question)
    return [AskedForm(form, asked.get(form.id, {})) for form in forms]


def comparisons(forms: Sequence[AskedForm]) -> dict[tuple[int, str], int]:
    """Return, for each later form and question id, the form whose answers come before.

    An answer is in one comparison at most, the oldest: subtracting the 'before' of one change from that of another
    would tell what the few said that are in one of them alone. It makes no difference that a question is no longer
    asked, so that what is compared once stays so.
    """
    by_key = {form.row.key: form for form in forms}
    taken: set[tuple[int, str]] = set()
    found = {}
    for later in forms:
        earlier = by_key.get(later.row.compares_with or "")
        if earlier is None or Moment.AFTER_MODULE in (later.row.moment, earlier.row.moment):
            continue
        for key, question in later.questions.items():
            sides = {(later.row.id, key), (earlier.row.id, key)}
            if _can_be_compared(question, earlier.questions.get(key)) and not sides & taken:
                taken |= sides
                found[later.row.id, key] = earlier.row.id
    return found


def _can_be_compared(question: QuestionFile, other: QuestionFile | None) -> bool:
    return other is not None and question.type == other.type and question.has_mean and other.has_mean
