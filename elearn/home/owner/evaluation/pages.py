"""The owner's evaluation of a course: all answers, each municipality's beside all, and how it was made."""

from typing import Any

from flask import render_template

from elearn.catalogue import queries as catalogue
from elearn.catalogue.queries import CourseOutline
from elearn.core import clock
from elearn.core.i18n import language
from elearn.evaluation import queries
from elearn.feedback.models import FeedbackRound
from elearn.home.evaluations import drawing, method_context, module_titles, next_release, shown
from elearn.home.owner.pages import bp, titles
from elearn.organisations.access import house_scope, owner
from elearn.web.session import current_session


@bp.get("/evaluation")
@owner
def evaluations() -> str:
    """List the house's courses with their rounds of evaluation."""
    session, scope = current_session(), house_scope()
    rounds: dict[int, list[queries.RoundRow]] = {}
    for row in queries.rounds(session, scope):
        rounds.setdefault(row.round.course_id, []).append(row)
    return render_template(
        "owner/evaluation/list.html",
        titles=titles(session, scope),
        rounds=rounds,
        next_release=next_release(clock.now()),
    )


@bp.get("/evaluation/<int:round_id>")
@owner
def evaluation(round_id: int) -> str:
    """Show what a round came to, over all municipalities."""
    round_, course = find(round_id)
    session, scope = current_session(), house_scope()
    return evaluation_page(
        "page.html",
        round_,
        course,
        shown=shown(session, scope, round_id, modules=module_titles(course)),
        earlier=[row for row in queries.rounds(session, scope, round_.course_id) if row.round.id != round_id],
        next_release=next_release(clock.now()),
    )


@bp.get("/evaluation/<int:round_id>/municipalities")
@owner
def evaluated_municipalities(round_id: int) -> str:
    """List the municipalities that a round asked."""
    round_, course = find(round_id)
    asked = queries.municipalities_shown(current_session(), house_scope(), round_id)
    return evaluation_page("municipalities.html", round_, course, municipalities=asked)


@bp.get("/evaluation/<int:round_id>/municipalities/<int:municipality_id>")
@owner
def evaluated_municipality(round_id: int, municipality_id: int) -> str:
    """Show a municipality's figures beside those of all."""
    round_, course = find(round_id)
    session, scope = current_session(), house_scope()
    municipality = queries.customer_of_round(session, scope, round_id, municipality_id)
    return evaluation_page(
        "municipality.html",
        round_,
        course,
        municipality=municipality,
        shown=shown(session, scope, round_id, municipality=municipality, modules=module_titles(course)),
    )


@bp.get("/evaluation/method")
@owner
def evaluation_method() -> str:
    """Say how the figures are made, and what they cannot tell."""
    return render_template("owner/evaluation/method.html", **method_context())


def find(round_id: int) -> tuple[FeedbackRound, CourseOutline]:
    """Return a round of the house with its course. Raises `NotFound`."""
    session, scope = current_session(), house_scope()
    round_ = queries.find_round(session, scope, round_id)
    return round_, catalogue.course(session, scope, round_.course_id)


def evaluation_page(template: str, round_: FeedbackRound, course: CourseOutline, **told: Any) -> str:
    """Draw a page of one round."""
    return render_template(
        f"owner/evaluation/{template}",
        round=round_,
        course=course,
        title=course.content.title(language()),
        **drawing(),
        **told,
    )
