"""What people have answered under their names, in forms that say so: the course house reads it, nobody else."""

from dataclasses import dataclass
from functools import partial

from flask import Response, flash, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core import audit
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.scope import HouseScope
from elearn.evaluation.errors import PassageNotFound
from elearn.evaluation.forms import RedactForm
from elearn.evaluation.services import moderating
from elearn.feedback import form_queries
from elearn.feedback.answer_words import answered
from elearn.feedback.form_files import FormFile
from elearn.feedback.form_queries import NamedAnswers
from elearn.home.lists import page_number
from elearn.home.owner.forms.pages import form_title, forms_page
from elearn.home.owner.pages import bp
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.access import house_scope, owner
from elearn.web.session import afterwards, current_session

READ = audit.kind("feedback.named_answers.read", "form_id", "page")


@dataclass(frozen=True)
class Shown:
    """One person's answers in words."""

    given: NamedAnswers
    lines: list[tuple[str, list[str]]]
    has_text: bool
    """Whether there is something in their own words, of which a passage may be taken out."""


@bp.route("/forms/<int:named_form_id>/answers", methods=["GET", "POST"])
@owner
def named_answers(named_form_id: int) -> str | AnyResponse | Response:
    """Show what was answered by name, the latest first; that they were read is noted. Or take a passage out."""
    session, scope = current_session(), house_scope()
    row = form_queries.form(session, scope, named_form_id)
    if row.is_anonymous or row.current_version is None:
        raise NotFound("nobody may read these answers by name")
    number, form = page_number(), RedactForm()
    response_id = request.form.get("response", type=int)
    if form.validate_on_submit() and response_id is not None:
        response = form_queries.named_response(session, scope, named_form_id, response_id)
        try:
            moderating.redact_named(session, response=response, passage=form.passage.data, by=current_person())
        except PassageNotFound:
            form.passage.errors = [_("The text does not hold these words. Copy them exactly as they stand.")]
        else:
            flash(_("The passage is gone, also from what we keep."))
            return redirect(
                url_for("owner.named_answers", named_form_id=named_form_id, page=number, _anchor=f"a{response_id}"), 303
            )
    found, total = form_queries.named_answers(
        session, scope, named_form_id, first=(number - 1) * PAGE_SIZE, most=PAGE_SIZE
    )
    afterwards(partial(_note_reading, scope=scope, form_id=named_form_id, page=number))
    page = forms_page(
        "answers.html",
        row=row,
        answers=Page([_shown(each) for each in found], total, number),
        title=form_title(FormFile.model_validate(row.current_version.content)),
        form=form,
        wrong=response_id if form.errors else None,
    )
    return make_response(page, 422) if form.errors else page


def _shown(given: NamedAnswers) -> Shown:
    form, answers = FormFile.model_validate(given.version.content), given.response.answers
    has_text = any(question.is_text and question.id in answers for question in form.questions())
    return Shown(given, answered(form, answers, language()), has_text)


def _note_reading(session: Session, *, scope: HouseScope, form_id: int, page: int) -> None:
    audit.record(
        session,
        READ,
        actor_id=scope.person_id,
        course_house_id=scope.course_house_id,
        form_id=form_id,
        page=page,
    )
