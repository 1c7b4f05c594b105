"""The schema of a form: `courses/<slug>/forms/<id>.yaml`, and the same from the database (docs/feedback-forms.md)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from elearn.catalogue.course_files import Id
from elearn.core.file_rules import Wrong
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback.errors import BadAnswer, BadAnswers, Fault
from elearn.feedback.form_sentences import FormFileRule
from elearn.feedback.questions import QuestionFile
from elearn.feedback.words import Group, Words


class Audience(StrEnum):
    """Whom a form asks."""

    STAFF = "staff"
    LEADER = "leader"
    BUYER = "buyer"
    GUEST = "guest"
    """Anybody with an occasion's code."""


class Moment(StrEnum):
    """When a form is due."""

    BEFORE_START = "before-start"
    AFTER_MODULE = "after-module"
    COMPLETION = "completion"
    LATER = "later"
    """90 days after completion."""
    ON_REQUEST = "on-request"


class Level(StrEnum):
    """What a section tells about: Kirkpatrick's four levels, the order of the evaluation."""

    REACTION = "reaction"
    LEARNING = "learning"
    BEHAVIOUR = "behaviour"
    RESULTS = "results"


LATER_DAYS = 90


def _distinct_audience(values: list[Audience]) -> list[Audience]:
    if len(set(values)) < len(values):
        raise Wrong(FormFileRule.AUDIENCE_TWICE)
    return values


class SectionFile(Group):
    """Some questions under a heading."""

    id: Id
    title: Words
    intro: Words | None = Field(default=None, description=_l("one sentence below the heading"))
    level: Level = Field(
        default=Level.REACTION,
        description=_l("reaction, learning, behaviour or results: where the evaluation shows it"),
    )
    questions: list[QuestionFile] = Field(min_length=1, max_length=50, description=_l("at least one question"))


class FormFile(Group):
    """A feedback form: what is read from its file is what is stored and what is shown."""

    id: Id
    title: Words
    intro: Words | None = Field(default=None, description=_l("one sentence above the first question"))
    audience: Annotated[list[Audience], AfterValidator(_distinct_audience)] = Field(
        min_length=1, description=_l("whom it asks, such as [staff] or [leader, buyer]")
    )
    moment: Moment = Field(description=_l("before-start, after-module, completion, later or on-request"))
    anonymous: bool = Field(default=True, description=_l("true or false"))
    asks_first: bool = Field(
        default=False, description=_l("true or false: the course page asks it before the first module, with 'not now'")
    )
    compares_with: Id | None = Field(
        default=None, description=_l("the id of the form whose answers to the same question ids come before these")
    )
    sections: list[SectionFile] = Field(min_length=1, max_length=20, description=_l("at least one section"))

    def questions(self) -> Iterator[QuestionFile]:
        """Yield the questions in order."""
        for section in self.sections:
            yield from section.questions

    def question(self, key: str) -> QuestionFile | None:
        """Return a question by its id."""
        return next((question for question in self.questions() if question.id == key), None)

    def is_shown(self, question: QuestionFile, answers: dict[str, Any]) -> bool:
        """Whether a question is asked after clean answers to those before it."""
        condition = question.show_if
        if condition is None:
            return True
        given = answers.get(condition.question)
        said = {str(each) for each in given} if isinstance(given, list) else {str(given)}
        return bool(said & set(condition.answer))

    def clean(self, raw: dict[str, Any], *, is_draft: bool = False) -> dict[str, Any]:
        """Return clean answers by question id: those that were given to questions that are asked.

        A draft may lack required ones. Raises `BadAnswers`, with every fault there is.
        """
        answers: dict[str, Any] = {}
        faults: dict[str, Fault] = {}
        for question in self.questions():
            if not self.is_shown(question, answers):
                continue
            try:
                answer = _clean(question, raw.get(question.id))
            except BadAnswer as bad:
                faults[question.id] = bad.fault
                continue
            if answer is not None:
                answers[question.id] = answer
            elif question.required:
                faults[question.id] = Fault.MISSING
        if is_draft:
            faults = {key: fault for key, fault in faults.items() if fault != Fault.MISSING}
        if faults:
            raise BadAnswers(faults)
        return answers


def _clean(question: QuestionFile, given: Any) -> Any:
    """Return a clean answer, or None when nothing was answered."""
    if given in (None, "", [], {}):
        return None
    answer = question.clean(given)
    return None if answer in ("", [], {}) else answer
