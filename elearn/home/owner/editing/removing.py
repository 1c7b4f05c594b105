"""What was begun by mistake goes again: a course that nobody has seen, and a language. Both can be brought back."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.catalogue import authoring, editing, put_away
from elearn.catalogue.content import Content
from elearn.catalogue.course_files import TextsFile, written_texts
from elearn.catalogue.errors import CourseChanged, CourseIsPublished, FolderNotWritable
from elearn.core.errors import NotFound
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.home.owner.editing.fields import made
from elearn.home.owner.editing.pages import (
    Desk,
    answer,
    desk,
    desk_for_form,
    editing_page,
    is_saved,
    known_language,
    not_writable,
    published,
    stand_of,
)
from elearn.home.owner.folders import own_folder, own_place
from elearn.home.owner.pages import bp, house
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.route("/edit/<slug>/remove", methods=["GET", "POST"])
@owner
def remove_course(slug: str) -> str | AnyResponse | Response:
    """Remove a course that was never published, once it has been asked whether to; one that was says why it stays."""
    folder = own_folder(current_session(), house_scope(), slug)
    form = made({}, {"stand": put_away.state_of(folder)})
    if request.method == "POST":
        try:
            authoring.remove_course(
                current_session(), house=house(), folder=folder, seen=form.stand.data, by=current_person()
            )
        except CourseChanged:
            own_folder(current_session(), house_scope(), slug)
            form.stand.data = put_away.state_of(folder)
            form.stopped = _("Somebody changed the course meanwhile. Look again before you remove it.")
        except FolderNotWritable:
            form.stopped = not_writable()
        except CourseIsPublished:
            pass  # the page says why it stays
        else:
            return redirect(url_for("owner.start", removed=slug), 303)
    page = editing_page(
        "remove-course.html",
        form=form,
        slug=slug,
        version=published(slug),
        files=[path.relative_to(folder) for path in put_away.files_of(folder)],
    )
    return answer(page, form)


@bp.post("/edit/<slug>/bring-back")
@owner
def bring_back_course(slug: str) -> AnyResponse | Response:
    """Bring a removed course back."""
    folder = own_place(current_session(), house_scope(), slug)
    try:
        is_back = authoring.bring_back_course(current_session(), house=house(), folder=folder, by=current_person())
    except FolderNotWritable:
        flash(not_writable(), "note")
        return redirect(url_for("owner.start", removed=slug), 303)
    if not is_back:
        flash(_("Nothing was brought back: there is a course with this id now, or none was removed."), "note")
        return redirect(url_for("owner.start"), 303)
    flash(_("The course is back."))
    return redirect(url_for("owner.edit_course", slug=slug), 303)


@bp.route("/edit/<slug>/languages/<text_language>/remove", methods=["GET", "POST"])
@owner
def remove_language(slug: str, text_language: str) -> str | AnyResponse | Response:
    """Take a language out of a course, with what is written in it, once it has been asked whether to."""
    at = desk_for_form(slug)
    code = known_language(at, text_language)
    left, said = editing.without_language(at.draft, code), at.draft.texts[code]
    form = made({}, {"stand": stand_of(said)})
    if request.method == "POST" and _is_language_removed(at, code, left, form):
        place = at.draft.languages.index(code)
        return redirect(url_for("owner.edit_course", slug=slug, removed=code, place=place), 303)
    version = published(slug)
    page = editing_page(
        "remove-language.html",
        form=form,
        at=at,
        code=code,
        texts=len(list(written_texts(TextsFile.model_validate(said)))),
        is_read=version is not None and code in Content(version.content).languages,
    )
    return answer(page, form)


def _is_language_removed(at: Desk, code: str, left: editing.Draft, form: Any) -> bool:
    """Remove a language whose texts are those that were looked at; otherwise the form says why it stays."""
    stand = stand_of(at.draft.texts[code])
    if form.stand.data != stand:
        form.stand.data = stand
        form.stopped = _("Somebody changed these texts meanwhile. Look again before you remove them.")
        return False
    try:
        if (at.folder / f"{code}.yaml").is_file():
            put_away.put_away(at.folder, code)
    except FolderNotWritable:
        form.stopped = not_writable()
        return False
    return is_saved(at, form, lambda: left)


@bp.post("/edit/<slug>/languages/<text_language>/bring-back")
@owner
def bring_back_language(slug: str, text_language: str) -> AnyResponse | Response:
    """Bring a language back that was taken out of a course, with what was written in it."""
    at = desk(slug, to_change=True)
    if text_language not in LANGUAGES:
        raise NotFound("no such language")
    place = request.form.get("place", 1, type=int)
    try:
        is_back = authoring.bring_back_language(
            current_session(),
            house=house(),
            folder=at.folder,
            draft=at.draft,
            code=text_language,
            place=place,
            by=current_person(),
        )
    except FolderNotWritable:
        flash(not_writable(), "note")
    else:
        flash(_("The language is back.") if is_back else _("Nothing was brought back."))
    return redirect(url_for("owner.edit_course", slug=slug), 303)
