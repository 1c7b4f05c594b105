"""New hires and refreshers: the municipality's rules, and who is due by them."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.catalogue.queries import CourseOutline, outlines
from elearn.core import clock
from elearn.core.i18n import gettext as _
from elearn.core.i18n import language
from elearn.core.scope import MunicipalityScope
from elearn.home.buyer.choices import department_choices
from elearn.home.buyer.pages import bp, municipality
from elearn.home.lists import page_number, searched_text
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.queries import departments
from elearn.training import queries, services
from elearn.training.errors import NoSuchModules, RuleRunsAlready
from elearn.training.forms import JoinerForm, RefresherForm, RuleForm
from elearn.training.models import RuleKind, TrainingRule
from elearn.training.queries import DueState, Wanted
from elearn.training.words import rule_number, rule_sentence
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session


@bp.get("/training")
@buyer
def training(municipality_id: int) -> str:
    """List the rules, what each does and whom it has met, and offer new ones."""
    session, scope = current_session(), municipality_scope()
    rows = queries.rules(session, scope)
    licensed = queries.licensed_courses(session, scope)
    courses = {each.id: each for each in outlines(session, scope, {*licensed, *(row.rule.course_id for row in rows)})}
    return render_template(
        "buyer/training.html",
        rows=[(row, _sentence(session, scope, row.rule, courses[row.rule.course_id])) for row in rows],
        offered=[courses[course_id] for course_id in licensed if course_id in courses],
        today=clock.today(municipality().country),
    )


@bp.route("/training/new-hires/<int:course_id>", methods=["GET", "POST"])
@buyer
def new_joiner_rule(municipality_id: int, course_id: int) -> str | AnyResponse | Response:
    """Say what a rule for new hires will do, then begin it."""
    return _new_rule(JoinerForm, course_id)


@bp.route("/training/refreshers/<int:course_id>", methods=["GET", "POST"])
@buyer
def new_refresher_rule(municipality_id: int, course_id: int) -> str | AnyResponse | Response:
    """Say what a rule for refreshers will do, then begin it."""
    return _new_rule(RefresherForm, course_id)


@bp.route("/training/rules/<int:rule_id>/end", methods=["GET", "POST"])
@buyer
def end_training_rule(municipality_id: int, rule_id: int) -> str | AnyResponse:
    """End a rule; the page says first what happens to those who have a day."""
    session, scope = current_session(), municipality_scope()
    row = queries.rule(session, scope, rule_id)
    form = ButtonForm()
    if form.validate_on_submit():
        services.end_rule(
            session, scope=scope, rule_id=rule_id, takes_days_back=request.form.get("days") == "take-back"
        )
        flash(_("The rule has ended. It asks nobody new."))
        return redirect(url_for("buyer.training"), 303)
    return render_template(
        "buyer/end-training-rule.html",
        row=row,
        sentence=_sentence(session, scope, row.rule, _course(session, scope, row.rule.course_id)),
    )


@bp.get("/training/due")
@buyer
def training_due(municipality_id: int) -> str:
    """Show who is due, late or done, with the day: names and days, and nothing of what they watch."""
    session, scope = current_session(), municipality_scope()
    rows = queries.rules(session, scope)
    wanted = wanted_people()
    found = outlines(session, scope, {row.rule.course_id for row in rows})
    return render_template(
        "buyer/training-due.html",
        people=queries.due_people(session, scope, wanted, number=page_number()),
        wanted=wanted,
        rules=[row.rule for row in rows],
        titles={each.id: str(each.content.title(language())) for each in found},
        departments=department_choices(session, scope),
        query=shown_query(),
    )


def wanted_people() -> Wanted:
    """Return whom the list is asked to show; what we do not know narrows nothing."""
    state = request.args.get("state")
    return Wanted(
        text=searched_text(),
        department_id=request.args.get("department", type=int),
        rule_id=request.args.get("rule", type=int),
        state=DueState(state) if state in list(DueState) else DueState.ALL,
    )


def shown_query() -> dict[str, Any]:
    """Return the list's own part of the address, so that its other pages and its export show the same people."""
    return {name: request.args[name] for name in ("q", "department", "rule", "state") if request.args.get(name)}


def _new_rule(kind: type[RuleForm], course_id: int) -> str | AnyResponse | Response:
    """A GET with fields says what the rule would do; the button below that sentence sends the same by POST."""
    session, scope = current_session(), municipality_scope()
    if course_id not in queries.licensed_courses(session, scope):
        abort(404)
    course = _course(session, scope, course_id)
    is_asked = request.method == "POST" or "within_days" in request.args
    form = kind(formdata=request.values if is_asked else None, meta={"csrf": False})
    form.offer_departments(
        _("Everyone in %(municipality)s", municipality=municipality().official_name),
        department_choices(session, scope),
    )
    if isinstance(form, RefresherForm):
        form.offer_modules([(module.key, str(module.content.title(language()))) for module in course.modules])
    make = services.start_rule if request.method == "POST" else services.draft
    rule = _rule(make, form, course) if is_asked else None
    if rule is not None and request.method == "POST":
        flash(_("The rule has begun. People get their day, and their seat, within the hour."))
        return redirect(url_for("buyer.training"), 303)
    page = render_template(
        "buyer/new-training-rule.html",
        form=form,
        course=course,
        is_refresher=form.kind is RuleKind.REFRESHER,
        sentence=_sentence(session, scope, rule, course) if rule else None,
        number=rule_number(rule, queries.asked_now(session, scope, rule)) if rule else None,
        includes_present=rule is not None and rule.includes_present,
        has_line=queries.has_line(session, scope, course_id=course_id),
    )
    return make_response(page, 422) if form.errors else page


def _rule(make: Callable[..., TrainingRule], form: RuleForm, course: CourseOutline) -> TrainingRule | None:
    """Make the rule, or its draft, as the form says; None, with the reason in the form, when it cannot be."""
    if not form.validate():
        return None
    try:
        return make(current_session(), scope=municipality_scope(), course=course, wish=form.wish())
    except RuleRunsAlready:
        form.department.errors = [_("Such a rule runs already for them. End it first, then begin the new one.")]
    except NoSuchModules:
        form.department.errors = [_("The course has changed meanwhile. Choose the modules again.")]
    return None


def _course(session: Session, scope: MunicipalityScope, course_id: int) -> CourseOutline:
    """Return a course that the municipality has, or had, a licence of."""
    return outlines(session, scope, [course_id])[0]


def _sentence(session: Session, scope: MunicipalityScope, rule: TrainingRule, course: CourseOutline) -> str:
    names = {each.id: each.name for each in departments(session, scope)}
    return rule_sentence(
        rule,
        title=str(course.content.title(language())),
        department=names.get(rule.department_id) if rule.department_id is not None else None,
        modules=[str(module.content.title(language())) for module in course.modules if module.key in rule.modules],
    )
