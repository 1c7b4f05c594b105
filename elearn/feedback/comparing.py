"""Which answers are compared: the same question in two forms, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from elearn.feedback.form_files import FormFile, Moment
from elearn.feedback.models import FeedbackForm, FeedbackFormVersion, FeedbackRound
from elearn.feedback.questions import QuestionFile


@dataclass(frozen=True)
class AskedForm:
    """A form with every question that any of its versions has asked, each in its latest words."""

    row: FeedbackForm
    content: FormFile
    """The newest version; after its own sections come those that hold what only earlier versions asked."""
    left_out: frozenset[str]
    """The ids of the questions that the newest version does not ask."""

    @cached_property
    def questions(self) -> dict[str, QuestionFile]:
        """Return the questions by their ids, in the order of the newest version."""
        return {question.id: question for question in self.content.questions()}


def asked_forms(session: Session, course_id: int, *, until: datetime | None = None) -> list[AskedForm]:
    """Return a course's published forms, the oldest first; with `until` as they were published by then."""
    versions = session.execute(
        select(FeedbackForm, FeedbackFormVersion.content)
        .join(FeedbackFormVersion, FeedbackFormVersion.form_id == FeedbackForm.id)
        .where(FeedbackForm.course_id == course_id)
        .where(FeedbackFormVersion.published_at <= until if until else true())
        .order_by(FeedbackForm.id, FeedbackFormVersion.number.desc())
    )
    by_form: dict[FeedbackForm, list[FormFile]] = {}
    for form, content in versions:
        by_form.setdefault(form, []).append(FormFile.model_validate(content))
    return [_asked(form, *found) for form, found in by_form.items()]


def is_asked_in(form: FeedbackForm, round_: FeedbackRound) -> bool:
    """Whether a form is asked in a round, or was while it was open: not where it was retired before."""
    return form.retired_at is None or form.retired_at >= round_.opened_at


def comparisons(forms: Sequence[AskedForm], round_: FeedbackRound) -> dict[tuple[int, str], int]:
    """Return, for each later form and question id, the form whose answers come before in a round.

    An answer is in one comparison at most, the oldest: subtracting the 'before' of one change from that of another
    would tell what the few said that are in one of them alone. It makes no difference that a question or a form is no
    longer asked, so that what is compared once stays so; but a form that was retired before the round opened has no
    answers in it, and leaves the comparison to the one that took its place.
    """
    taking_part = [form for form in forms if is_asked_in(form.row, round_)]
    by_key = {form.row.key: form for form in taking_part}
    taken: set[tuple[int, str]] = set()
    found = {}
    for later in taking_part:
        earlier = by_key.get(later.row.compares_with or "")
        if earlier is None or Moment.AFTER_MODULE in (later.row.moment, earlier.row.moment):
            continue
        before = earlier.questions
        for key, question in later.questions.items():
            sides = {(later.row.id, key), (earlier.row.id, key)}
            if _can_be_compared(question, before.get(key)) and not sides & taken:
                taken |= sides
                found[later.row.id, key] = earlier.row.id
    return found


def _asked(form: FeedbackForm, newest: FormFile, *earlier: FormFile) -> AskedForm:
    now = {question.id for question in newest.questions()}
    known, sections = set(now), list(newest.sections)
    for version in earlier:
        for section in version.sections:
            added = [question for question in section.questions if question.id not in known]
            known |= {question.id for question in added}
            if added:
                sections.append(section.model_copy(update={"questions": added}))
    return AskedForm(form, newest.model_copy(update={"sections": sections}), frozenset(known - now))


def _can_be_compared(question: QuestionFile, other: QuestionFile | None) -> bool:
    return other is not None and question.type == other.type and question.has_mean and other.has_mean
