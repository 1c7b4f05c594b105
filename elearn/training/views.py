"""A learner's own days: what is due on the page of courses, and a refresher's short list of modules."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from elearn.catalogue.queries import CourseOutline, outlines
from elearn.core.i18n import gettext as _
from elearn.core.scope import PersonScope
from elearn.learning.around import day_here, explain_leaving_first, help_of_this_page, person_keys, stand_in
from elearn.licensing.models import Invitation
from elearn.licensing.queries import live_seat
from elearn.organisations.access import person_scope
from elearn.training import queries, services
from elearn.training.queries import OwnDue
from elearn.web import access
from elearn.web.session import current_session

bp = Blueprint("training", __name__, template_folder="templates")


@bp.context_processor
def _around_the_page() -> dict[str, Any]:
    """Give these pages what every page of a learner has."""
    return {"help_lines": LocalProxy(help_of_this_page), "person_keys": person_keys, "day_here": day_here}


@bp.app_context_processor
def _own_dues() -> dict[str, Any]:
    """Let pages that lie below this feature show what is due; looked up only when they ask."""
    return {"own_dues": _dues_with_courses, "due_day": _due_day}


@bp.get("/learn/refreshers/<int:due_id>")
@access.signed_in
def refresher(due_id: int) -> str | Response:
    """Show the modules that a refresher asks for again, and which are gone through."""
    if redirected := explain_leaving_first():
        return redirected
    session, scope = current_session(), person_scope()
    own = queries.own_refresher(session, scope, due_id)
    stand_in(own.rule.municipality)
    course = _course(own)
    return render_template(
        "training/refresher.html",
        nav="courses",
        own=own,
        course=course,
        modules=[module for module in course.modules if module.key in own.rule.modules],
        may_watch=live_seat(session, scope, own.rule.course_id) is not None,
    )


@bp.post("/learn/refreshers/<int:due_id>/modules/<module_key>")
@access.signed_in
def say_refreshed(due_id: int, module_key: str) -> Response:
    """Note that the person has gone through a module again, by their own word."""
    is_done = services.say_refreshed(current_session(), person_scope(), due_id=due_id, module_key=module_key)
    flash(_("You are through the refresher. Thank you.") if is_done else _("Noted."))
    return redirect(url_for("training.refresher", due_id=due_id), 303)


def _dues_with_courses() -> list[tuple[OwnDue, CourseOutline]]:
    """Return what the signed-in person is to take, each with its course."""
    if not current_user.is_authenticated:
        return []
    dues = queries.own_dues(current_session(), person_scope())
    if not dues:
        return []
    courses = {
        each.id: each for each in outlines(current_session(), person_scope(), {own.rule.course_id for own in dues})
    }
    return [(own, courses[own.rule.course_id]) for own in dues if own.rule.course_id in courses]


def _due_day(invitation: Invitation) -> date | None:
    """Return by which day whoever has this invitation is to finish the course; the letter's link is the permission."""
    licence = invitation.seat.licence
    return queries.due_day_of_course(
        current_session(),
        PersonScope(invitation.person_id),
        course_id=licence.course_id,
        municipality_id=licence.municipality_id,
    )


def _course(own: OwnDue) -> CourseOutline:
    found = outlines(current_session(), person_scope(), [own.rule.course_id])
    if not found:
        abort(404)
    return found[0]
