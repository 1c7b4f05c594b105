"""Forms for people, made from the questions of a `FormFile`: one widget for each type of question."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from wtforms import BooleanField, DateField, Field, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from elearn.catalogue.content import Text
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback import questions as types
from elearn.feedback.errors import Fault
from elearn.feedback.form_files import FormFile, SectionFile
from elearn.feedback.questions import QuestionFile
from elearn.feedback.words import say
from elearn.web.forms import Form, no_control_characters

PREFIX = "q."
Options = list[tuple[str, Text]]
"""What is sent, and what is read."""


@dataclass(frozen=True)
class Widget:
    """How one type of question is shown and read."""

    part: str
    """The macro in `feedback/questions.html`."""
    field: type[Field] = StringField
    options: Callable[[Any, str], Options] = lambda _question, _language: []
    rows: Callable[[Any, str], Options] = lambda _question, _language: []
    """The statements of a matrix, each with a field of its own."""


def _labels(question: Any, language: str) -> Options:
    return [(str(point), say(words, language)) for point, words in enumerate(question.labels, 1)]


def _points(question: Any, language: str) -> Options:
    return [(str(point), Text(str(point), language)) for point in question.values()]


def _choices(question: Any, language: str) -> Options:
    return [(choice.id, say(choice.text, language)) for choice in question.options]


def _statements(question: Any, language: str) -> Options:
    return [(row.id, say(row.text, language)) for row in question.rows]


WIDGETS: dict[type[Any], Widget] = {
    types.Scale: Widget("scale", options=_labels),
    types.Rating: Widget("points", options=_points),
    types.Recommendation: Widget("points", options=_points),
    types.SingleChoice: Widget("choice", options=_choices),
    types.MultipleChoice: Widget("choices", SelectMultipleField, options=_choices),
    types.Number: Widget("number"),
    types.ShortText: Widget("short_text"),
    types.LongText: Widget("long_text", TextAreaField),
    types.Matrix: Widget("matrix", options=_labels, rows=_statements),
}


@dataclass(frozen=True)
class Asked:
    """A question as a page shows it, in one language."""

    question: QuestionFile
    text: Text
    help: Text | None
    widget: Widget
    options: Options
    rows: list[tuple[Text, Field]]
    """A matrix' statements, each with its field."""
    field: Field
    """Its field; of a matrix, its first."""
    condition: str
    """After which answer it is asked, in words; '' when always."""
    show_if: dict[str, Any] | None

    @property
    def error(self) -> str:
        """What is wrong with the answer."""
        fields = [field for _text, field in self.rows] or [self.field]
        return next((str(field.errors[0]) for field in fields if field.errors), "")


@dataclass(frozen=True)
class AskedSection:
    """Some questions under a heading."""

    title: Text
    intro: Text | None
    asked: list[Asked]


class ResponseForm(Form):
    """The base of every form that is answered; `response_form` adds the questions."""

    content: FormFile
    municipality = SelectField(
        _l("For which municipality do you answer?"), coerce=int, choices=[], validate_choice=False
    )
    may_quote = BooleanField(_l("What I write may be quoted without my name"))

    def raw_answers(self) -> dict[str, Any]:
        """Return what was sent, by question id, for `FormFile.clean` to judge."""
        return {question.id: self._raw(question) for question in self.content.questions()}

    def refuse(self, faults: dict[str, Fault]) -> None:
        """Say at each question what is wrong with its answer."""
        for question in self.content.questions():
            if question.id in faults:
                fields = self.fields_of(question)
                wrong = next((field for field in fields if not field.data), fields[0])
                wrong.errors = [_message(faults[question.id], question)]

    def fields_of(self, question: QuestionFile) -> list[Field]:
        """Return the question's field; of a matrix, one for each statement."""
        return [self[name] for name in _names(question)]

    def _raw(self, question: QuestionFile) -> Any:
        if isinstance(question, types.Matrix):
            fields = zip(question.items(), self.fields_of(question), strict=True)
            return {row: field.data for row, field in fields if field.data}
        return self.fields_of(question)[0].data


class OccasionCodeForm(Form):
    """Asks for the code of an occasion."""

    code = StringField(
        _l("Code"), [InputRequired(_l("Write the code.")), Length(max=40, message=_l("Write the code."))]
    )


