"""The fields in which a course is written. What they take is what the files' schema takes."""

import re
from collections.abc import Sequence
from typing import Any

from flask_wtf import FlaskForm
from pydantic import TypeAdapter
from pydantic import ValidationError as SchemaError
from wtforms import Field, FieldList, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from elearn.catalogue import markdown
from elearn.catalogue.course_files import LONGEST_ID, Id, Markdown, Sentence, Title, Url
from elearn.catalogue.course_rules import CourseRule
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.editing.films import Choice
from elearn.web.forms import Form

LONGEST_TITLE, LONGEST_SENTENCE = 120, 500
LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
WRITE_IT = _l("Write this text.")


class Part(Form):
    """Some fields within a form."""

    class Meta(Form.Meta):
        """The whole form carries the token."""

        csrf = False


class Fits:
    """Refuses what the schema of the files refuses, in the language of the page."""

    def __init__(self, kind: Any) -> None:
        self._schema: TypeAdapter[Any] = TypeAdapter(kind)

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        """Check a field; nothing in it is fine."""
        if field.data:
            try:
                self._schema.validate_python(field.data)
            except SchemaError as error:
                raise ValidationError(_refusal(error)) from None


def _refusal(error: SchemaError) -> str:
    first = error.errors()[0]
    if first["type"] == "string_too_long":
        return _("Write at most %(number)s characters.", number=first["ctx"]["max_length"])
    if "\n" in str(first["input"]):
        return _("Write this on one line.")
    return _("This holds a character that is no text. Remove it.")


def is_id(_form: FlaskForm, field: Field) -> None:
    """Refuse what is no id; nothing is fine."""
    if field.data:
        try:
            TypeAdapter(Id).validate_python(field.data)
        except SchemaError:
            raise ValidationError(
                _("Write at most %(number)s small letters a–z, digits and single hyphens.", number=LONGEST_ID)
            ) from None


def is_address(_form: FlaskForm, field: Field) -> None:
    """Refuse what no link can lead to; nothing is fine."""
    if field.data:
        try:
            TypeAdapter(Url).validate_python(field.data)
        except SchemaError:
            raise ValidationError(_("Write the whole address, beginning with https://.")) from None


def is_good_markdown(_form: FlaskForm, field: Field) -> None:
    """Refuse pictures, and links that lead nowhere from a course's page."""
    for line, rule, _names in markdown.findings(field.data or ""):
        if rule is CourseRule.IMAGE:
            raise ValidationError(_("Line %(line)s: a text holds no pictures. They belong in the film.", line=line + 1))
        raise ValidationError(
            _("Line %(line)s: write the link’s whole address, beginning with https://.", line=line + 1)
        )


def _one_kind_of_line_end(value: str | None) -> str | None:
    # Forms send CR LF whatever was typed; what is pasted may hold the others.
    return LINE_END.sub("\n", value) if value else value


def _presence(*, needed: bool) -> Any:
    return InputRequired(WRITE_IT) if needed else Optional()


def title_field(label: str, language: str, *, needed: bool = False) -> Any:
    """Return a field for a title."""
    return StringField(
        label,
        [_presence(needed=needed), Fits(Title)],
        filters=[_one_kind_of_line_end],
        render_kw={"lang": language, "maxlength": LONGEST_TITLE},
    )


def sentence_field(label: str, language: str, *, needed: bool = False) -> Any:
    """Return a field for a sentence or two on one line."""
    return TextAreaField(
        label,
        [_presence(needed=needed), Fits(Sentence)],
        filters=[_one_kind_of_line_end, _on_one_line],
        render_kw={"lang": language, "rows": 2, "maxlength": LONGEST_SENTENCE},
    )


def markdown_field(label: str, language: str, *, rows: int = 14) -> Any:
    """Return a field for a text in Markdown."""
    return TextAreaField(
        label,
        [Optional(), Fits(Markdown), is_good_markdown],
        filters=[_one_kind_of_line_end],
        render_kw={"lang": language, "rows": rows},
    )


def film_field(label: str, offered: Sequence[Choice], *, with_language: bool = False) -> Any:
    """Return a field that offers films, or none."""
    choices = [SelectChoice("", _("No film"))]
    for film in offered:
        words = (film.key, LANGUAGES[film.language] if with_language else "", film.length)
        choices.append(SelectChoice(film.key, " · ".join(word for word in words if word)))
    return SelectField(label, [Optional()], choices=choices)


def _on_one_line(value: str | None) -> str | None:
    """A sentence is typed in a field that breaks it where it likes; in the file it is one line."""
    return " ".join(part for part in (line.strip() for line in value.split("\n")) if part) if value else value


class ActForm(Form):
    """A button that does something to the course's files."""

    stopped = ""
    """Why it could not be done."""
    meanwhile: Sequence[tuple[str, str]] = ()
    """What stands now where somebody else has written, by the fields' names."""


class WrittenForm(ActForm):
    """A form about a part of a course; it knows how the part stood when it was opened."""

    stand = HiddenField()


def made(fields: dict[str, Any], shown: dict[str, Any], base: type[WrittenForm] = WrittenForm) -> Any:
    """Return a form of some fields, filled with how the part stands."""
    kind: Any = type("OneWrittenForm", (base,), fields)
    return kind(data=shown)


def leaves(form: Any) -> list[Field]:
    """Return the fields of a form and of its rows that have something wrong with them."""
    found: list[Field] = []
    for field in form:
        if isinstance(field, FormField):
            found += leaves(field.form)
        elif isinstance(field, FieldList):
            found += [field] if fault_of(field) else []
            found += leaves(field)
        elif field.errors:
            found.append(field)
    return found


def fault_of(field: Field) -> str:
    """Return what is wrong with a field itself, not with its parts; '' when nothing is."""
    return next((str(error) for error in field.errors if not isinstance(error, dict | list | tuple)), "")


def filled(rows: Any, *names: str) -> list[Any]:
    """Return the rows in which something was written, in the order of their places."""
    found = [row.form for row in rows if any(row.form[name].data for name in names)]
    if found and "place" in found[0]:
        last = len(found) * 100
        found.sort(key=lambda row: last if row.place.data is None else row.place.data)
    return found


def with_empty_rows(rows: Sequence[dict[str, Any]], most: int, empty: int = 2) -> list[dict[str, Any]]:
    """Return rows with their places, and some empty ones to write in."""
    known = [{"place": place, **row} for place, row in enumerate(rows, 1)]
    return [*known, *({} for _row in range(min(empty, most - len(known))))]
