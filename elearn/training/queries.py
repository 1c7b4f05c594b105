"""Rules, and who is due by them. Buyers and leaders see names with the day and whether it is done, and no more."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.accounts.addresses import normalise
from elearn.accounts.models import EmailAddress, Person
from elearn.core import clock
from elearn.core.errors import NotFound
from elearn.core.scope import DepartmentScope, MunicipalityScope, PersonScope
from elearn.licensing.models import Licence, Seat
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.models import Department, Membership, MembershipDepartment, Municipality, Role
from elearn.organisations.tree import below
from elearn.training.conditions import completed_course, done_at, is_member, members
from elearn.training.models import RefreshedModule, RuleKind, TrainingDue, TrainingRule

BLOCK = 1000


class DueState(StrEnum):
    """How somebody stands with what is due."""

    ALL = "all"
    DUE = "due"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True)
class DueCounts:
    """How many people a rule has met, by state."""

    due: int = 0
    late: int = 0
    done: int = 0

    @property
    def all(self) -> int:
        """How many it has met."""
        return self.due + self.late + self.done


@dataclass(frozen=True)
class RuleRow:
    """A rule in a list."""

    rule: TrainingRule
    counts: DueCounts


@dataclass(frozen=True)
class DueRow:
    """Somebody who is to take something by a day."""

    due: TrainingDue
    person: Person
    rule: TrainingRule
    departments: list[str]
    done_at: datetime | None
    state: DueState
    holds_seat: bool
    """Whether a seat of the municipality's is theirs, in whichever course: who holds one has not left."""


@dataclass(frozen=True)
class Wanted:
    """Whom a list of due people shows."""

    text: str = ""
    department_id: int | None = None
    """Those below it included."""
    rule_id: int | None = None
    state: DueState = DueState.ALL


@dataclass(frozen=True)
class OwnDue:
    """What a learner is to take by a day."""

    due: TrainingDue
    rule: TrainingRule
    refreshed: frozenset[str]
    """For refreshers: the keys of the modules gone through again."""

    @property
    def is_refresher(self) -> bool:
        """Whether it asks for modules again instead of the whole course."""
        return self.rule.kind == RuleKind.REFRESHER

    @property
    def is_late(self) -> bool:
        """Whether the day has passed, where the municipality is."""
        return self.due.due_on < clock.today(self.rule.municipality.country)


def rules(session: Session, scope: MunicipalityScope) -> list[RuleRow]:
    """Return the municipality's rules with how many they have met; those that run first, the newest first."""
    found = session.scalars(
        select(TrainingRule)
        .where(TrainingRule.municipality_id == scope.municipality_id)
        .options(joinedload(TrainingRule.course), joinedload(TrainingRule.department))
        .order_by(TrainingRule.ended_at.is_not(None), TrainingRule.id.desc())
    ).all()
    counts = _counts(session, scope)
    return [RuleRow(rule, counts.get(rule.id, DueCounts())) for rule in found]


def rule(session: Session, scope: MunicipalityScope, rule_id: int) -> RuleRow:
    """Return one rule of the municipality. Raises `NotFound`."""
    found = next((row for row in rules(session, scope) if row.rule.id == rule_id), None)
    if found is None:
        raise NotFound("no such rule")
    return found


def licensed_courses(session: Session, scope: MunicipalityScope) -> list[int]:
    """Return the ids of the courses that the municipality has a licence of that has not ended."""
    today = clock.today(_country(session, scope))
    return list(
        session.scalars(
            select(Licence.course_id)
            .where(Licence.municipality_id == scope.municipality_id, Licence.ends_on >= today)
            .distinct()
        )
    )


def has_line(session: Session, scope: MunicipalityScope, *, course_id: int) -> bool:
    """Say whether new hires stand in line for the course when no seat is free: a licence of it that goes on has one."""
    today = clock.today(_country(session, scope))
    found = select(Licence.id).where(Licence.course_id == course_id, Licence.has_waiting_line)
    of_ours = (Licence.municipality_id == scope.municipality_id, Licence.ends_on >= today)
    return session.scalar(found.where(*of_ours).limit(1)) is not None


