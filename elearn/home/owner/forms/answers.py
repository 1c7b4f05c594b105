"""What people have answered under their names, in forms that say so: the course house reads it, nobody else."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.errors import NotFound
from elearn.core.i18n import language
from elearn.core.scope import HouseScope
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


@bp.get("/forms/<int:named_form_id>/answers")
@owner
def named_answers(named_form_id: int) -> str:
    """Show what was answered by name, the latest first; that they were read is noted."""
    session, scope = current_session(), house_scope()
    row = form_queries.form(session, scope, named_form_id)
    if row.is_anonymous or row.current_version is None:
        raise NotFound("nobody may read these answers by name")
    number = page_number()
    found, total = form_queries.named_answers(
        session, scope, named_form_id, first=(number - 1) * PAGE_SIZE, most=PAGE_SIZE
    )
    afterwards(partial(_note_reading, scope=scope, form_id=named_form_id, page=number))
    shown = [
        Shown(each, answered(FormFile.model_validate(each.version.content), each.response.answers, language()))
        for each in found
    ]
    return forms_page(
        "answers.html",
        row=row,
        answers=Page(shown, total, number),
        title=form_title(FormFile.model_validate(row.current_version.content)),
    )


def _note_reading(session: Session, *, scope: HouseScope, form_id: int, page: int) -> None:
    audit.record(
        session,
        READ,
        actor_id=scope.person_id,
        course_house_id=scope.course_house_id,
        form_id=form_id,
        page=page,
    )
