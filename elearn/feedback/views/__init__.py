"""The screens of those who answer: the form itself, what is due on other pages, and guests at an occasion."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from flask_login import current_user
from werkzeug.local import LocalProxy

from elearn.catalogue.content import Text
from elearn.core.i18n import language
from elearn.feedback import queries
from elearn.feedback.due import Due
from elearn.feedback.form_files import Audience, FormFile
from elearn.feedback.known import content_of
from elearn.feedback.queries import Answerable
from elearn.feedback.questions import Rating
from elearn.feedback.words import say
from elearn.learning.around import help_of_this_page, person_keys
from elearn.learning.help_lines import phone_link
from elearn.organisations.access import person_scope
from elearn.web.session import current_session

bp = Blueprint("feedback", __name__, template_folder="../templates")


@dataclass(frozen=True)
class DueCard:
    """A form that asks the person, as other pages show it."""

    due: Due
    title: Text
    intro: Text | None
    questions: int

    @property
    def asks_first(self) -> bool:
        """Whether it stands before the first module: until it is answered or put off."""
        return content_of(self.due.form).asks_first and not (self.due.ask and self.due.ask.put_off_on)


@dataclass(frozen=True)
class ModuleCard:
    """The form that asks about a module the person is through."""

    found: Answerable
    about: str
    title: Text
    tap: tuple[str, Text, list[int | str]] | None
    """The one question that a tap answers: its field, its text and its points."""


@bp.context_processor
def _around_the_page() -> dict[str, Any]:
    """Give these pages what every page of a learner has."""
    return {"help_lines": LocalProxy(help_of_this_page), "person_keys": person_keys, "phone_link": phone_link}


@bp.app_context_processor
def _asks() -> dict[str, Any]:
    """Let pages that lie below this feature show what is due; looked up only when they ask."""
    return {"feedback_due": _due_cards, "feedback_about_module": _module_card}


@bp.after_request
def _no_referrer(response: Response) -> Response:
    """Have no page after these told where its reader came from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _due_cards(
    course_id: int | None = None, *, audiences: tuple[str, ...] = (Audience.STAFF,), municipality_id: int | None = None
) -> list[DueCard]:
    """Return the forms that ask the signed-in person, as one of some audiences, in a course or for a municipality."""
    if not current_user.is_authenticated:
        return []
    return [
        _card(due, content_of(due.form))
        for due in queries.due_forms(current_session(), person_scope())
        if due.place.audience in audiences
        and course_id in (None, due.form.course_id)
        and municipality_id in (None, due.place.municipality_id)
    ]


def _card(due: Due, content: FormFile) -> DueCard:
    intro = say(content.intro, language()) if content.intro else None
    return DueCard(due, say(content.title, language()), intro, len(list(content.questions())))


def _module_card(module_id: int) -> ModuleCard | None:
    found = queries.module_form(current_session(), person_scope(), module_id)
    if found is None:
        return None
    answerable, about = found
    asked = list(answerable.content.questions())
    first = asked[0]
    tap = None
    # Whoever has seats from two municipalities says on the form for which they answer.
    is_one_place = len({place.municipality_id for place in answerable.places}) == 1
    if len(asked) == 1 and isinstance(first, Rating) and is_one_place:
        tap = (f"q.{first.id}", say(first.text, language()), first.values())
    return ModuleCard(answerable, about, say(answerable.content.title, language()), tap)


# The modules hang their routes on `bp`, so it has to be there before them.
from elearn.feedback.views import guests, respondents  # noqa: E402, F401 - as the comment says
