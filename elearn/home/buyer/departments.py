"""The municipality's departments: a tree of its own making."""

from dataclasses import dataclass

from flask import Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from elearn.accounts.signing import current_person
from elearn.core.errors import NotFound
from elearn.core.i18n import gettext as _
from elearn.core.i18n import ngettext
from elearn.core.scope import MunicipalityScope
from elearn.home.buyer.choices import department_choices
from elearn.home.buyer.pages import bp
from elearn.licensing.customers import hanging_on, seats_by_department
from elearn.organisations import queries, services
from elearn.organisations.access import buyer, municipality_scope
from elearn.organisations.errors import DepartmentBelowItself, DepartmentInUse, DepartmentNameTaken
from elearn.organisations.forms import DepartmentForm
from elearn.organisations.models import Department
from elearn.organisations.sectors import SECTORS
from elearn.organisations.tree import below, sums
from elearn.training import services as training
from elearn.training.models import TrainingRule
from elearn.web.forms import ButtonForm
from elearn.web.session import current_session


@dataclass(frozen=True)
class Branch:
    """A department with those below it."""

    department: Department
    seats: int
    """Held by its people, those of the departments below included."""
    branches: list["Branch"]


@bp.route("/departments", methods=["GET", "POST"])
@buyer
def departments(municipality_id: int) -> str | AnyResponse | Response:
    """Show the departments as a tree, and add one."""
    session, scope = current_session(), municipality_scope()
    form = DepartmentForm(departments=department_choices(session, scope))
    if form.validate_on_submit():
        try:
            added = services.add_department(
                session,
                scope=scope,
                name=form.name.data,
                parent_id=form.parent.data or None,
                sector=form.sector.data,
                by_id=current_person().id,
            )
        except DepartmentNameTaken:
            form.name.errors = [_name_taken(form)]
        else:
            flash(_("%(name)s is added.", name=added.name))
            return redirect(url_for("buyer.departments"), 303)
    page = render_template("buyer/departments.html", form=form, tree=_tree(session, scope), sectors=SECTORS)
    return make_response(page, 422) if form.errors else page


@bp.route("/departments/<int:department_id>", methods=["GET", "POST"])
@buyer
def department(municipality_id: int, department_id: int) -> str | AnyResponse | Response:
    """Rename a department, move it under another, say its sector."""
    session, scope = current_session(), municipality_scope()
    shown = _department(session, scope, department_id)
    form = DepartmentForm(
        departments=_possible_parents(session, scope, department_id),
        data={"name": shown.name, "parent": shown.parent_id or 0, "sector": shown.sector or ""},
    )
    if form.validate_on_submit():
        try:
            services.change_department(
                session,
                scope=scope,
                department_id=department_id,
                name=form.name.data,
                parent_id=form.parent.data or None,
                sector=form.sector.data,
                by_id=current_person().id,
            )
        except DepartmentNameTaken:
            form.name.errors = [_name_taken(form)]
        except DepartmentBelowItself:
            form.parent.errors = [_("A department cannot lie under itself. Choose another.")]
        else:
            flash(_("Saved."))
            return redirect(url_for("buyer.departments"), 303)
    page = render_template(
        "buyer/department.html",
        form=form,
        department=shown,
        hanging=_hanging_on(session, scope, department_id),
    )
    return make_response(page, 422) if form.errors else page


@bp.post("/departments/<int:department_id>/remove")
@buyer
def remove_department(municipality_id: int, department_id: int) -> AnyResponse:
    """Remove a department on which nobody and nothing hangs."""
    session, scope = current_session(), municipality_scope()
    shown = _department(session, scope, department_id)
    form = ButtonForm()
    if not form.validate_on_submit() or _hanging_on(session, scope, department_id):
        return redirect(url_for("buyer.department", department_id=department_id), 303)
    try:
        training.remove_department(session, scope=scope, department_id=department_id, by_id=current_person().id)
    except DepartmentInUse:  # somebody came in this moment: the page says who
        return redirect(url_for("buyer.department", department_id=department_id), 303)
    flash(_("%(name)s is removed.", name=shown.name))
    return redirect(url_for("buyer.departments"), 303)


def _tree(session: Session, scope: MunicipalityScope) -> list[Branch]:
    found = queries.departments(session, scope)
    seats = sums({each.id: each.parent_id for each in found}, seats_by_department(session, scope))
    children: dict[int | None, list[Department]] = {}
    for each in found:
        children.setdefault(each.parent_id, []).append(each)

    def grow(parent_id: int | None) -> list[Branch]:
        return [Branch(each, seats[each.id], grow(each.id)) for each in children.get(parent_id, [])]

    return grow(None)


def _possible_parents(session: Session, scope: MunicipalityScope, department_id: int) -> list[tuple[int, str]]:
    parents = {each.id: each.parent_id for each in queries.departments(session, scope)}
    impossible = below(parents, [department_id])
    return [choice for choice in department_choices(session, scope) if choice[0] not in impossible]


def _hanging_on(session: Session, scope: MunicipalityScope, department_id: int) -> list[str]:
    """Return what hangs on a department, each in words; nothing when it may be removed."""
    hanging = hanging_on(session, scope, department_id)
    children = sum(each.parent_id == department_id for each in queries.departments(session, scope))
    leaders = queries.leaders_by_department(session, scope).get(department_id, 0)
    running = (TrainingRule.department_id == department_id, TrainingRule.ended_at.is_(None))
    rules = session.scalar(select(func.count()).select_from(TrainingRule).where(*running)) or 0
    counted = [
        (children, ngettext("%(num)d department below it", "%(num)d departments below it", children)),
        (leaders, ngettext("%(num)d leader", "%(num)d leaders", leaders)),
        (hanging.seats, ngettext("%(num)d seat", "%(num)d seats", hanging.seats)),
        (hanging.requests, ngettext("%(num)d request for a seat", "%(num)d requests for a seat", hanging.requests)),
        (hanging.join_links, ngettext("%(num)d join link", "%(num)d join links", hanging.join_links)),
        (rules, ngettext("%(num)d rule", "%(num)d rules", rules)),
    ]
    return [words for number, words in counted if number]


def _name_taken(form: DepartmentForm) -> str:
    return _(
        "There is a department called “%(name)s” already. Lists name departments, so each name is used once.",
        name=form.name.data,
    )


def _department(session: Session, scope: MunicipalityScope, department_id: int) -> Department:
    found = queries.department(session, scope, department_id)
    if found is None:
        raise NotFound("no such department")
    return found
