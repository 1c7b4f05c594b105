"""The fields in which one question is written: those of its type, and when it is asked."""

from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from elearn.catalogue.course_files import ID, LONGEST_ID
from elearn.catalogue.new_ids import new_id
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback.drafts import Content
from elearn.feedback.questions import QuestionFile
from elearn.home.owner.forms.fields import Part, check_id, has_needed_words, shown_of, words_of, written
from elearn.home.owner.forms.words import answers_of
from elearn.licensing.forms import WholeNumberField
from elearn.web.forms import Form

MOST_CHOICES = 30
EMPTY_ROWS = 3
"""How many rows stand ready for new answers."""
MOST_LABELS = 7
PARTED = ":"
"""Between a question's id and an answer; ids hold none."""
WHOLE_NUMBER = _l("Write a whole number.")


class QuestionForm(Form):
    """What every question has; `question_form` adds its words and what its type needs."""

    required = BooleanField(_l("Nobody may leave it out"))
    show_if = SelectMultipleField(_l("Ask it only after"), [Optional()], choices=[])
    key = StringField(_l("Id"), [Optional(), Length(max=LONGEST_ID, message=_l("Write at most 60 characters."))])

    def validate_key(self, field: Any) -> None:
        """Take an id, or nothing."""
        check_id(field)

    def validate_show_if(self, field: Any) -> None:
        """Let it hang on one question."""
        if len({value.split(PARTED)[0] for value in field.data or []}) > 1:
            raise ValidationError(_("Choose answers to one question only."))


def _choice_part(languages: Sequence[str]) -> type[Part]:
    place = WholeNumberField(_l("Place"), [Optional(), NumberRange(1, 99, message=WHOLE_NUMBER)])
    fields = {"id": HiddenField(), "place": place, "words": FormField(words_of(languages, is_needed=False))}
    return type("ChoicePart", (Part,), fields)


def _type_fields(kind: str, languages: Sequence[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if kind in ("single", "multiple"):
        fields["options"] = FieldList(FormField(_choice_part(languages)), _l("Answers"), max_entries=MOST_CHOICES)
    if kind == "multiple":
        fields["at_most"] = WholeNumberField(
            _l("At most"), [Optional(), NumberRange(1, MOST_CHOICES, message=_l("Write a number from 1 to 30."))]
        )
    if kind == "matrix":
        fields["rows"] = FieldList(FormField(_choice_part(languages)), _l("Statements"), max_entries=20)
    if kind in ("scale", "matrix"):
        labels = FormField(words_of(languages, is_needed=False))
        fields["labels"] = FieldList(labels, _l("Labels, the lowest first"), max_entries=MOST_LABELS)
    if kind == "number":
        for name, label in (("least", _l("Smallest number")), ("most", _l("Largest number"))):
            fields[name] = WholeNumberField(
                label, [InputRequired(WHOLE_NUMBER), NumberRange(-1_000_000, 1_000_000, message=WHOLE_NUMBER)]
            )
    return fields


def question_form(
    kind: str, languages: Sequence[str], *, known: Content | None, earlier: Sequence[QuestionFile]
) -> Any:
    """Return the form in which a question of a type is written; `earlier` are those it may hang on."""
    fields = {
        "text": FormField(words_of(languages, is_needed=True), label=_l("Question")),
        "help": FormField(words_of(languages, is_needed=False), label=_l("A sentence below it")),
        **_type_fields(kind, languages),
    }
    made: Any = type("OneQuestionForm", (QuestionForm,), fields)
    form = made(data=_question_shown(known or {}, kind))
    form.show_if.choices = [
        SelectChoice(f"{question.id}{PARTED}{answer}", words)
        for question in earlier
        for answer, words in answers_of(question)
    ]
    return form


def question_said(form: Any, kind: str, key: str) -> Content:
    """Return a question as it was written."""
    said: Content = {"id": key, "type": kind, "text": written(form.text), "help": written(form.help) or None}
    said["required"] = form.required.data
    if form.show_if.data:
        said["show_if"] = {
            "question": form.show_if.data[0].split(PARTED)[0],
            "answer": [value.split(PARTED)[1] for value in form.show_if.data],
        }
    for name in ("options", "rows"):
        if name in form:
            said[name] = _choices(form[name])
    if "labels" in form:
        said["labels"] = [written(row) for row in form.labels if written(row)]
    for name in ("at_most", "least", "most"):
        if name in form:
            said[name] = form[name].data
    return said


def is_whole(form: Any, languages: Sequence[str]) -> bool:
    """Whether a question has what its type needs; says so at the field where not."""
    good = has_needed_words(form, languages)
    if "labels" in form and len([row for row in form.labels if written(row)]) not in (5, 7):
        form.labels.errors = [_("Write 5 or 7 labels.")]
        good = False
    for name, least in (("options", 2), ("rows", 1)):
        if name in form and len([row for row in form[name] if written(row.form.words)]) < least:
            form[name].errors = [_("Write at least two answers.") if least > 1 else _("Write at least one statement.")]
            good = False
    are_numbers = "least" in form and not (form.least.errors or form.most.errors)
    if are_numbers and form.least.data > form.most.data:
        form.most.errors = [_("The largest number is smaller than the smallest.")]
        good = False
    return good


def _choices(rows: Any) -> list[Content]:
    """Return options in the order of their places; those that were there keep their ids."""
    filled = [row.form for row in rows if written(row.form.words)]
    filled.sort(key=lambda row: row.place.data or MOST_CHOICES * MOST_CHOICES)
    kept = {row.id.data for row in filled if row.id.data and ID.fullmatch(row.id.data)}
    made: list[Content] = []
    seen: set[str] = set()
    for row in filled:
        words = written(row.words)
        is_known = row.id.data in kept and row.id.data not in seen
        key = row.id.data if is_known else new_id(next(iter(words.values())), kept | seen)
        seen.add(key)
        made.append({"id": key, "text": words})
    return made


def _question_shown(known: Content, kind: str) -> Content:
    shown = shown_of(known, ("text", "help", "required", "at_most", "least", "most"))
    if kind == "number":
        shown = {"least": 0, "most": 1000, **shown}
    if condition := known.get("show_if"):
        shown["show_if"] = [f"{condition['question']}{PARTED}{answer}" for answer in condition["answer"]]
    for name in ("options", "rows"):
        choices = [
            {"id": each["id"], "place": place, "words": each["text"]}
            for place, each in enumerate(known.get(name, []), 1)
        ]
        shown[name] = [*choices, *({"words": {}} for _row in range(EMPTY_ROWS if choices else EMPTY_ROWS + 2))]
    labels = known.get("labels", [])
    shown["labels"] = [*labels, *({} for _row in range(MOST_LABELS - len(labels)))]
    return shown
