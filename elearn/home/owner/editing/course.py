"""A course as its files say it: looked over, begun, and what is said about all of it."""

from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from elearn.accounts.signing import current_person
from elearn.catalogue import authoring, editing
from elearn.catalogue.content import Content
from elearn.catalogue.course_changes import changes
from elearn.catalogue.course_files import ModuleDraft, Place
from elearn.catalogue.errors import CourseExists, FolderNotWritable
from elearn.catalogue.new_ids import new_id
from elearn.catalogue.put_away import away
from elearn.core.i18n import LANGUAGES, language
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.editing.fields import is_id, made, title_field
from elearn.home.owner.editing.pages import (
    Desk,
    answer,
    desk,
    desk_for_form,
    editing_page,
    is_kept,
    not_writable,
    published,
    stand_of,
)
from elearn.home.owner.editing.words import change_words
from elearn.home.owner.pages import bp, house
from elearn.licensing.forms import WholeNumberField
from elearn.organisations.access import owner
from elearn.organisations.sectors import SECTORS
from elearn.web.session import current_session, installation

SHARE = _l("Write a whole number from 50 to 100.")
CHOOSE_ONE = _l("Choose at least one.")


@dataclass(frozen=True)
class LanguageRow:
    """How far a part is written in a language."""

    code: str
    lacking: int


@dataclass(frozen=True)
class ModuleRow:
    """A module in the course's list."""

    key: str
    title: str
    minutes: int
    is_open: bool
    lessons: list[tuple[str, str, dict[str, str]]]
    """Id, title and films by spoken language."""
    languages: list[LanguageRow]


@bp.get("/edit/<slug>")
@owner
def edit_course(slug: str) -> str:
    """Show a course as its files say it, what is missing in which language, and what is not published yet."""
    at = desk(slug)
    version, structure, places = published(slug), at.draft.structure, editing.places(at.draft)
    titles = {module.id: at.module_title(module.id) for module in structure.modules}
    told = changes(version.content, at.draft) if version else []
    return editing_page(
        "course.html",
        at=at,
        version=version,
        changes=[change_words(change, _old_titles(version.content) | titles) for change in told] if version else [],
        words=_languages(at, places[None]),
        modules=[_row(at, module, places[module.id]) for module in structure.modules],
        structure=structure,
        sectors=SECTORS,
        removed=_removed_just_now(at, request.args.get("removed", "")),
        place=request.args.get("place", 1, type=int),
    )


@bp.route("/edit/<slug>/facts", methods=["GET", "POST"])
@owner
def edit_facts(slug: str) -> str | AnyResponse | Response:
    """Say whom the course is for, in which languages it is written, and when a film counts as seen."""
    at = desk_for_form(slug)
    structure = at.draft.structure
    others = [code for code in LANGUAGES if code not in structure.languages]
    shown = {
        "audience": structure.audience,
        "share": structure.completion.share,
        "own_word": structure.completion.own_word,
    }
    fields = {
        "audience": _audience(),
        "share": WholeNumberField(
            _l("Per cent of each film that must be seen"), [InputRequired(SHARE), NumberRange(50, 100, message=SHARE)]
        ),
        "own_word": BooleanField(_l("Reading a film’s text counts as well, on the reader’s word")),
    }
    if others:
        fields["added"] = SelectMultipleField(_l("Write it in one more language"), [Optional()], choices=_named(others))
    form = made(fields, shown | {"stand": stand_of(shown)})

    def changed() -> editing.Draft:
        return editing.with_facts(
            at.draft,
            added_languages=form.added.data or [] if others else [],
            audience=form.audience.data,
            share=form.share.data,
            own_word=form.own_word.data,
        )

    if is_kept(at, form, shown, changed):
        flash(_("Saved. Learners see it when you publish."))
        return redirect(url_for("owner.edit_course", slug=slug), 303)
    return answer(editing_page("facts.html", form=form, at=at), form)


@bp.route("/begin-course", methods=["GET", "POST"])
@owner
def begin_course() -> str | AnyResponse | Response:
    """Begin a course: what it is called, in which language it is written, and whom it is for."""
    fields = {
        "title": title_field(_l("Title"), language(), needed=True),
        "first": RadioField(
            _l("The language it is written in first"), [InputRequired(CHOOSE_ONE)], choices=_named(LANGUAGES)
        ),
        "others": SelectMultipleField(_l("Other languages"), [Optional()], choices=_named(LANGUAGES)),
        "audience": _audience(),
        "slug": StringField(_l("Id"), [Optional(), is_id], render_kw={"maxlength": 60}),
    }
    form = made(fields, {"first": language(), "stand": stand_of({})})
    if form.validate_on_submit() and (slug := _begin(form)):
        flash(_("The course is begun. Nobody sees it until you publish."))
        return redirect(url_for("owner.edit_course", slug=slug), 303)
    return answer(editing_page("begin.html", form=form), form)


def _begin(form: Any) -> str | None:
    """Begin the course that a form describes and return its id; where that is not possible, the form says why."""
    slug: str = form.slug.data or new_id(form.title.data, ())
    languages = [form.first.data, *(code for code in form.others.data or [] if code != form.first.data)]
    draft = editing.begun(slug, form.title.data, languages, form.audience.data)
    authoring.take_the_pen(current_session(), house())
    try:
        authoring.begin_course(
            current_session(),
            house=house(),
            folder=installation().settings.courses / slug,
            draft=draft,
            by=current_person(),
        )
    except CourseExists:
        form.slug.errors = [_("There is a course with the id “%(id)s” already. Write another one.", id=slug)]
    except FolderNotWritable:
        form.stopped = not_writable()
    else:
        return slug
    return None


def _removed_just_now(at: Desk, code: str) -> str | None:
    """Return a language that was taken out of the course, while it can be brought back."""
    return code if code in LANGUAGES and code not in at.draft.languages and away(at.folder, code) else None


def _named(codes: Any) -> list[SelectChoice]:
    return [SelectChoice(code, LANGUAGES[code]) for code in codes]


def _audience() -> Any:
    return SelectMultipleField(
        _l("Whom it is for"),
        [InputRequired(CHOOSE_ONE)],
        choices=[SelectChoice(code, name) for code, name in SECTORS.items()],
    )


def _row(at: Desk, module: ModuleDraft, places: list[Place]) -> ModuleRow:
    key = module.id
    return ModuleRow(
        key=key,
        title=at.module_title(key),
        minutes=module.minutes,
        is_open=module.open,
        lessons=[(lesson.id, at.lesson_title(key, lesson.id), dict(lesson.videos)) for lesson in module.lessons],
        languages=_languages(at, places),
    )


def _languages(at: Desk, places: list[Place]) -> list[LanguageRow]:
    return [LanguageRow(code, len(editing.lacking(at.draft, code, places))) for code in at.draft.languages]


def _old_titles(content: dict[str, Any]) -> dict[str, str]:
    """Return the titles that a published version's modules have, for those that are no longer in the files."""
    return {module.key: str(module.title(language())) for module in Content(content).modules}
