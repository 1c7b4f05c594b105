"""A module's lessons: the title in each language, and which film is shown in each spoken language."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from elearn.catalogue import editing
from elearn.catalogue.course_files import MOST_LESSONS
from elearn.catalogue.models import Course, Lesson, Module
from elearn.core.errors import NotFound
from elearn.core.i18n import LANGUAGES
from elearn.core.i18n import gettext as _
from elearn.home.owner.editing.fields import ActForm, WrittenForm, film_field, made, title_field
from elearn.home.owner.editing.films import Choice
from elearn.home.owner.editing.pages import (
    Desk,
    answer,
    desk_for_form,
    editing_page,
    is_kept,
    is_saved,
    offered_films,
    stand_of,
)
from elearn.home.owner.pages import bp
from elearn.organisations.access import owner
from elearn.web.session import current_session


class LessonForm(WrittenForm):
    """A lesson; `_form` adds its fields."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that there is a film."""
        good = bool(super().validate(extra_validators))
        shown = [field for name, field in self._fields.items() if name.startswith("film-")]
        if not any(field.data for field in shown):
            shown[0].errors = [_("Choose a film in at least one language.")]
            return False
        return good


@bp.route("/edit/<slug>/modules/<module_key>/lessons/new", methods=["GET", "POST"])
@owner
def new_lesson(slug: str, module_key: str) -> str | AnyResponse | Response:
    """Add a lesson to a module."""
    at = desk_for_form(slug)
    if len(editing.lessons(at.draft, module_key)) >= MOST_LESSONS:
        raise NotFound("no room for another lesson")
    return _write(at, module_key, None)


@bp.route("/edit/<slug>/modules/<module_key>/lessons/<lesson_key>", methods=["GET", "POST"])
@owner
def edit_lesson(slug: str, module_key: str, lesson_key: str) -> str | AnyResponse | Response:
    """Write a lesson's titles and choose its films."""
    at = desk_for_form(slug)
    editing.lesson(at.draft, module_key, lesson_key)
    return _write(at, module_key, lesson_key)


@bp.route("/edit/<slug>/modules/<module_key>/lessons/<lesson_key>/remove", methods=["GET", "POST"])
@owner
def remove_lesson(slug: str, module_key: str, lesson_key: str) -> str | AnyResponse | Response:
    """Take a lesson out of its module, once it has been asked whether to."""
    at = desk_for_form(slug)
    form: Any = ActForm()
    removed = editing.without_lesson(at.draft, module_key, lesson_key)
    if request.method == "POST" and is_saved(at, form, lambda: removed):
        flash(_("The film is removed from the module. Learners see that when you publish."))
        return redirect(url_for("owner.edit_course", slug=slug, _anchor=module_key), 303)
    page = editing_page("remove.html", form=form, at=at, module_key=module_key, lesson_key=lesson_key)
    return answer(page, form)


def _write(at: Desk, module_key: str, key: str | None) -> str | AnyResponse | Response:
    draft = at.draft
    videos = editing.lesson(draft, module_key, key)["videos"] if key else {}
    titles = {
        code: (draft.text(code, ("modules", module_key, "lessons", key)) or "").strip() if key else ""
        for code in draft.languages
    }
    shown = {f"title-{code}": title for code, title in titles.items()}
    shown |= {f"film-{code}": videos.get(code, "") for code in LANGUAGES}
    offered = offered_films()
    fields: dict[str, Any] = {
        f"title-{code}": title_field(LANGUAGES[code], code, needed=code == draft.source) for code in draft.languages
    }
    fields |= {f"film-{code}": film_field(LANGUAGES[code], _offered(offered, code, videos)) for code in LANGUAGES}
    form = made(fields, shown | {"stand": stand_of(shown)}, LessonForm)

    def changed() -> editing.Draft:
        return editing.with_lesson(
            draft,
            module_key,
            key,
            titles={code: form[f"title-{code}"].data or "" for code in draft.languages},
            videos={code: chosen for code in LANGUAGES if (chosen := form[f"film-{code}"].data)},
            taken=() if key else _known_lessons(at.slug, module_key),
        )[0]

    if is_kept(at, form, shown, changed):
        flash(_("Saved. Learners see it when you publish."))
        return redirect(url_for("owner.edit_course", slug=at.slug, _anchor=module_key), 303)
    page = editing_page(
        "lesson.html",
        form=form,
        at=at,
        module_key=module_key,
        lesson_key=key,
        titles=[form[f"title-{code}"] for code in draft.languages],
        films=[form[f"film-{code}"] for code in LANGUAGES],
    )
    return answer(page, form)


def _offered(offered: list[Choice], code: str, videos: dict[str, str]) -> list[Choice]:
    """Return the house's films in a spoken language, and the one that is shown now, whosever it is."""
    found = [film for film in offered if film.language == code]
    shown = videos.get(code)
    if shown and all(film.key != shown for film in found):
        found.append(Choice(shown, code, ""))
    return found


def _known_lessons(slug: str, module_key: str) -> set[str]:
    """Return the ids that the module's lessons have had: what people watched hangs on them."""
    keys = select(Lesson.key).join(Module).join(Course).where(Course.slug == slug, Module.key == module_key)
    return set(current_session().scalars(keys))
