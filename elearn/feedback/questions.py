"""The types of question. Each is one class: what its file says, which answers it takes, and how they are counted.

Adding a type is a class here, listed in `QuestionFile`, and its widget in `forms.py` (a test asks for one). Nothing
here knows of HTTP: evaluation reads these classes, too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from elearn.catalogue.course_files import Id
from elearn.core.file_rules import Wrong
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback.errors import BadAnswer, Fault
from elearn.feedback.form_sentences import FormFileRule
from elearn.feedback.free_text import names_a_number
from elearn.feedback.words import Choices, Group, Words

SCALE_POINTS = (5, 7)
STARS = 5
TOP_RECOMMENDATION = 10
Labels = Annotated[
    list[Words], Field(description=_l("5 or 7 labels, one for each point, the lowest first, such as - {da: Slet ikke}"))
]


@dataclass(frozen=True, slots=True)
class Counted:
    """What one answer adds to the figures: to a scale a number, to a choice a word, each under an item."""

    item: str = ""
    """The row of a matrix or the option of a multiple choice."""
    number: int | None = None
    choice: str | None = None


class ShowIf(Group):
    """That a question is asked only after certain answers to an earlier one."""

    question: Id = Field(description=_l("the id of an earlier question"))
    answer: list[str] = Field(
        min_length=1,
        max_length=20,
        description=_l("the answers after which it is asked, such as [often, daily] or [4, 5]"),
    )


class _Question(Group):
    has_mean: ClassVar[bool] = False
    """Whether its numbers lie on a scale with a mean."""
    is_text: ClassVar[bool] = False
    is_scale: ClassVar[bool] = False
    """Whether a small group that agrees tells what each of it said (promises of section 6)."""

    id: Id
    text: Words
    help: Words | None = Field(default=None, description=_l("one sentence below the question"))
    required: bool = Field(default=False, description=_l("true or false: nobody may leave it out"))
    show_if: ShowIf | None = None

    def items(self) -> list[str]:
        """Return what its answers are counted under: the rows of a matrix, the options of a multiple choice, or ''."""
        return [""]

    def values(self) -> list[int | str]:
        """Return every answer that may be counted under an item, in order; empty where there are too many."""
        return []

    def offers(self) -> list[str]:
        """Return the answers that a later question's `show_if` may name."""
        return [str(value) for value in self.values()]

    def kind(self) -> tuple[Any, ...]:
        """Return what a question keeps in all versions of a form, so that its answers can be counted together."""
        return ("text",) if self.is_text else (type(self), len(self.values()) if self.is_scale else 0)

    def shape(self) -> tuple[Any, ...]:
        """Return what questions of one id have in common in all forms of a course, so that they can be compared."""
        return self.kind() if self.is_text else (*self.kind(), *self.items(), *self.values())


class _Points(_Question):
    """A question answered by one whole number of a short scale."""

    has_mean: ClassVar[bool] = True
    is_scale: ClassVar[bool] = True

    def _range(self) -> range:
        raise NotImplementedError

    def values(self) -> list[int | str]:
        """Return the points."""
        return list(self._range())

    def clean(self, raw: Any) -> int:
        """Return the point that was chosen. Raises `BadAnswer`."""
        return _whole(raw, self._range())

    def counted(self, answer: int) -> list[Counted]:
        """Return what an answer adds to the figures."""
        return [Counted(number=answer)]


class Scale(_Points):
    """A labelled 5- or 7-point scale."""

    type: Literal["scale"]
    labels: Labels

    @field_validator("labels")
    @classmethod
    def _five_or_seven(cls, labels: list[dict[str, str]]) -> list[dict[str, str]]:
        return _as_many_as_points(labels)

    def _range(self) -> range:
        return range(1, len(self.labels) + 1)


class Rating(_Points):
    """One to five stars: one tap."""

    type: Literal["rating"]

    def _range(self) -> range:
        return range(1, STARS + 1)


class Recommendation(_Points):
    """How likely somebody is to recommend the course to a colleague, from 0 to 10."""

    type: Literal["recommendation"]

    def _range(self) -> range:
        return range(TOP_RECOMMENDATION + 1)


class Number(_Question):
    """A whole number within limits."""

    has_mean: ClassVar[bool] = True

    type: Literal["number"]
    least: int = Field(default=0, ge=-1_000_000, le=1_000_000, description=_l("the smallest number that is taken"))
    most: int = Field(default=1000, ge=-1_000_000, le=1_000_000, description=_l("the largest number that is taken"))

    @model_validator(mode="after")
    def _least_before_most(self) -> "Number":
        if self.least > self.most:
            raise Wrong(FormFileRule.LEAST_OVER_MOST, least=self.least, most=self.most)
        return self

    def clean(self, raw: Any) -> int:
        """Return the number. Raises `BadAnswer`."""
        try:
            number = int(str(raw).strip())
        except ValueError:
            raise BadAnswer(Fault.NOT_AN_ANSWER) from None
        if number < self.least:
            raise BadAnswer(Fault.TOO_SMALL)
        if number > self.most:
            raise BadAnswer(Fault.TOO_LARGE)
        return number

    def counted(self, answer: int) -> list[Counted]:
        """Return what an answer adds to the figures."""
        return [Counted(number=answer)]


