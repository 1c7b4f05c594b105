"""Reading organisations and memberships."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.core.scope import HouseScope, PersonScope
from elearn.organisations.models import CourseHouse, Membership, Municipality, MunicipalityRegion, Region, Role


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


def is_only_house(session: Session, scope: HouseScope) -> bool:
    """Say whether a house has the installation to itself: what names no house is then its own."""
    return session.scalar(select(CourseHouse.id).where(CourseHouse.id != scope.course_house_id).limit(1)) is None


def course_houses(session: Session) -> list[CourseHouse]:
    """Return every course house, by name: who they are and how to reach them stands on public pages."""
    return list(session.scalars(select(CourseHouse).order_by(CourseHouse.name, CourseHouse.id)))


def search_municipalities(session: Session, _scope: HouseScope, text: str, *, limit: int = 20) -> list[Municipality]:
    """Return municipalities whose name or number contains a text; a public list, the same for every house."""
    pattern = f"%{text.strip().replace('%', '').replace('_', '')}%"
    return list(
        session.scalars(
            select(Municipality)
            .where(or_(Municipality.name.ilike(pattern), Municipality.code.ilike(pattern)))
            .order_by(Municipality.name)
            .limit(limit)
        )
    )


def region_of(session: Session, _scope: HouseScope, municipality_id: int, on: date) -> Region | None:
    """Return the region a municipality lies in on a day (regions are dated data, design.md 6)."""
    return session.scalar(
        select(Region)
        .join(MunicipalityRegion, MunicipalityRegion.region_code == Region.code)
        .where(MunicipalityRegion.municipality_id == municipality_id)
        .where(or_(MunicipalityRegion.valid_from.is_(None), MunicipalityRegion.valid_from <= on))
        .where(or_(MunicipalityRegion.valid_until.is_(None), MunicipalityRegion.valid_until >= on))
    )
