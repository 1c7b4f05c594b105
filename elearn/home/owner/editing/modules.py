"""A course's modules: written in the course's first language, added, moved and removed."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from elearn.catalogue import editing
from elearn.catalogue.course_files import MOST_MODULES
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.i18n import format_timecode
from elearn.core.i18n import gettext as _
from elearn.core.i18n import lazy_gettext as _l
from elearn.home.owner.editing import films
from elearn.home.owner.editing.fields import ActForm, film_field, made, sentence_field, title_field
from elearn.home.owner.editing.module_fields import PARTED, minutes_field, module_form, module_said, where
from elearn.home.owner.editing.pages import (
    Desk,
    answer,
    desk,
    desk_for_form,
    editing_page,
    is_kept,
    is_saved,
    offered_films,
    published,
    stand_of,
)
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner
from elearn.web.session import current_session, installation


@bp.route("/edit/<slug>/modules/new", methods=["GET", "POST"])
@owner
def new_module(slug: str) -> str | AnyResponse | Response:
    """Begin a module: its title, and its film if there is one already."""
    at = desk_for_form(slug)
    if len(editing.modules(at.draft)) >= MOST_MODULES:
        raise NotFound("no room for another module")
    offered = offered_films()
    code = at.draft.source
    fields = {
        "title": title_field(_l("Title"), code, needed=True),
        "summary": sentence_field(_l("Summary"), code),
        "minutes": minutes_field(),
        "film": film_field(_l("Film"), offered, with_language=True),
    }
    chosen = request.args.get("film", "")
    known = {each.key for each in offered}
    form = made(fields, {"minutes": 10, "film": chosen if chosen in known else "", "stand": stand_of({})})
    begun: list[str] = []

    def changed() -> editing.Draft:
        spoken = {each.key: each.language for each in offered}
        videos = {spoken[form.film.data]: form.film.data} if form.film.data else {}
        draft, key = editing.with_new_module(
            at.draft,
            title=form.title.data,
            summary=form.summary.data or "",
            minutes=form.minutes.data,
            videos=videos,
            taken=_known_modules(slug),
        )
        begun.append(key)
        return draft

    if is_kept(at, form, {}, changed):
        flash(_("The module is begun. Learners see it when you publish."))
        return redirect(url_for("owner.edit_module", slug=slug, module_key=begun[0]), 303)
    return answer(editing_page("new-module.html", form=form, at=at), form)


@bp.route("/edit/<slug>/modules/<module_key>", methods=["GET", "POST"])
@owner
def edit_module(slug: str, module_key: str) -> str | AnyResponse | Response:
    """Write a module: its texts in the course's first language, and what it consists of."""
    at = desk_for_form(slug)
    shown = _shown(at, module_key)
    passages = _passages(at, module_key, shown)
    form = module_form(at.draft.source, shown, passages, stand_of(shown))

    def changed() -> editing.Draft:
        return editing.with_module(at.draft, module_key, module_said(form, shown), taken=_known_parts(slug, module_key))

    if is_kept(at, form, shown, changed):
        flash(_("Saved. Learners see it when you publish."))
        return redirect(url_for("owner.edit_course", slug=slug, _anchor=module_key), 303)
    page = editing_page("module.html", form=form, at=at, module_key=module_key, passages=passages)
    return answer(page, form)


@bp.route("/edit/<slug>/modules/<module_key>/remove", methods=["GET", "POST"])
@owner
def remove_module(slug: str, module_key: str) -> str | AnyResponse | Response:
    """Take a module out of the course, once it has been asked whether to."""
    at = desk_for_form(slug)
    form: Any = ActForm()
    removed = editing.without_module(at.draft, module_key)
    if request.method == "POST" and is_saved(at, form, lambda: removed):
        flash(_("The module is removed. Learners see that when you publish."))
        return redirect(url_for("owner.edit_course", slug=slug), 303)
    page = editing_page("remove.html", form=form, at=at, module_key=module_key, lesson_key=None)
    return answer(page, form)


@bp.post("/edit/<slug>/move")
@owner
def move_part(slug: str) -> AnyResponse | Response:
    """Move a module, or a lesson in its module, one place up or down."""
    at = desk(slug, to_change=True)
    form: Any = ActForm()
    module_key, lesson_key = request.form.get("module", ""), request.form.get("lesson") or None
    draft = editing.moved(at.draft, module_key, lesson_key, up=request.form.get("to") == "up")
    if not is_saved(at, form, lambda: draft):
        flash(form.stopped)
    return redirect(url_for("owner.edit_course", slug=slug, _anchor=module_key), 303)


def _passages(at: Desk, module_key: str, shown: dict[str, Any]) -> dict[str, str]:
    """Return the passages that a module's films have, as people read them, by where they lie.

    Those that notices are about stay among them when a film does not have them: a new film may not be marked yet.
    """
    found = {}
    several = len(editing.lessons(at.draft, module_key)) > 1
    for lesson in editing.lessons(at.draft, module_key):
        keys = list(lesson["videos"].values())
        for passage in films.common_passages(installation().settings.manifests, keys):
            times = f"{format_timecode(passage.from_s)}–{format_timecode(passage.to_s)}"
            words = [times, passage.id, at.lesson_title(module_key, lesson["id"]) if several else ""]
            found[where(lesson["id"], passage.id)] = " · ".join(part for part in words if part)
    for place in (each["where"] for each in shown["notices"] if each["where"] not in found):
        passage = place.partition(PARTED)[2]
        found[place] = _("%(passage)s · not marked in every film of its lesson", passage=passage)
    return found


def _shown(at: Desk, module_key: str) -> dict[str, Any]:
    """Return a module as its form shows it."""
    editing.module(at.draft, module_key)
    module = next(each for each in at.draft.structure.modules if each.id == module_key)

    def said(*place: str) -> str:
        return (at.draft.text(at.draft.source, ("modules", module_key, *place)) or "").strip()

    return {
        **{name: said(name) for name in ("title", "summary", "text", "practice")},
        "minutes": module.minutes,
        "open": module.open,
        "questions": [{"key": key, "words": said("questions", key)} for key in module.questions],
        "resources": [
            {"key": each.id, "url": each.url, "words": said("resources", each.id)} for each in module.resources
        ],
        "notices": [
            {
                "where": where(each.lesson, each.passage),
                "closeness": each.closeness,
                "words": said("notices", each.passage),
            }
            for each in module.notices
        ],
    }


def _known_modules(slug: str) -> set[str]:
    """Return the ids that the course's modules have had: what people did there hangs on them."""
    course = current_session().scalar(select(Course).where(Course.slug == slug))
    return {module.key for module in course.modules} if course else set()


def _known_parts(slug: str, module_key: str) -> set[str]:
    """Return the ids of questions and links that the published module has: notes hang on them."""
    version = published(slug)
    module = (
        next((each for each in version.content["course"]["modules"] if each["id"] == module_key), None)
        if version
        else None
    )
    return {*module["questions"], *(each["id"] for each in module["resources"])} if module else set()