class SingleChoice(_Question):
    """One of some options."""

    type: Literal["single"]
    options: Choices = Field(min_length=2, max_length=30, description=_l("at least two options, each with id and text"))

    def values(self) -> list[int | str]:
        """Return the options."""
        return [option.id for option in self.options]

    def clean(self, raw: Any) -> str:
        """Return the option that was chosen. Raises `BadAnswer`."""
        if raw not in self.values():
            raise BadAnswer(Fault.NOT_AN_ANSWER)
        return str(raw)

    def counted(self, answer: str) -> list[Counted]:
        """Return what an answer adds to the figures."""
        return [Counted(choice=answer)]


class MultipleChoice(_Question):
    """Any of some options."""

    type: Literal["multiple"]
    options: Choices = Field(min_length=2, max_length=30, description=_l("at least two options, each with id and text"))
    at_most: int | None = Field(default=None, ge=1, le=30, description=_l("how many may be chosen"))

    def items(self) -> list[str]:
        """Return the options."""
        return [option.id for option in self.options]

    def values(self) -> list[int | str]:
        """Return 'not chosen' and 'chosen'."""
        return [0, 1]

    def offers(self) -> list[str]:
        """Return the options."""
        return self.items()

    def clean(self, raw: Any) -> list[str]:
        """Return the options that were chosen, in the form's order. Raises `BadAnswer`."""
        chosen = _as_set(raw)
        if not chosen <= set(self.items()):
            raise BadAnswer(Fault.NOT_AN_ANSWER)
        if self.at_most is not None and len(chosen) > self.at_most:
            raise BadAnswer(Fault.TOO_MANY)
        return [option for option in self.items() if option in chosen]

    def counted(self, answer: list[str]) -> list[Counted]:
        """Return what an answer adds to the figures: for every option, whether it was chosen."""
        return [Counted(item=option, number=int(option in answer)) for option in self.items()]


class Matrix(_Question):
    """Several statements on one labelled scale."""

    has_mean: ClassVar[bool] = True
    is_scale: ClassVar[bool] = True

    type: Literal["matrix"]
    rows: Choices = Field(min_length=1, max_length=20, description=_l("at least one statement, each with id and text"))
    labels: Labels

    @field_validator("labels")
    @classmethod
    def _five_or_seven(cls, labels: list[dict[str, str]]) -> list[dict[str, str]]:
        return _as_many_as_points(labels)

    def items(self) -> list[str]:
        """Return the statements."""
        return [row.id for row in self.rows]

    def values(self) -> list[int | str]:
        """Return the points of the scale."""
        return list(range(1, len(self.labels) + 1))

    def offers(self) -> list[str]:
        """Return nothing: no question depends on a matrix."""
        return []

    def clean(self, raw: Any) -> dict[str, int]:
        """Return the point chosen in each row that was answered. Raises `BadAnswer`."""
        if not isinstance(raw, dict) or not set(raw) <= set(self.items()):
            raise BadAnswer(Fault.NOT_AN_ANSWER)
        points = range(1, len(self.labels) + 1)
        answered = {row: _whole(raw[row], points) for row in self.items() if raw.get(row) not in (None, "")}
        if self.required and len(answered) < len(self.rows):
            raise BadAnswer(Fault.MISSING)
        return answered

    def counted(self, answer: dict[str, int]) -> list[Counted]:
        """Return what an answer adds to the figures."""
        return [Counted(item=row, number=point) for row, point in answer.items()]


class _FreeText(_Question):
    is_text: ClassVar[bool] = True
    longest: ClassVar[int]

    def clean(self, raw: Any) -> str:
        """Return the text. Raises `BadAnswer`, also when it names a person's number or address."""
        if not isinstance(raw, str) or "\x00" in raw:
            raise BadAnswer(Fault.NOT_AN_ANSWER)
        text = raw.strip()
        if len(text) > self.longest:
            raise BadAnswer(Fault.TOO_LONG)
        if names_a_number(text):
            raise BadAnswer(Fault.NAMES_A_NUMBER)
        return text

    def counted(self, answer: str) -> list[Counted]:
        """Return nothing: texts are read, not counted."""
        return []


class ShortText(_FreeText):
    """A line in the person's own words."""

    longest: ClassVar[int] = 200

    type: Literal["short_text"]


class LongText(_FreeText):
    """Some lines in the person's own words."""

    longest: ClassVar[int] = 2000

    type: Literal["long_text"]


QuestionFile = Annotated[
    Scale | Rating | SingleChoice | MultipleChoice | Number | ShortText | LongText | Recommendation | Matrix,
    Field(discriminator="type"),
]
"""Any question, by the word behind `type`."""


def _whole(raw: Any, allowed: range) -> int:
    try:
        number = int(str(raw).strip())
    except ValueError:
        raise BadAnswer(Fault.NOT_AN_ANSWER) from None
    if number not in allowed:
        raise BadAnswer(Fault.NOT_AN_ANSWER)
    return number


def _as_set(raw: Any) -> set[str]:
    if not isinstance(raw, Iterable) or isinstance(raw, str | dict):
        raise BadAnswer(Fault.NOT_AN_ANSWER)
    return {str(each) for each in raw}


def _as_many_as_points(labels: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(labels) not in SCALE_POINTS:
        raise Wrong(FormFileRule.LABELS, number=len(labels))
    return labels
