"""Beginning and ending a municipality's rules. A rule is never changed: it ends, and another begins."""

from dataclasses import dataclass, field

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from elearn.catalogue.queries import CourseOutline
from elearn.core import audit, clock
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope
from elearn.jobs.queue import enqueue
from elearn.organisations import services as organisations
from elearn.organisations.errors import DepartmentInUse
from elearn.organisations.queries import department
from elearn.organisations.services.departments import lock_municipality
from elearn.training.errors import NoSuchModules, RuleRunsAlready
from elearn.training.models import RuleKind, TrainingDue, TrainingRule

RULE_BEGUN = audit.kind(
    "training.rule.begun", "rule_id", "kind", "course_id", "department_id", "within_days", "after_months"
)
RULE_ENDED = audit.kind("training.rule.ended", "rule_id", "days_taken_back")


@dataclass(frozen=True)
class Wish:
    """What a buyer asks for, as plain values."""

    kind: RuleKind
    department_id: int | None
    within_days: int
    after_months: int | None = None
    """For refreshers."""
    modules: list[str] = field(default_factory=list)
    """For refreshers: keys of the course's modules."""
    includes_present: bool = False
    """For new hires: also who is here already."""


def draft(session: Session, *, scope: MunicipalityScope, course: CourseOutline, wish: Wish) -> TrainingRule:
    """Return the rule as it would be, without making it: a page says what it will do before it begins.

    The caller has found the course among the municipality's licences. Raises `NotFound` for a department that is not
    the municipality's, `NoSuchModules`, `RuleRunsAlready`.
    """
    if wish.department_id is not None and department(session, scope, wish.department_id) is None:
        raise NotFound("no such department")
    is_refresher = wish.kind is RuleKind.REFRESHER
    keys = [module.key for module in course.modules if module.key in wish.modules] if is_refresher else []
    if is_refresher and (not keys or len(keys) != len(set(wish.modules))):
        raise NoSuchModules
    if session.scalar(_running_like(scope, course.id, wish)) is not None:
        raise RuleRunsAlready
    return TrainingRule(
        municipality_id=scope.municipality_id,
        department_id=wish.department_id,
        course_id=course.id,
        kind=wish.kind,
        within_days=wish.within_days,
        after_months=wish.after_months if is_refresher else None,
        modules=keys,
        includes_present=wish.includes_present and not is_refresher,
        created_by_id=scope.person_id,
        created_at=clock.now(),
    )


def start_rule(session: Session, *, scope: MunicipalityScope, course: CourseOutline, wish: Wish) -> TrainingRule:
    """Begin a rule; the people it asks get their days, and seats, right after. Raises as `draft` does.

    Of two alike that begin at once the second sees the first.
    """
    lock_municipality(session, scope.municipality_id)
    rule = draft(session, scope=scope, course=course, wish=wish)
    session.add(rule)
    session.flush()  # the audit event and the job name its id
    audit.record(
        session,
        RULE_BEGUN,
        actor_id=scope.person_id,
        municipality_id=scope.municipality_id,
        rule_id=rule.id,
        kind=str(wish.kind),
        course_id=rule.course_id,
        department_id=rule.department_id,
        within_days=rule.within_days,
        after_months=rule.after_months,
    )
    enqueue(session, "training.follow_rule", rule_id=rule.id)
    return rule


def end_rule(session: Session, *, scope: MunicipalityScope, rule_id: int, takes_days_back: bool) -> TrainingRule:
    """End a rule: it asks nobody new. Who has a day keeps it, unless the open days are taken back, too.

    Ending again changes nothing. Seats that were given stay given. Raises `NotFound`.
    """
    rule = session.scalar(
        select(TrainingRule)
        .where(TrainingRule.id == rule_id, TrainingRule.municipality_id == scope.municipality_id)
        .with_for_update()
    )
    if rule is None:
        raise NotFound("no such rule")
    if rule.ended_at is not None:
        return rule
    rule.ended_at = clock.now()
    if takes_days_back:
        session.execute(delete(TrainingDue).where(TrainingDue.rule_id == rule.id, TrainingDue.done_at.is_(None)))
    audit.record(
        session,
        RULE_ENDED,
        actor_id=scope.person_id,
        municipality_id=scope.municipality_id,
        rule_id=rule.id,
        days_taken_back=takes_days_back,
    )
    return rule


def remove_department(session: Session, *, scope: MunicipalityScope, department_id: int, by_id: int) -> None:
    """Remove a department; the rules that have ended there go up to the one above it, with their days and what is done.

    They would go with it otherwise, and who got through with them. Raises `NotFound`, `DepartmentInUse`.
    """
    lock_municipality(session, scope.municipality_id)
    removed = department(session, scope, department_id)
    if removed is None:
        raise NotFound("no such department")
    ended = (TrainingRule.department_id == department_id, TrainingRule.ended_at.is_not(None))
    with session.begin_nested():
        session.execute(update(TrainingRule).where(*ended).values(department_id=removed.parent_id))
        if session.scalar(select(TrainingRule.id).where(TrainingRule.department_id == department_id).limit(1)):
            raise DepartmentInUse
        organisations.remove_department(session, scope=scope, department_id=department_id, by_id=by_id)


def _running_like(scope: MunicipalityScope, course_id: int, wish: Wish) -> Select[int]:
    return select(TrainingRule.id).where(
        TrainingRule.municipality_id == scope.municipality_id,
        TrainingRule.course_id == course_id,
        TrainingRule.kind == wish.kind,
        TrainingRule.department_id == wish.department_id
        if wish.department_id is not None
        else TrainingRule.department_id.is_(None),
        TrainingRule.ended_at.is_(None),
    )