def asked_now(session: Session, scope: MunicipalityScope, wanted: TrainingRule) -> int:
    """Return how many people a rule, not yet made, would ask today: it is the same question that the rule will ask."""
    found = members(scope.municipality_id, department_tree(session, scope, wanted.department_id))
    if wanted.kind == RuleKind.JOINER:
        if not wanted.includes_present:
            return 0
        found = found.where(~completed_course(wanted.course_id))
    else:
        found = found.where(completed_course(wanted.course_id))
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def due_people(session: Session, scope: MunicipalityScope, wanted: Wanted, *, number: int = 1) -> Page[DueRow]:
    """Return who is due, late or done, the earliest day first."""
    found = _people(session, scope, wanted)
    total = session.scalar(select(func.count()).select_from(found.order_by(None).subquery())) or 0
    return Page(_rows(session, scope, found.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)), total, number)


def everybody_due(session: Session, scope: MunicipalityScope, wanted: Wanted) -> Iterator[DueRow]:
    """Yield all who are due, late or done, for an export; in blocks, since they may be many thousands."""
    found, start = _people(session, scope, wanted), 0
    while rows := _rows(session, scope, found.limit(BLOCK).offset(start)):
        yield from rows
        start += BLOCK


def next_due_days(
    session: Session, scope: MunicipalityScope | DepartmentScope, person_ids: Iterable[int]
) -> dict[tuple[int, int], date]:
    """Return the earliest open day of some people by (person, course)."""
    rows = session.execute(
        select(TrainingDue.person_id, TrainingRule.course_id, func.min(TrainingDue.due_on).label("due_on"))
        .join(TrainingDue.rule)
        .where(TrainingRule.municipality_id == scope.municipality_id, TrainingDue.person_id.in_(list(person_ids)))
        .where(done_at().is_(None), is_member())
        .group_by(TrainingDue.person_id, TrainingRule.course_id)
    )
    return {(row.person_id, row.course_id): row.due_on for row in rows}


def own_dues(session: Session, scope: PersonScope) -> list[OwnDue]:
    """Return what a person is to take and has not yet done, the earliest day first."""
    found = session.scalars(_own(scope).where(done_at().is_(None)).order_by(TrainingDue.due_on, TrainingDue.id)).all()
    return _own_rows(session, found)


def due_day_of_course(session: Session, scope: PersonScope, *, course_id: int, municipality_id: int) -> date | None:
    """Return by which day a municipality asks a person to finish a course, if it does and it is not done."""
    return session.scalar(
        select(func.min(TrainingDue.due_on))
        .join(TrainingDue.rule)
        .where(TrainingDue.person_id == scope.person_id, TrainingRule.kind == RuleKind.JOINER)
        .where(TrainingRule.course_id == course_id, TrainingRule.municipality_id == municipality_id)
        .where(done_at().is_(None), is_member())
    )


def own_refresher(session: Session, scope: PersonScope, due_id: int) -> OwnDue:
    """Return a refresher of the person's, done or not. Raises `NotFound`."""
    found = session.scalars(_own(scope).where(TrainingDue.id == due_id, TrainingRule.kind == RuleKind.REFRESHER)).all()
    if not found:
        raise NotFound("no such refresher")
    return _own_rows(session, found)[0]


def department_tree(session: Session, scope: MunicipalityScope, department_id: int | None) -> frozenset[int] | None:
    """Return a department and all below it; None stands for the whole municipality."""
    if department_id is None:
        return None
    rows = session.execute(
        select(Department.id, Department.parent_id).where(Department.municipality_id == scope.municipality_id)
    )
    return below({row.id: row.parent_id for row in rows}, [department_id])


def _country(session: Session, scope: MunicipalityScope) -> str:
    return session.scalars(select(Municipality.country).where(Municipality.id == scope.municipality_id)).one()


def _in_state(state: DueState, today: date) -> ColumnElement[bool]:
    match state:
        case DueState.DUE:
            return and_(done_at().is_(None), TrainingDue.due_on >= today)
        case DueState.LATE:
            return and_(done_at().is_(None), TrainingDue.due_on < today)
        case DueState.DONE:
            return done_at().is_not(None)
    return TrainingDue.id.is_not(None)


def _dues(scope: MunicipalityScope) -> Select[TrainingDue]:
    return (
        select(TrainingDue)
        .join(TrainingDue.rule)
        .where(TrainingRule.municipality_id == scope.municipality_id, is_member())
    )


