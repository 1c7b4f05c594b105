"""Reading organisations and memberships."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from elearn.accounts.models import Person
from elearn.core.scope import DepartmentScope, HouseScope, MunicipalityScope, PersonScope
from elearn.organisations.models import (
    ApiToken,
    CourseHouse,
    Department,
    GlnNumber,
    Membership,
    MembershipDepartment,
    Municipality,
    Role,
)
from elearn.organisations.tree import below


def open_memberships(session: Session, scope: PersonScope) -> list[Membership]:
    """Return what a person is now, to municipalities and to a course house."""
    return list(
        session.scalars(
            select(Membership)
            .where(Membership.person_id == scope.person_id, Membership.ended_at.is_(None))
            .options(joinedload(Membership.municipality), joinedload(Membership.course_house))
            .order_by(Membership.id)
        )
    )


def owned_house(session: Session, scope: PersonScope) -> CourseHouse | None:
    """Return the course house a person owns, if any."""
    return session.scalar(
        select(CourseHouse)
        .join(Membership, Membership.course_house_id == CourseHouse.id)
        .where(Membership.person_id == scope.person_id, Membership.role == Role.OWNER, Membership.ended_at.is_(None))
    )


def municipalities_as(session: Session, scope: PersonScope, role: Role) -> list[Municipality]:
    """Return the municipalities that a person is a learner, leader or buyer of, by name."""
    return list(
        session.scalars(
            select(Municipality)
            .join(Membership, Membership.municipality_id == Municipality.id)
            .where(Membership.person_id == scope.person_id, Membership.role == role, Membership.ended_at.is_(None))
            .order_by(Municipality.name, Municipality.id)
        )
    )


def buyers(session: Session, _scope: PersonScope, municipality_id: int) -> list[Person]:
    """Return who manages a municipality's seats, by name: its staff may ask them."""
    return list(
        session.scalars(
            select(Person)
            .join(Membership, Membership.person_id == Person.id)
            .where(Membership.municipality_id == municipality_id, Membership.role == Role.BUYER)
            .where(Membership.ended_at.is_(None))
            .order_by(Person.name, Person.id)
        )
    )


@dataclass(frozen=True)
class Operators:
    """Who manages seats: buyers by municipality, owners by course house."""

    buyers: dict[int, list[Person]]
    owners: dict[int, list[Person]]


def operators(session: Session, municipality_ids: set[int], house_ids: set[int]) -> Operators:
    """Return who manages seats in some municipalities and course houses; the product's own question, for letters."""
    found = Operators({}, {})
    rows = session.scalars(
        select(Membership)
        .where(Membership.ended_at.is_(None))
        .where(
            or_(
                and_(Membership.role == Role.BUYER, Membership.municipality_id.in_(municipality_ids)),
                and_(Membership.role == Role.OWNER, Membership.course_house_id.in_(house_ids)),
            )
        )
        .options(joinedload(Membership.person).selectinload(Person.addresses))
        .order_by(Membership.id)
    )
    for row in rows:
        if row.municipality_id is not None:
            found.buyers.setdefault(row.municipality_id, []).append(row.person)
        elif row.course_house_id is not None:
            found.owners.setdefault(row.course_house_id, []).append(row.person)
    return found


def departments_led(session: Session, scope: PersonScope, municipality_id: int) -> frozenset[int]:
    """Return the departments that a person leads in a municipality, and all below them."""
    rows = session.execute(
        select(Department.id, Department.parent_id).where(Department.municipality_id == municipality_id)
    ).all()
    led = set(
        session.scalars(
            select(MembershipDepartment.department_id)
            .join(Membership, Membership.id == MembershipDepartment.membership_id)
            .where(Membership.person_id == scope.person_id, Membership.municipality_id == municipality_id)
            .where(Membership.role == Role.LEADER, Membership.ended_at.is_(None))
        )
    )
    return below({row.id: row.parent_id for row in rows}, led)


def is_only_house(session: Session, scope: HouseScope) -> bool:
    """Say whether a house has the installation to itself: what names no house is then its own."""
    return session.scalar(select(CourseHouse.id).where(CourseHouse.id != scope.course_house_id).limit(1)) is None


def course_houses(session: Session) -> list[CourseHouse]:
    """Return every course house, by name: who they are and how to reach them stands on public pages."""
    return list(session.scalars(select(CourseHouse).order_by(CourseHouse.name, CourseHouse.id)))


def search_municipalities(session: Session, scope: HouseScope, text: str, *, limit: int = 20) -> list[Municipality]:
    """Return municipalities whose name or number contains a text: the public list, and the house's own customers."""
    pattern = f"%{text.strip().replace('%', '').replace('_', '')}%"
    return list(
        session.scalars(
            select(Municipality)
            .where(or_(Municipality.course_house_id.is_(None), Municipality.course_house_id == scope.course_house_id))
            .where(or_(Municipality.name.ilike(pattern), Municipality.code.ilike(pattern)))
            .order_by(Municipality.name, Municipality.id)
            .limit(limit)
        )
    )


def department(session: Session, scope: MunicipalityScope, department_id: int) -> Department | None:
    """Return a department of the municipality, or None."""
    return session.scalar(
        select(Department).where(Department.id == department_id, Department.municipality_id == scope.municipality_id)
    )


def departments(session: Session, scope: MunicipalityScope | DepartmentScope) -> list[Department]:
    """Return a municipality's departments by name; of a leader's only those led."""
    found = (
        select(Department)
        .where(Department.municipality_id == scope.municipality_id)
        .order_by(Department.name, Department.id)
    )
    if isinstance(scope, DepartmentScope):
        found = found.where(Department.id.in_(scope.department_ids))
    return list(session.scalars(found))


def colleagues(session: Session, scope: MunicipalityScope) -> list[Membership]:
    """Return who manages a municipality's seats and who leads its departments: buyers first, then by name."""
    return list(
        session.scalars(
            select(Membership)
            .join(Membership.person)
            .where(Membership.municipality_id == scope.municipality_id, Membership.ended_at.is_(None))
            .where(Membership.role.in_((Role.BUYER, Role.LEADER)))
            .options(contains_eager(Membership.person).selectinload(Person.addresses))
            .options(selectinload(Membership.departments))
            .order_by(Membership.role, Person.name, Membership.id)
        )
    )


def gln_numbers(session: Session, scope: MunicipalityScope) -> list[GlnNumber]:
    """Return a municipality's GLN (EAN) numbers, by label."""
    return list(
        session.scalars(
            select(GlnNumber)
            .where(GlnNumber.municipality_id == scope.municipality_id)
            .order_by(GlnNumber.label, GlnNumber.gln)
        )
    )


def api_tokens(session: Session, scope: MunicipalityScope) -> list[ApiToken]:
    """Return a municipality's tokens of the API that still work, the newest first."""
    return list(
        session.scalars(
            select(ApiToken)
            .where(ApiToken.municipality_id == scope.municipality_id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.id.desc())
        )
    )


def leaders_by_department(session: Session, scope: MunicipalityScope) -> dict[int, int]:
    """Return how many people lead each department itself."""
    rows = session.execute(
        select(MembershipDepartment.department_id, func.count())
        .join(Membership, Membership.id == MembershipDepartment.membership_id)
        .where(Membership.municipality_id == scope.municipality_id, Membership.ended_at.is_(None))
        .where(Membership.role == Role.LEADER)
        .group_by(MembershipDepartment.department_id)
    )
    return {row[0]: row[1] for row in rows}
