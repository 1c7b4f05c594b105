"""The page that shows a form's questions, to people with an account and to guests alike."""

from flask import Response as Page
from flask import make_response, render_template
from werkzeug.wrappers import Response

from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.feedback import forms
from elearn.feedback.forms import ResponseForm
from elearn.feedback.free_text import PATTERNS
from elearn.feedback.models import FeedbackForm, FeedbackOccasion
from elearn.feedback.services.answering import is_compared
from elearn.feedback.words import say
from elearn.web.errors import answer
from elearn.web.session import current_session


def form_page(
    form: ResponseForm,
    row: FeedbackForm,
    *,
    base: str,
    occasion: FeedbackOccasion | None = None,
    is_kept: bool = False,
) -> str | Response:
    """Return a form's page; with faults at its answers it is a refusal that keeps what was written.

    `is_kept` says that a draft is shown.
    """
    content = form.content
    page = render_template(
        "feedback/form.html",
        form=form,
        content=content,
        row=row,
        house=row.course.course_house.name,
        title=say(content.title, language()),
        intro=say(content.intro, language()) if content.intro else None,
        sections=forms.sections(form, language()),
        has_text=any(question.is_text for question in content.questions()),
        is_compared=is_compared(current_session(), row),
        patterns=PATTERNS,
        base=base,
        nav="courses",
        occasion=occasion,
        is_kept=is_kept,
    )
    return make_response(page, 422) if form.errors else page


def closed() -> Page:
    """Say that answers came too late."""
    return answer(410, _("This is closed"), _("No more answers are taken. Nothing was stored."))
