"""Departments: a tree of the municipality's own making. Changes to one tree happen one after the other."""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.db import insert
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.organisations.errors import DepartmentBelowItself, DepartmentInUse, DepartmentNameTaken
from elearn.organisations.models import Department, Membership, MembershipDepartment, Municipality, Role
from elearn.organisations.queries import department, leaders_by_department
from elearn.organisations.tree import below, name_key

DEPARTMENT_ADDED = audit.kind("organisations.department.added", "department_id", "parent_id")
DEPARTMENT_CHANGED = audit.kind("organisations.department.changed", "department_id", "parent_id")
DEPARTMENT_REMOVED = audit.kind("organisations.department.removed", "department_id")


def add_department(
    session: Session,
    *,
    scope: MunicipalityScope,
    name: str,
    by_id: int | None,
    parent_id: int | None = None,
    sector: str | None = None,
) -> Department:
    """Add a department, under another or at the top. Raises `DepartmentNameTaken`, and `NotFound` for the other."""
    lock_municipality(session, scope.municipality_id)
    _check_parent(session, scope, parent_id)
    added = Department(municipality_id=scope.municipality_id)
    _write(session, added, name=name, parent_id=parent_id, sector=sector)
    audit.record(
        session,
        DEPARTMENT_ADDED,
        actor_id=by_id,
        municipality_id=scope.municipality_id,
        department_id=added.id,
        parent_id=parent_id,
    )
    return added


def change_department(
    session: Session,
    *,
    scope: MunicipalityScope,
    department_id: int,
    name: str,
    parent_id: int | None,
    sector: str | None,
    by_id: int | None,
) -> Department:
    """Rename a department, move it with all below it, and say its sector.

    Raises `NotFound`, `DepartmentNameTaken`, `DepartmentBelowItself`.
    """
    lock_municipality(session, scope.municipality_id)
    changed = _department(session, scope, department_id)
    _check_parent(session, scope, parent_id)
    if parent_id is not None and parent_id in below(_parents(session, scope), [department_id]):
        raise DepartmentBelowItself
    _write(session, changed, name=name, parent_id=parent_id, sector=sector)
    audit.record(
        session,
        DEPARTMENT_CHANGED,
        actor_id=by_id,
        municipality_id=scope.municipality_id,
        department_id=changed.id,
        parent_id=parent_id,
    )
    return changed


def remove_department(session: Session, *, scope: MunicipalityScope, department_id: int, by_id: int | None) -> None:
    """Remove a department that nobody leads and none lies below; learners of it belong to the one above from then on.

    The caller has seen to what hangs on it in features above: seats, requests, join links, rules. So these learners
    have no seat there any more, and no page on which somebody could move them. Raises `NotFound`, `DepartmentInUse`.
    """
    lock_municipality(session, scope.municipality_id)
    removed = _department(session, scope, department_id)
    children = select(func.count()).select_from(Department).where(Department.parent_id == department_id)
    if session.scalar(children) or leaders_by_department(session, scope).get(department_id):
        raise DepartmentInUse
    if removed.parent_id is not None:
        _move_up(session, removed.id, removed.parent_id)
    session.delete(removed)
    session.flush()
    audit.record(
        session,
        DEPARTMENT_REMOVED,
        actor_id=by_id,
        municipality_id=scope.municipality_id,
        department_id=department_id,
    )


def lock_municipality(session: Session, municipality_id: int) -> None:
    """Let changes to one municipality's tree and roles happen one after the other; rows that name it stay free."""
    session.execute(select(Municipality.id).where(Municipality.id == municipality_id).with_for_update(key_share=True))


def _write(session: Session, written: Department, *, name: str, parent_id: int | None, sector: str | None) -> None:
    """Write a department's row. Raises `DepartmentNameTaken`."""
    try:
        with session.begin_nested():
            written.name, written.name_key = " ".join(name.split()), name_key(name)
            written.parent_id, written.sector = parent_id, sector or None
            session.add(written)
    except IntegrityError:
        raise DepartmentNameTaken from None


def _move_up(session: Session, department_id: int, parent_id: int) -> None:
    """Have the learners of a department belong to the one above."""
    learners = session.scalars(
        select(Membership.id)
        .join(MembershipDepartment, MembershipDepartment.membership_id == Membership.id)
        .where(MembershipDepartment.department_id == department_id)
        .where(Membership.role == Role.LEARNER, Membership.ended_at.is_(None))
    ).all()
    if learners:
        rows = [{"membership_id": membership_id, "department_id": parent_id} for membership_id in learners]
        session.execute(insert(session, MembershipDepartment).on_conflict_do_nothing(), rows)


def _department(session: Session, scope: MunicipalityScope, department_id: int) -> Department:
    found = department(session, scope, department_id)
    if found is None:
        raise NotFound("no such department")
    return found


def _check_parent(session: Session, scope: MunicipalityScope, parent_id: int | None) -> None:
    if parent_id is not None:
        _department(session, scope, parent_id)


def _parents(session: Session, scope: MunicipalityScope) -> dict[int, int | None]:
    rows = session.execute(
        select(Department.id, Department.parent_id).where(Department.municipality_id == scope.municipality_id)
    )
    return {row.id: row.parent_id for row in rows}
