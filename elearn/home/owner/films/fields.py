"""The fields in which places in a film are written."""

from typing import Any, TypeVar

from wtforms import FieldList, FormField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from elearn.catalogue.course_files import ID
from elearn.core.file_rules import Wrong
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.forms.fields import Part
from elearn.media.manifest import SAME_LENGTH_S, Chapter, Manifest, Passage, seconds_of, timecode
from elearn.web.forms import Form, no_control_characters

SomeForm = TypeVar("SomeForm", bound=Form)

EMPTY_ROWS = 2
MOST_ROWS = 100
LONGEST_TITLE = 200


def place_of(text: str) -> float | None:
    """Return the second that somebody wrote, or None where it is no place in a film."""
    try:
        return seconds_of(text.replace(",", "."))
    except Wrong:
        return None


class PlaceField(StringField):  # type: ignore[misc]  # WTForms is untyped
    """A place in a film: 1:05, 01:05.5 or 1:02:10."""

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no place."""
        if self.data and self.seconds is None:
            raise ValidationError(
                _("“%(text)s” is no place in a film. Write minutes and seconds: 1:05.", text=self.data[:40])
            )

    @property
    def seconds(self) -> float | None:
        """What was written, in seconds."""
        return place_of(self.data) if self.data else None


def _title(code: str) -> StringField:
    length = Length(max=LONGEST_TITLE, message=_l("Write at most 200 characters."))
    render = {"lang": code, "maxlength": LONGEST_TITLE}
    return StringField(LANGUAGES[code], [Optional(), length, no_control_characters], render_kw=render)


class ChapterPart(Part):
    """A chapter: where it begins, and what it is called."""

    at = PlaceField(_l("Begins at"), [Optional()], render_kw={"size": 8, "inputmode": "numeric", "placeholder": "0:00"})
    da, nb, nn, en = (_title(code) for code in LANGUAGES)

    @property
    def titles(self) -> dict[str, str]:
        """What was written, by language."""
        return {code: self[code].data for code in LANGUAGES if self[code].data}


class PassagePart(Part):
    """A part that may be skipped."""

    id = StringField(_l("Id"), [Optional(), Length(max=80, message=_l("Write at most 80 characters."))])
    begins = PlaceField(_l("From"), [Optional()], render_kw={"size": 8, "inputmode": "numeric"})
    ends = PlaceField(_l("To"), [Optional()], render_kw={"size": 8, "inputmode": "numeric"})


class ChaptersForm(Form):
    """A film's chapters; empty rows are left out."""

    rows = FieldList(FormField(ChapterPart), label=_l("Chapters"), max_entries=MOST_ROWS)


class PassagesForm(Form):
    """The parts of a film that may be skipped; empty rows are left out."""

    rows = FieldList(FormField(PassagePart), label=_l("Parts that may be skipped"), max_entries=MOST_ROWS)


def chapters_form(film: Manifest) -> ChaptersForm:
    """Return the form that shows a film's chapters, with some rows to spare."""
    rows = [{"at": timecode(chapter.at), **chapter.title} for chapter in film.chapters]
    return _with_spare_rows(ChaptersForm(data={"rows": rows}))


def passages_form(film: Manifest) -> PassagesForm:
    """Return the form that shows the parts that may be skipped, with some rows to spare."""
    rows = [{"id": each.id, "begins": timecode(each.from_s), "ends": timecode(each.to_s)} for each in film.passages]
    return _with_spare_rows(PassagesForm(data={"rows": rows}))


def add_rows(form: Any) -> None:
    """Add rows to be written in."""
    for _number in range(min(EMPTY_ROWS, MOST_ROWS - len(form.rows))):
        form.rows.append_entry()


def chapters_said(form: ChaptersForm, film: Manifest) -> list[Chapter] | None:
    """Return the chapters that were written, in the film's order; None when something is wrong, which fields say."""
    if not form.validate():
        return None
    found: dict[float, Chapter] = {}
    is_good = True
    for row in (entry.form for entry in form.rows):
        titles, at = row.titles, row.at.seconds
        if not titles and at is None:
            continue
        if at is None:
            row.at.errors = [_("Write where the chapter begins.")]
        elif film.duration and at >= film.duration:
            row.at.errors = [_after_the_end(film)]
        elif at in found:
            row.at.errors = [_("Another chapter begins there.")]
        if film.language not in titles:
            row[film.language].errors = [_("Write the title in the film’s own language.")]
        if row.at.errors or row[film.language].errors:
            is_good = False
        elif at is not None:
            found[at] = Chapter.model_validate({"at": timecode(at), "title": titles})
    return [found[at] for at in sorted(found)] if is_good else None


def passages_said(form: PassagesForm, film: Manifest) -> list[Passage] | None:
    """Return the passages that were written; None when something is wrong, which fields say."""
    if not form.validate():
        return None
    found: dict[str, Passage] = {}
    rows = [entry.form for entry in form.rows]
    written = [row for row in rows if row.id.data or row.begins.data or row.ends.data]
    for row in written:
        _check_passage(row, film, found)
        if not row.errors:
            places = {"from": timecode(row.begins.seconds), "to": timecode(row.ends.seconds)}
            found[row.id.data] = Passage.model_validate({"id": row.id.data, **places})
    return list(found.values()) if len(found) == len(written) else None


def _check_passage(row: Any, film: Manifest, found: dict[str, Passage]) -> None:
    if not ID.fullmatch(row.id.data or ""):
        row.id.errors = [_("Write small letters a–z, digits and single hyphens, such as memory.")]
    elif row.id.data in found:
        row.id.errors = [_("Another part has this id.")]
    for place in (row.begins, row.ends):
        if place.seconds is None:
            place.errors = [_("Write a place in the film: 1:05.")]
        elif film.duration and place.seconds > film.duration + SAME_LENGTH_S:
            place.errors = [_after_the_end(film)]
    if not row.begins.errors and not row.ends.errors and row.ends.seconds <= row.begins.seconds:
        row.ends.errors = [_("Write a place after the beginning.")]


class PosterForm(Form):
    """Where the still picture is taken."""

    at = PlaceField(_l("Place in the film"), [InputRequired(_l("Write a place in the film: 1:05."))])


class DescribedForm(Form):
    """How people who do not see the picture get what it carries."""

    kind = RadioField(_l("Which of the two"), [InputRequired(_l("Choose one."))])
    video = SelectField(_l("The film with description"))
    by = StringField(
        _l("Who states it"),
        [Optional(), Length(max=200, message=_l("Write at most 200 characters.")), no_control_characters],
    )
    text = TextAreaField(
        _l("The statement"),
        [Optional(), Length(max=2000, message=_l("Write at most 2,000 characters."))],
        render_kw={"rows": 3},
    )

    def validate_video(self, field: Any) -> None:
        """A described version needs its film."""
        if self.kind.data == "video" and not field.data:
            raise ValidationError(_("Choose the film."))


def _after_the_end(film: Manifest) -> str:
    assert film.duration is not None
    return _("The film ends at %(end)s. Write a place before that.", end=timecode(film.duration))


def _with_spare_rows(form: SomeForm) -> SomeForm:
    if not form.is_submitted():
        add_rows(form)
    return form
