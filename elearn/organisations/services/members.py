"""Course houses and memberships: what changes them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.organisations.models import CourseHouse, Membership, MembershipDepartment, Municipality, Role

HOUSE_ADDED = audit.kind("organisations.house.added", "slug")
MEMBER_ADDED = audit.kind("organisations.member.added", "person_id", "role")


def add_house(
    session: Session, *, slug: str, name: str, country: str, email: str, org_number: str | None = None
) -> CourseHouse:
    """Add a course house, or return the one with this slug, as it is."""
    known = session.scalar(select(CourseHouse).where(CourseHouse.slug == slug))
    if known is not None:
        return known
    house = CourseHouse(slug=slug, name=name, country=country, email=email, org_number=org_number)
    session.add(house)
    session.flush()  # the audit event names its id
    audit.record(session, HOUSE_ADDED, actor_id=None, course_house_id=house.id, slug=slug)
    return house


def make_owner(session: Session, *, person: Person, house: CourseHouse) -> Membership:
    """Make a person an owner of a course house; asking again changes nothing."""
    return _add(session, person=person, role=Role.OWNER, house=house, by_id=None)


def add_member(
    session: Session,
    *,
    person: Person,
    municipality: Municipality,
    role: Role,
    by_id: int | None,
    sector: str | None = None,
    department_id: int | None = None,
) -> Membership:
    """Make a person a learner, leader or buyer of a municipality, in a department of it.

    Asking again adds what was not known: another department, the sector. The caller has checked that the department
    is the municipality's.
    """
    membership = _add(session, person=person, role=role, municipality=municipality, by_id=by_id, sector=sector)
    membership.sector = membership.sector or sector
    if department_id is not None:
        link = insert(session, MembershipDepartment).values(membership_id=membership.id, department_id=department_id)
        session.execute(link.on_conflict_do_nothing())
    return membership


def _add(
    session: Session,
    *,
    person: Person,
    role: Role,
    by_id: int | None,
    municipality: Municipality | None = None,
    house: CourseHouse | None = None,
    sector: str | None = None,
) -> Membership:
    municipality_id = municipality.id if municipality else None
    house_id = house.id if house else None
    known = session.scalar(
        select(Membership).where(
            Membership.person_id == person.id,
            Membership.role == role,
            Membership.municipality_id == municipality_id,
            Membership.course_house_id == house_id,
            Membership.ended_at.is_(None),
        )
    )
    if known is not None:
        return known
    membership = Membership(
        person_id=person.id,
        role=role,
        municipality_id=municipality_id,
        course_house_id=house_id,
        sector=sector,
        created_at=clock.now(),
    )
    session.add(membership)
    session.flush()  # a second membership of the kind must fail here, not later
    audit.record(
        session,
        MEMBER_ADDED,
        actor_id=by_id,
        municipality_id=municipality_id,
        course_house_id=house_id,
        person_id=person.id,
        role=str(role),
    )
    return membership
