"""The fields in which a form is written: every text in each of the course's languages."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from elearn.catalogue.course_files import ID, LONGEST_ID
from elearn.catalogue.new_ids import new_id
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.feedback.drafts import Content
from elearn.feedback.form_files import Audience, Level, Moment
from elearn.home.owner.forms.words import AUDIENCES, LEVELS, MOMENTS
from elearn.web.forms import Form, no_control_characters

LONGEST_TEXT = 500


class Part(Form):
    """Some fields within a form."""

    class Meta(Form.Meta):
        """The whole form carries the token."""

        csrf = False


def words_of(languages: Sequence[str], *, is_needed: bool) -> type[Part]:
    """Return a part with a line for each language; the first is the one the others fall back to."""
    fields: dict[str, Any] = {}
    for number, code in enumerate(languages):
        needed = is_needed and number == 0
        fields[code] = StringField(
            LANGUAGES[code],
            [
                InputRequired(_l("Write this text.")) if needed else Optional(),
                Length(max=LONGEST_TEXT, message=_l("Write at most 500 characters.")),
                no_control_characters,
            ],
            render_kw={"lang": code, "maxlength": LONGEST_TEXT},
        )
    return type("WordsPart", (Part,), fields)


def written(part: Any) -> dict[str, str]:
    """Return what was written in a part of words, by language."""
    return {code: field.data for code, field in part.form._fields.items() if code in LANGUAGES and field.data}


def leaves(form: Any) -> Iterator[Field]:
    """Yield the fields of a form and of its parts that have something wrong with them, as far down as it goes."""
    for field in form:
        if isinstance(field, FormField):
            yield from leaves(field.form)
        elif isinstance(field, FieldList):
            if fault_of(field):
                yield field
            yield from leaves(field)
        elif field.errors:
            yield field


def is_good(form: Any, check: Callable[[Any, Sequence[str]], bool], languages: Sequence[str]) -> bool:
    """Whether a form was sent and nothing is wrong with it, by its fields and by `check`; both say all they find."""
    if not form.is_submitted():
        return False
    by_fields, by_check = form.validate(), check(form, languages)
    return bool(by_fields and by_check)


def fault_of(field: Field) -> str:
    """Return what is wrong with a field itself, not with its parts; '' when nothing is."""
    return next((str(error) for error in field.errors if not isinstance(error, dict | list | tuple)), "")


def _needs_first(words: FormField, languages: Sequence[str]) -> bool:
    """Refuse words in other languages without those they fall back to."""
    first = words.form[languages[0]]
    if not written(words) or first.data:
        return True
    first.errors = first.errors or [_("Write it in this language first: the others fall back to it.")]
    return False


class SectionForm(Form):
    """A section's own words; `section_form` adds them."""

    level = RadioField(
        _l("Where the evaluation shows it"), choices=[SelectChoice(level, LEVELS[level]) for level in Level]
    )


def section_form(languages: Sequence[str], known: Content | None) -> Any:
    """Return the form in which a section is written."""
    fields = {
        "title": FormField(words_of(languages, is_needed=True), label=_l("Heading")),
        "intro": FormField(words_of(languages, is_needed=False), label=_l("A sentence below it")),
    }
    made: Any = type("OneSectionForm", (SectionForm,), fields)
    return made(data={"level": Level.REACTION, **shown_of(known or {}, ("title", "intro", "level"))})


def section_said(form: Any) -> Content:
    """Return a section as it was written, without its questions."""
    said = {"title": written(form.title), "intro": written(form.intro) or None, "level": form.level.data}
    return {name: value for name, value in said.items() if value is not None}


class NewFormForm(Form):
    """What a new form promises; `head_form` adds its words."""

    audience = SelectMultipleField(
        _l("Whom it asks"),
        [InputRequired(_l("Choose at least one."))],
        choices=[SelectChoice(each, AUDIENCES[each]) for each in Audience],
    )
    moment = RadioField(
        _l("When"), [InputRequired(_l("Choose one."))], choices=[SelectChoice(each, MOMENTS[each]) for each in Moment]
    )
    anonymous = BooleanField(_l("Answers are anonymous"))
    asks_first = BooleanField(_l("The course page asks before the first module, with “Not now”"))
    compares_with = SelectField(_l("Compared with"), [Optional()])
    key = StringField(_l("Id"), [Optional(), Length(max=LONGEST_ID, message=_l("Write at most 60 characters."))])

    def validate_key(self, field: Any) -> None:
        """Take an id, or nothing."""
        check_id(field)

    def validate_moment(self, field: Any) -> None:
        """Guests have no moment of their own."""
        if Audience.GUEST in (self.audience.data or []) and field.data != Moment.ON_REQUEST:
            raise ValidationError(_("Guests answer at an occasion: choose “On request”."))

    def validate_asks_first(self, field: Any) -> None:
        """Ask first only what is asked before."""
        if field.data and self.moment.data != Moment.BEFORE_START:
            raise ValidationError(_("Only a form before the start can be asked first."))


class HeadForm(Form):
    """What stands above a form's first question; `head_form` adds its words."""

    asks_first = BooleanField(_l("The course page asks before the first module, with “Not now”"))


def check_id(field: Any) -> None:
    """Refuse what is no id; nothing is fine."""
    if field.data and not ID.fullmatch(field.data):
        raise ValidationError(_("Write small letters a–z, digits and single hyphens, such as after-course."))


def head_form(languages: Sequence[str], known: Content | None, others: Sequence[tuple[str, str]] = ()) -> Any:
    """Return the form in which a form's heading is written; a new one also says what it promises."""
    fields = {
        "title": FormField(words_of(languages, is_needed=True), label=_l("Heading")),
        "intro": FormField(words_of(languages, is_needed=False), label=_l("A sentence above the first question")),
    }
    if known is not None:
        made: Any = type("OneHeadForm", (HeadForm,), fields)
        return made(data=shown_of(known, ("title", "intro", "asks_first")))
    made = type("OneNewFormForm", (NewFormForm,), fields)
    form = made(data={"anonymous": True})
    form.compares_with.choices = [SelectChoice("", _("Nothing")), *(SelectChoice(*other) for other in others)]
    return form


def head_said(form: Any) -> Content:
    """Return a form's heading as it was written."""
    return {
        "title": written(form.title),
        "intro": written(form.intro) or None,
        "asks_first": "asks_first" in form and form.asks_first.data,
    }


def new_form_said(form: Any) -> Content:
    """Return a new form: its promises, its heading and a first section that is headed alike."""
    title = written(form.title)
    words = next(iter(title.values()))
    return {
        "id": form.key.data or new_id(words, ()),
        **head_said(form),
        "audience": form.audience.data,
        "moment": form.moment.data,
        "anonymous": form.anonymous.data,
        "compares_with": form.compares_with.data or None,
        "sections": [{"id": new_id(words, ()), "title": title, "level": Level.REACTION.value, "questions": []}],
    }


def has_needed_words(form: Any, languages: Sequence[str]) -> bool:
    """Whether every text that was written at all is written in the course's first language; says so where not."""
    words = [field for field in form if isinstance(field, FormField)]
    rows = [row for field in form if isinstance(field, FieldList) for row in field]
    words += [row.form.words if "words" in row.form._fields else row for row in rows]
    said = [_needs_first(each, languages) for each in words]  # each field says what it lacks
    return all(said)


def shown_of(known: Content, names: tuple[str, ...]) -> Content:
    """Return what some fields show of what is known."""
    return {name: known[name] for name in names if known.get(name) is not None}
