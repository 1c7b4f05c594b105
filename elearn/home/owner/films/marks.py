"""A film's chapters, and the parts of it that may be skipped."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from elearn.core.content_files import FileProblems
from elearn.core.i18n import gettext as _
from elearn.home.owner.films.fields import (
    add_rows,
    chapters_form,
    chapters_said,
    passages_form,
    passages_said,
)
from elearn.home.owner.films.pages import FilmHere, answered, desk, film_here, film_page, refusal_of
from elearn.home.owner.pages import bp
from elearn.media.editing import change_chapters, change_passages
from elearn.media.errors import ChangedMeanwhile
from elearn.organisations.access import owner
from elearn.web.session import current_session

Save = Callable[[Sequence[Any]], None]


@bp.route("/films/<film_key>/chapters", methods=["GET", "POST"])
@owner
def film_chapters(film_key: str) -> str | AnyResponse | Response:
    """Write a film's chapters."""
    here = film_here(film_key)
    form = chapters_form(here.manifest)

    def save(chapters: Sequence[Any]) -> None:
        change_chapters(current_session(), desk=desk(film_key), chapters=chapters)
        flash(_("The chapters are saved."))

    return _marks_page("chapters.html", here, form, chapters_said, save)


@bp.route("/films/<film_key>/passages", methods=["GET", "POST"])
@owner
def film_passages(film_key: str) -> str | AnyResponse | Response:
    """Write which parts of a film may be skipped."""
    here = film_here(film_key)
    form = passages_form(here.manifest)

    def save(passages: Sequence[Any]) -> None:
        change_passages(current_session(), desk=desk(film_key), passages=passages)
        flash(_("The parts that may be skipped are saved."))

    return _marks_page("passages.html", here, form, passages_said, save)


def _marks_page(
    template: str, here: FilmHere, form: Any, said: Callable[..., Sequence[Any] | None], save: Save
) -> str | AnyResponse | Response:
    refusal = None
    wants_rows = "more" in request.form
    if form.is_submitted() and wants_rows:
        add_rows(form)
    elif form.is_submitted() and (marks := said(form, here.manifest)) is not None:
        try:
            save(marks)
        except (ChangedMeanwhile, FileProblems) as error:
            refusal = refusal_of(error)
        else:
            return redirect(url_for("owner.film", film_key=here.key), 303)
    page = film_page(template, here, form=form, refusal=refusal)
    return answered(page, refusal, is_sent=form.is_submitted() and not wants_rows)
