"""Course houses and memberships: what changes them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import audit, clock
from elearn.core.db import insert
from elearn.organisations.models import CourseHouse, Membership, MembershipDepartment, Municipality, Role

HOUSE_ADDED = audit.kind("organisations.house.added", "slug")
MEMBER_ADDED = audit.kind("organisations.member.added", "person_id", "role")
MEMBER_ENDED = audit.kind("organisations.member.ended", "person_id", "role")


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


def work_only_in(session: Session, membership: Membership, department_ids: Iterable[int]) -> None:
    """Note that a member works in none but these departments of the municipality any more."""
    session.execute(
        delete(MembershipDepartment).where(
            MembershipDepartment.membership_id == membership.id,
            MembershipDepartment.department_id.not_in(set(department_ids)),
        )
    )
    session.expire(membership, ["departments"])


def end_learning(session: Session, *, person_id: int, municipality_id: int, by_id: int | None) -> bool:
    """Note that a learner has left a municipality; False when they were none there.

    What they watched and completed stays theirs. The caller has seen to their seats.
    """
    still = _as_learner(person_id, municipality_id).where(Membership.ended_at.is_(None))
    membership = session.scalar(still.with_for_update())  # two presses at once: the second finds them gone
    if membership is None:
        return False
    membership.ended_at = clock.now()
    _record(session, MEMBER_ENDED, membership, by_id)
    return True


def undo_end_of_learning(
    session: Session, *, person_id: int, municipality_id: int, since: datetime, by_id: int | None
) -> bool:
    """Have somebody be a learner as before who was noted as having left since an instant: they never joined anew.

    False when they were not.
    """
    membership = session.scalar(_as_learner(person_id, municipality_id).order_by(Membership.id.desc()).limit(1))
    if membership is None or membership.ended_at is None or membership.ended_at < since:
        return False
    membership.ended_at = None
    _record(session, MEMBER_ADDED, membership, by_id)
    return True


def _as_learner(person_id: int, municipality_id: int) -> Select[Membership]:
    return select(Membership).where(
        Membership.person_id == person_id,
        Membership.municipality_id == municipality_id,
        Membership.role == Role.LEARNER,
    )


def _record(session: Session, kind: audit.Kind, membership: Membership, by_id: int | None) -> None:
    session.flush()  # a second membership of the kind must fail here, not later
    audit.record(
        session,
        kind,
        actor_id=by_id,
        municipality_id=membership.municipality_id,
        course_house_id=membership.course_house_id,
        person_id=membership.person_id,
        role=str(membership.role),
    )


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
    _record(session, MEMBER_ADDED, membership, by_id)
    return membership
