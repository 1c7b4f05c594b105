"""A course's words, the course's own and a module's in a second language: each text beside the one it translates."""

from typing import Any

from flask import Response, flash, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.catalogue import editing
from elearn.catalogue.course_files import Place, is_markdown, is_title
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.home.owner.editing.fields import made, markdown_field, sentence_field, title_field
from elearn.home.owner.editing.pages import Desk, answer, desk_for_form, editing_page, is_kept, known_language, stand_of
from elearn.home.owner.editing.words import place_name
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner


@bp.route("/edit/<slug>/words/<text_language>", methods=["GET", "POST"])
@owner
def edit_words(slug: str, text_language: str) -> str | AnyResponse | Response:
    """Write the course's title, summary and description in one of its languages."""
    return _write(desk_for_form(slug), text_language, None)


@bp.route("/edit/<slug>/modules/<module_key>/words/<text_language>", methods=["GET", "POST"])
@owner
def translate_module(slug: str, module_key: str, text_language: str) -> str | AnyResponse | Response:
    """Write a module's texts in another language than the first."""
    at = desk_for_form(slug)
    editing.module(at.draft, module_key)
    if text_language == at.draft.source:
        raise NotFound("a module's first language is written with the module")
    return _write(at, text_language, module_key)


def _write(at: Desk, code: str, module_key: str | None) -> str | AnyResponse | Response:
    draft = at.draft
    spoken, is_source = known_language(at, code), code == draft.source
    names = {_field_name(place): place for place in editing.places(draft)[module_key]}
    shown = {name: (draft.text(spoken, place) or "").strip() for name, place in names.items()}
    fields = {name: _field(place, spoken, needed=is_source) for name, place in names.items()}
    form = made(fields, shown | {"stand": stand_of(shown)})

    def changed() -> editing.Draft:
        return editing.with_texts(draft, spoken, {place: form[name].data or "" for name, place in names.items()})

    if is_kept(at, form, shown, changed):
        flash(_("Saved. Learners see it when you publish."))
        return redirect(url_for("owner.edit_course", slug=at.slug, _anchor=module_key), 303)
    page = editing_page(
        "texts.html",
        form=form,
        at=at,
        code=spoken,
        module_key=module_key,
        source=None if is_source else draft.source,
        rows=[(form[name], place, draft.text(draft.source, place)) for name, place in names.items()],
    )
    return answer(page, form)


def _field_name(place: Place) -> str:
    """Return a text's name within its form; ids hold no two hyphens."""
    return "--".join(place[2:] if len(place) > 1 else place)


def _field(place: Place, code: str, *, needed: bool) -> Any:
    label = place_name(place)
    if is_title(place):
        return title_field(label, code, needed=needed)
    if is_markdown(place):
        return markdown_field(label, code, rows=6 if place[-1] == "practice" else 14)
    return sentence_field(label, code, needed=needed)
