"""What the owner's pages about forms share."""

from collections.abc import Iterable
from typing import Any

from flask import Response, make_response, render_template
from sqlalchemy.orm import Session

from elearn.catalogue import queries as catalogue
from elearn.core.i18n import language
from elearn.core.scope import HouseScope
from elearn.feedback.form_files import FormFile
from elearn.feedback.words import say
from elearn.home.owner.forms.fields import fault_of
from elearn.home.owner.forms.words import AUDIENCES, LEVELS, MOMENTS, TYPES, answers_of


def forms_page(template: str, *, named: Iterable[FormFile] = (), **context: Any) -> str:
    """Draw a page about forms; those in `named` are called by their headings."""
    return render_template(
        f"owner/forms/{template}",
        audiences=AUDIENCES,
        moments=MOMENTS,
        levels=LEVELS,
        types=TYPES,
        answers_of=answers_of,
        fault_of=fault_of,
        form_names={form.id: form_title(form) for form in named},
        say=lambda words, code=None: say(words, code or language()),
        **context,
    )


def course_languages(session: Session, scope: HouseScope, course_id: int) -> list[str]:
    """Return the languages of a course of the house, its first one first. Raises `NotFound`."""
    return catalogue.course(session, scope, course_id).content.languages


def form_title(form: FormFile) -> str:
    """Return a form's heading in the language spoken now."""
    return str(say(form.title, language()))


def yaml_file(key: str, text: str) -> Response:
    """Answer with a form's file."""
    response = make_response(text)
    response.headers["Content-Type"] = "application/yaml; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{key}.yaml"'
    return response


def refused(page: str) -> Response:
    """Answer with a page that says what to correct."""
    return make_response(page, 422)
