"""A learner's module: the film, its text, notes; skipping a passage; saying that one has read it."""

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from elearn.catalogue.queries import outline_of_lesson, outline_of_module
from elearn.core import clock
from elearn.core.i18n import format_time, language
from elearn.core.i18n import gettext as _
from elearn.learning import lines, queries, services
from elearn.learning.around import country_here, explain_leaving_first, stand_in
from elearn.learning.errors import NoLiveSeat, OwnWordNotTaken
from elearn.learning.forms import NoteForm
from elearn.learning.standing import standings_of
from elearn.learning.views import bp
from elearn.learning.views.module_page import (
    ModulePage,
    Reader,
    asked_language,
    chosen_lesson,
    missing_sentence,
    show_film,
)
from elearn.learning.views.watching import no_live_seat
from elearn.licensing.queries import live_seat
from elearn.organisations.access import person_scope
from elearn.web import access
from elearn.web.forms import ButtonForm
from elearn.web.links import safe_path
from elearn.web.session import current_session


@bp.get("/learn/modules/<int:module_id>")
@access.signed_in
def module(module_id: int) -> str | Response:
    """Show a module to whoever holds a live seat. Nothing is written: the player asks for its ticket by POST."""
    if redirected := explain_leaving_first():
        return redirected
    session, scope = current_session(), person_scope()
    course = outline_of_module(session, scope, module_id)
    seat = live_seat(session, scope, course.id)
    if seat is None:
        return _closed(course.id)
    stand_in(seat.licence.municipality)
    shown_module = course.module(module_id)
    asked = asked_language(shown_module)
    progress = queries.course_progress(session, scope, course, language(), spoken=asked).module(module_id)
    lesson = chosen_lesson(shown_module, progress, request.args.get("film"))
    lesson_progress = next(each for each in progress.lessons if each.lesson.id == lesson.id)
    page = ModulePage(
        reader=Reader.LEARNER,
        course=course,
        module=shown_module,
        number=course.modules.index(shown_module) + 1,
        shown=show_film(Reader.LEARNER, course, shown_module, lesson, lesson_progress),
        progress=progress,
        notes=queries.notes_of_module(session, scope, module_id),
        after=course.after(module_id),
        asked=asked,
    )
    return render_module(page)


@bp.post("/learn/lessons/<int:lesson_id>/passages/<passage>/skip")
@access.signed_in
def skip_passage(lesson_id: int, passage: str) -> Response:
    """Leave a marked passage out; no reason is asked."""
    services.skip_passage(
        current_session(), person_scope(), lesson_id=lesson_id, passage=passage, language=_spoken_language()
    )
    flash(_("The part is skipped. It no longer counts."))
    return _back_to_film(lesson_id)


@bp.post("/learn/lessons/<int:lesson_id>/passages/<passage>/include")
@access.signed_in
def include_passage(lesson_id: int, passage: str) -> Response:
    """Take a skipped passage back in."""
    services.include_passage(
        current_session(), person_scope(), lesson_id=lesson_id, passage=passage, language=_spoken_language()
    )
    flash(_("The part is back in the film."))
    return _back_to_film(lesson_id)


@bp.post("/learn/lessons/<int:lesson_id>/read")
@access.signed_in
def say_read(lesson_id: int) -> Response:
    """Take the learner's word that they have read the film's text."""
    try:
        services.say_read(current_session(), person_scope(), lesson_id=lesson_id)
    except OwnWordNotTaken:
        abort(404)
    flash(_("Saved. The film counts as read."))
    return _back_to_film(lesson_id)


@bp.post("/learn/modules/<int:module_id>/notes/<question>")
@access.signed_in
def save_note(module_id: int, question: str) -> Response:
    """Keep a private note; an empty one is deleted. Answers the page's script, or a plain form."""
    form = NoteForm.sent()
    text = form.text.data
    if text is None or not form.validate():  # a body that says nothing of the note must not delete it
        abort(400)
    saved_at = services.save_note(current_session(), person_scope(), module_id=module_id, question=question, text=text)
    if request.is_json:
        return jsonify(saved_at=format_time(saved_at or clock.now(), country_here()))
    flash(_("Saved") if saved_at else _("The note is deleted."))
    back = safe_path(request.form.get("next")) or url_for("learning.module", module_id=module_id)
    return redirect(f"{back}#note-{module_id}-{question}", 303)


def render_module(page: ModulePage) -> str:
    """Render a module for any of its readers."""
    progress = page.shown.progress
    return render_template(
        "learning/module.html",
        nav="courses",
        base="learner.html" if page.is_learner else "learning/visitor.html",
        page=page,
        shown=page.shown,
        film_bars=lines.film_bars(progress) if progress else [],
        film_words=lines.film_words(progress) if progress else "",
        missing=missing_sentence(progress) if progress else "",
        spoken=language(),
        country=country_here() if page.is_learner else "",
        form=ButtonForm(),
    )


def _closed(course_id: int) -> Response:
    """Lead whoever has, or had, a seat that is not open today to the page that says why; others find nothing here."""
    found = standings_of(current_session(), person_scope())
    if all(each.course_id != course_id for each in found):
        abort(404)
    return redirect(url_for("learning.course", course_id=course_id), 303)


def _spoken_language() -> str:
    """Return the language of the film on the page that was pressed on."""
    spoken: str = request.form.get("spoken") or language()
    return spoken


def _back_to_film(lesson_id: int) -> Response:
    course = outline_of_lesson(current_session(), person_scope(), lesson_id)
    module, lesson = course.module_of_lesson(lesson_id)
    spoken = request.form.get("spoken") if len(lesson.films) > 1 else None
    return redirect(url_for("learning.module", module_id=module.id, film=lesson_id, spoken=spoken), 303)


@bp.errorhandler(NoLiveSeat)
def seat_is_gone(error: NoLiveSeat) -> Response:
    """Lead from a form whose seat has ended since to where the learner's courses stand now; tell a script why."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return redirect(url_for("learning.my_courses"), 303)
    return no_live_seat(error)