def _counts(session: Session, scope: MunicipalityScope) -> dict[int, DueCounts]:
    today = clock.today(_country(session, scope))
    counted = [
        func.count(TrainingDue.id).filter(_in_state(state, today))
        for state in (DueState.DUE, DueState.LATE, DueState.DONE)
    ]
    rows = session.execute(_dues(scope).with_only_columns(TrainingDue.rule_id, *counted).group_by(TrainingDue.rule_id))
    return {row[0]: DueCounts(row[1], row[2], row[3]) for row in rows}


def _people(session: Session, scope: MunicipalityScope, wanted: Wanted) -> Select[TrainingDue, datetime | None]:
    today = clock.today(_country(session, scope))
    found = _dues(scope).join(TrainingDue.person).where(_in_state(wanted.state, today))
    if wanted.text:
        addresses = select(EmailAddress.person_id).where(
            EmailAddress.normalised.contains(normalise(wanted.text), autoescape=True)
        )
        by_name = func.lower(Person.name).contains(wanted.text.lower(), autoescape=True)
        found = found.where(or_(by_name, Person.id.in_(addresses)))
    if wanted.rule_id is not None:
        found = found.where(TrainingDue.rule_id == wanted.rule_id)
    tree = department_tree(session, scope, wanted.department_id)
    if tree is not None:
        found = found.where(
            TrainingDue.person_id.in_(members(scope.municipality_id, tree).with_only_columns(Membership.person_id))
        )
    return (
        found.add_columns(done_at())
        .options(
            joinedload(TrainingDue.person).selectinload(Person.addresses),
            joinedload(TrainingDue.rule).joinedload(TrainingRule.department),
        )
        .order_by(TrainingDue.due_on, Person.name, TrainingDue.id)
    )


def _rows(session: Session, scope: MunicipalityScope, found: Select[TrainingDue, datetime | None]) -> list[DueRow]:
    today = clock.today(_country(session, scope))
    rows = session.execute(found).all()
    person_ids = [row[0].person_id for row in rows]
    named, seated = _departments(session, scope, person_ids), _seated(session, scope, person_ids, today)
    return [
        DueRow(
            due,
            due.person,
            due.rule,
            named.get(due.person_id, []),
            done,
            _state(due, done, today),
            holds_seat=due.person_id in seated,
        )
        for due, done in rows
    ]


def _seated(session: Session, scope: MunicipalityScope, person_ids: list[int], today: date) -> set[int | None]:
    held = select(Seat.person_id).join(Seat.licence).where(Seat.person_id.in_(person_ids))
    return set(
        session.scalars(
            held.where(
                Licence.municipality_id == scope.municipality_id,
                func.coalesce(Seat.valid_until, Licence.ends_on) >= today,
            )
        )
    )


def _state(due: TrainingDue, done: datetime | None, today: date) -> DueState:
    if done is not None:
        return DueState.DONE
    return DueState.LATE if due.due_on < today else DueState.DUE


def _departments(session: Session, scope: MunicipalityScope, person_ids: list[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(Membership.person_id, Department.name)
        .join(MembershipDepartment, MembershipDepartment.membership_id == Membership.id)
        .join(Department, Department.id == MembershipDepartment.department_id)
        .where(Membership.municipality_id == scope.municipality_id, Membership.role == Role.LEARNER)
        .where(Membership.ended_at.is_(None), Membership.person_id.in_(person_ids))
        .order_by(Department.name)
    )
    named: dict[int, list[str]] = {}
    for row in rows:
        named.setdefault(row.person_id, []).append(row.name)
    return named


def _own(scope: PersonScope) -> Select[TrainingDue]:
    return (
        select(TrainingDue)
        .join(TrainingDue.rule)
        .where(TrainingDue.person_id == scope.person_id, is_member())
        .options(
            joinedload(TrainingDue.rule).options(joinedload(TrainingRule.municipality), joinedload(TrainingRule.course))
        )
    )


def _own_rows(session: Session, found: Iterable[TrainingDue]) -> list[OwnDue]:
    dues = list(found)
    rows = session.execute(
        select(RefreshedModule.due_id, RefreshedModule.module_key).where(
            RefreshedModule.due_id.in_([due.id for due in dues])
        )
    )
    refreshed: dict[int, set[str]] = {}
    for row in rows:
        refreshed.setdefault(row.due_id, set()).add(row.module_key)
    return [OwnDue(due, due.rule, frozenset(refreshed.get(due.id, ()))) for due in dues]
