"""The fields in which a module is written in the course's first language, and what they come to."""

from collections.abc import Collection, Sequence
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from elearn.catalogue.course_files import MOST_PARTS
from elearn.catalogue.editing import ModuleSaid, Notice, Question, Resource
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.editing.fields import (
    WRITE_IT,
    Part,
    WrittenForm,
    filled,
    is_address,
    made,
    markdown_field,
    sentence_field,
    title_field,
    with_empty_rows,
)
from elearn.home.owner.editing.words import CLOSENESS
from elearn.licensing.forms import WholeNumberField

LONGEST_MINUTES = 600
PARTED = ":"
"""Between a lesson's id and a passage's; ids hold none."""
MINUTES = _l("Write a whole number from 1 to 600.")
PLACE = _l("Write a whole number.")


class ModuleForm(WrittenForm):
    """A module; `module_form` adds its fields."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that no row is half written."""
        good = bool(super().validate(extra_validators))
        for row in filled(self.resources, "url", "words"):
            good &= _is_written(row.url, str(WRITE_IT))
            good &= _is_written(row.words, str(WRITE_IT))
        told: set[str] = set()
        for row in filled(self.notices, "where", "words") if "notices" in self else ():
            good &= _is_written(row.where, _("Choose the passage."))
            good &= _is_written(row.words, str(WRITE_IT))
            good &= _is_told_once(row.where, told)
        return good


def _is_written(field: Any, otherwise: str) -> bool:
    if not field.data:
        field.errors = [otherwise]
    return bool(field.data)


def _is_told_once(place: Any, told: set[str]) -> bool:
    """A module's notices are known by their passages: two of one name would say the same words."""
    passage = (place.data or "").partition(PARTED)[2]
    if passage in told:
        place.errors = [
            _(
                "There is a notice of “%(passage)s” already. Remove one of them, or give the passage another id in "
                "its film.",
                passage=passage,
            )
        ]
        return False
    if passage:
        told.add(passage)
    return True


def minutes_field() -> Any:
    """Return the field for a module's minutes."""
    return WholeNumberField(_l("Minutes"), [InputRequired(MINUTES), NumberRange(1, LONGEST_MINUTES, message=MINUTES)])


def where(lesson: str, passage: str) -> str:
    """Return a passage of a lesson's film as one choice."""
    return f"{lesson}{PARTED}{passage}"


def module_form(code: str, shown: dict[str, Any], passages: dict[str, str], stand: str) -> Any:
    """Return the form in which a module is written; `passages` are what notices may be about, by `where`."""
    fields = {
        "title": title_field(_l("Title"), code, needed=True),
        "summary": sentence_field(_l("Summary"), code),
        "minutes": minutes_field(),
        "open": BooleanField(_l("Open to everybody")),
        "text": markdown_field(_l("Text"), code),
        "practice": markdown_field(_l("Practice task"), code, rows=6),
        "questions": _rows(_l("Questions to reflect on"), _question_fields(code), MOST_PARTS),
        "resources": _rows(_l("Links"), _resource_fields(code), MOST_PARTS),
    }
    if passages:
        most = max(len(passages), len(shown["notices"]))  # a file may hold one twice, which is to be put right here
        fields["notices"] = _rows(_l("Notices before the film"), _notice_fields(code, passages), most)
    rows: dict[str, Any] = {name: with_empty_rows(shown[name], MOST_PARTS) for name in ("questions", "resources")}
    rows["notices"] = with_empty_rows(shown["notices"], len(passages), empty=1)
    return made(fields, {**shown, **rows, "stand": stand}, ModuleForm)


def module_said(form: Any, shown: dict[str, Any]) -> ModuleSaid:
    """Return a module as it was written; rows keep the ids that the module knows."""
    questions, resources = filled(form.questions, "words"), filled(form.resources, "url")
    question_keys = _keys(questions, {each["key"] for each in shown["questions"]})
    resource_keys = _keys(resources, {each["key"] for each in shown["resources"]})
    notices = {row.where.data: row for row in filled(form.notices, "where")} if "notices" in form else {}
    return ModuleSaid(
        title=form.title.data,
        summary=form.summary.data or "",
        text=form.text.data or "",
        practice=form.practice.data or "",
        minutes=form.minutes.data,
        is_open=form.open.data,
        questions=[Question(key, row.words.data) for key, row in zip(question_keys, questions, strict=True)],
        resources=[
            Resource(key, row.url.data, row.words.data) for key, row in zip(resource_keys, resources, strict=True)
        ],
        notices=[
            Notice(place.split(PARTED)[1], place.split(PARTED)[0], row.closeness.data, row.words.data)
            for place, row in notices.items()
        ],
    )


def _rows(label: str, fields: dict[str, Any], most: int) -> Any:
    return FieldList(FormField(type("RowPart", (Part,), fields)), label, max_entries=most)


def _question_fields(code: str) -> dict[str, Any]:
    return {"key": HiddenField(), "place": _place(), "words": sentence_field(_l("Question"), code)}


def _resource_fields(code: str) -> dict[str, Any]:
    url = StringField(_l("Address"), [Optional(), is_address], render_kw={"maxlength": 500, "inputmode": "url"})
    return {"key": HiddenField(), "place": _place(), "url": url, "words": sentence_field(_l("Text of the link"), code)}


def _notice_fields(code: str, passages: dict[str, str]) -> dict[str, Any]:
    places = [SelectChoice("", _("None")), *(SelectChoice(*each) for each in passages.items())]
    return {
        "where": SelectField(_l("Passage"), choices=places),
        "closeness": SelectField(_l("How close"), choices=[SelectChoice(*each) for each in CLOSENESS.items()]),
        "words": sentence_field(_l("What occurs"), code),
    }


def _place() -> Any:
    return WholeNumberField(_l("Place"), [Optional(), NumberRange(1, 99, message=PLACE)])


def _keys(rows: Sequence[Any], known: Collection[str]) -> list[str | None]:
    """Return the rows' ids, each once; None for a row that is new."""
    left = set(known)
    found: list[str | None] = []
    for row in rows:
        key = row.key.data if row.key.data in left else None
        left.discard(key or "")
        found.append(key)
    return found