class OccasionForm(Form):
    """Asks what a new occasion is called, when it is, and which form its guests answer."""

    form = SelectField(_l("Form"), [InputRequired(_l("Choose a form."))], coerce=int)
    title = StringField(
        _l("What the guests come to"),
        [
            InputRequired(_l("Write a title. The guests see it.")),
            Length(max=120, message=_l("The title is too long. Write at most 120 characters.")),
            no_control_characters,
        ],
    )
    held_on = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    municipality = StringField(
        _l("Municipality"), [Optional(), Length(max=120, message=_l("Choose one municipality from the list."))]
    )


def response_form(content: FormFile) -> type[ResponseForm]:
    """Return a form's class, with a field for each question under 'q.' and its id."""
    fields = {
        name: WIDGETS[type(question)].field(**_arguments(question))
        for question in content.questions()
        for name in _names(question)
    }
    made = type("MadeResponseForm", (ResponseForm,), {"content": content, **fields})
    return cast(type[ResponseForm], made)


def filled(content: FormFile, answers: dict[str, Any]) -> dict[str, Any]:
    """Return what a draft holds, by the names of fields."""
    data: dict[str, Any] = {}
    for question in content.questions():
        answer = answers.get(question.id)
        if isinstance(question, types.Matrix):
            data |= {f"{PREFIX}{question.id}.{row}": point for row, point in (answer or {}).items()}
        elif answer is not None:
            data[f"{PREFIX}{question.id}"] = answer
    return data


def sections(form: ResponseForm, language: str) -> list[AskedSection]:
    """Return a form's questions as a page shows them."""
    return [
        AskedSection(
            say(section.title, language),
            say(section.intro, language) if section.intro else None,
            list(_asked(form, section, language)),
        )
        for section in form.content.sections
    ]


def _asked(form: ResponseForm, section: SectionFile, language: str) -> Iterator[Asked]:
    for question in section.questions:
        widget, fields = WIDGETS[type(question)], form.fields_of(question)
        rows = [text for _id, text in widget.rows(question, language)]
        condition, show_if = _condition(form.content, question, language)
        yield Asked(
            question=question,
            text=say(question.text, language),
            help=say(question.help, language) if question.help else None,
            widget=widget,
            options=widget.options(question, language),
            rows=list(zip(rows, fields, strict=True)) if rows else [],
            field=fields[0],
            condition=condition,
            show_if=show_if,
        )


def _names(question: QuestionFile) -> Sequence[str]:
    name = f"{PREFIX}{question.id}"
    return [f"{name}.{row}" for row in question.items()] if isinstance(question, types.Matrix) else [name]


def _arguments(question: QuestionFile) -> dict[str, Any]:
    return {"validate_choice": False, "choices": []} if isinstance(question, types.MultipleChoice) else {}


def _condition(content: FormFile, question: QuestionFile, language: str) -> tuple[str, dict[str, Any] | None]:
    """Return after which answers a question is asked: in words, and for the script that hides it."""
    if question.show_if is None:
        return "", None
    earlier = content.question(question.show_if.question)
    assert earlier is not None, "a checked form names earlier questions only"
    said = dict(WIDGETS[type(earlier)].options(earlier, language))
    answers = [str(said.get(answer, answer)) for answer in question.show_if.answer]
    words = _(
        "Only if you answered %(answers)s to “%(question)s”",
        answers=_(" or ").join(answers),
        question=say(earlier.text, language),
    )
    return words, {"name": f"{PREFIX}{earlier.id}", "answers": question.show_if.answer}


def _message(fault: Fault, question: QuestionFile) -> str:
    match fault, question:
        case Fault.MISSING, types.Matrix():
            return _("Answer this statement, too.")
        case Fault.MISSING, _any:
            return _("Answer this question.")
        case ((Fault.TOO_SMALL | Fault.TOO_LARGE | Fault.NOT_AN_ANSWER), types.Number()):
            return _("Write a whole number from %(least)s to %(most)s.", least=question.least, most=question.most)
        case Fault.TOO_MANY, types.MultipleChoice():
            return _("Choose at most %(number)s.", number=question.at_most)
        case Fault.TOO_LONG, (types.ShortText() | types.LongText()):
            return _("Write at most %(number)s characters.", number=question.longest)
        case Fault.NAMES_A_NUMBER, _any:
            return _("Take out the number or the address. Nobody may be found by what you write.")
    return _("Choose one of the answers.")
