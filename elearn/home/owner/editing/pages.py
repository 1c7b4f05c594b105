"""What the pages share on which a course is written: its files as they stand, and keeping what was written."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import select

from elearn.accounts.signing import current_person
from elearn.catalogue import authoring, markdown
from elearn.catalogue.course_files import Place, is_markdown
from elearn.catalogue.course_folder import read_draft
from elearn.catalogue.editing import Draft
from elearn.catalogue.errors import CannotBeSaved, FolderNotWritable
from elearn.catalogue.models import Course, CourseVersion
from elearn.core.content_files import FileProblems
from elearn.core.errors import DomainError, NotFound
from elearn.core.file_rules import FileProblem
from elearn.core.i18n import LANGUAGES, language
from elearn.core.i18n import gettext as _
from elearn.home.owner.editing.fields import fault_of, leaves
from elearn.home.owner.editing.films import Choice, choices
from elearn.home.owner.folders import own_folder
from elearn.home.owner.pages import bp, house
from elearn.organisations.access import house_scope
from elearn.web.session import current_session, installation


@dataclass(frozen=True)
class Desk:
    """A course as its files say it now."""

    slug: str
    folder: Path
    draft: Draft

    @property
    def title(self) -> str:
        """The course's title in the language spoken now, or in its own."""
        return self.words(("title",)) or self.slug

    def words(self, place: Place) -> str:
        """Return a text in the language spoken now, else in the course's first language, else nothing."""
        return self.draft.text(language(), place) or self.draft.text(self.draft.source, place) or ""

    def module_title(self, key: str) -> str:
        """Return a module's title, or its id while it has none."""
        return self.words(("modules", key, "title")) or key

    def lesson_title(self, module_key: str, key: str) -> str:
        """Return a lesson's title, or its id while it has none."""
        return self.words(("modules", module_key, "lessons", key)) or key


class FilesUnreadable(DomainError):
    """The files cannot be read as a course, so there is nothing that could be changed here."""

    def __init__(self, slug: str, problems: list[FileProblem]) -> None:
        super().__init__(slug)
        self.slug = slug
        self.problems = problems


def desk(slug: str, *, to_change: bool = False) -> Desk:
    """Return a course of the house; to be changed, once no other owner of the house is changing one.

    Raises `NotFound`, `FilesUnreadable`.
    """
    folder = own_folder(current_session(), house_scope(), slug)
    if to_change:
        authoring.take_the_pen(current_session(), house())
    try:
        return Desk(slug, folder, read_draft(folder))
    except FileProblems as refused:
        raise FilesUnreadable(slug, refused.problems) from None


def desk_for_form(slug: str) -> Desk:
    """Return a course for a page that shows a form and takes it."""
    return desk(slug, to_change=request.method == "POST")


def published(slug: str) -> CourseVersion | None:
    """Return the version of a course that learners see; None before there is one."""
    return current_session().scalar(
        select(CourseVersion)
        .join(Course, Course.current_version_id == CourseVersion.id)
        .where(Course.slug == slug, Course.course_house_id == house_scope().course_house_id)
    )


def offered_films() -> list[Choice]:
    """Return the films of the house that asks."""
    return choices(current_session(), house_scope(), installation().settings.manifests)


def known_language(at: Desk, code: str) -> str:
    """Return a language of the course's. Raises `NotFound` for any other."""
    if code not in at.draft.languages:
        raise NotFound("the course is not written in this language")
    return code


def stand_of(shown: dict[str, Any]) -> str:
    """Return a mark that tells whether a part is as it was when its form was opened."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:24]


def is_kept(at: Desk, form: Any, shown: dict[str, Any], change: Callable[[], Draft]) -> bool:
    """Save what was written in a form, if all of it is good; otherwise the form says why not.

    `shown` is how the part stands now. Where that is not how it stood when the form was opened, somebody else has
    written there, and it is asked what shall hold.
    """
    if not form.is_submitted() or is_look() or not form.validate():
        return False
    if form.stand.data != stand_of(shown):
        form.stand.data = stand_of(shown)
        form.meanwhile = _differences(form, shown)
        return False
    return is_saved(at, form, change)


def is_saved(at: Desk, form: Any, change: Callable[[], Draft]) -> bool:
    """Save a change; where it cannot be saved, the form says why."""
    try:
        authoring.save_course(current_session(), house=house(), folder=at.folder, draft=change(), by=current_person())
    except FolderNotWritable:
        form.stopped = not_writable()
    except CannotBeSaved:
        form.stopped = _(
            "There is too much of something here: a module has at most 50 questions, links or lessons, and all texts "
            "in one language together take at most 1 MB."
        )
    else:
        return True
    return False


def not_writable() -> str:
    """Return what is said where the files cannot be written."""
    return _(
        "The course’s files cannot be written on this server, so nothing is saved. What you wrote still stands here. "
        "Whoever runs the server has to let the product write in the courses’ folder, or make room on the disk."
    )


def is_look() -> bool:
    """Whether somebody only wants to see how it will look."""
    return "look" in request.form


def editing_page(template: str, *, form: Any = None, **context: Any) -> str:
    """Draw a page of the editor."""
    return render_template(
        f"owner/editing/{template}",
        form=form,
        faults=leaves(form) if form is not None and form.is_submitted() else [],
        fault_of=fault_of,
        look=is_look(),
        as_html=lambda text: markdown.render(text, 2),
        is_markdown=is_markdown,
        language_names=LANGUAGES,
        **context,
    )


def answer(page: str, form: Any) -> str | Response:
    """Answer with a page; one that did not take what was sent says so to programs, too."""
    return make_response(page, 422) if form.is_submitted() and not is_look() else page


@bp.errorhandler(FilesUnreadable)
def _unreadable(error: FilesUnreadable) -> Response:
    has_version = published(error.slug) is not None
    page = editing_page("unreadable.html", slug=error.slug, problems=error.problems, has_version=has_version)
    return make_response(page, 422)


def _differences(form: Any, shown: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what stands now where something else was written, by the fields' names."""
    return [
        (form[name].label.text, _as_words(value))
        for name, value in shown.items()
        if name in form and _as_words(value) != _as_words(form[name].data)
    ] or [(_("What stands there now is what you wrote."), "")]


def _as_words(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("words") or "")
    if isinstance(value, list):
        return "\n".join(words for each in value if (words := _as_words(each)))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value or "").strip()
