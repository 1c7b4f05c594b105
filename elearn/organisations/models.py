"""Municipalities and their dated regions, departments, sectors, course houses and memberships."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.accounts.models import Person
from elearn.core.db import Base


class Role(StrEnum):
    """What a person is to a municipality or a course house."""

    LEARNER = "learner"
    LEADER = "leader"
    BUYER = "buyer"
    OWNER = "owner"


class Region(Base):
    """A Danish region or a Norwegian county, for as long as it exists."""

    __tablename__ = "regions"

    code: Mapped[str] = mapped_column(primary_key=True)
    """'DK-1082' or 'NO-46'."""
    country: Mapped[str]
    name: Mapped[str]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    """The last day; None while it lasts."""


class Municipality(Base):
    """A customer whose staff watch: a municipality, or another body the owner has added."""

    __tablename__ = "municipalities"
    __table_args__ = (UniqueConstraint("country", "code"), CheckConstraint("country IN ('DK', 'NO')", name="country"))

    id: Mapped[int] = mapped_column(primary_key=True)
    country: Mapped[str]
    code: Mapped[str | None]
    """kommunekode or kommunenummer, four digits; None for a customer that is no municipality."""
    course_house_id: Mapped[int | None] = mapped_column(ForeignKey("course_houses.id"), index=True)
    """Whose customer it is: a body that a course house added itself; None for the public list of municipalities."""
    name: Mapped[str] = mapped_column(index=True)
    official_name: Mapped[str]
    org_number: Mapped[str | None]
    """CVR or organisation number, without spaces; one Norwegian municipality lacks it in the source."""
    reporting_url: Mapped[str | None]
    """Where the municipality receives an underretning or bekymringsmelding."""
    reporting_phone: Mapped[str | None]
    nudges: Mapped[bool] = mapped_column(server_default=true())
    """Whether learners who stopped for 14 days get one gentle reminder."""


class GlnNumber(Base):
    """A GLN (EAN) number of a municipality: where an e-invoice to one of its units goes."""

    __tablename__ = "gln_numbers"
    __table_args__ = (UniqueConstraint("municipality_id", "gln"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id", ondelete="CASCADE"))
    gln: Mapped[str]
    """13 digits, the last a check digit."""
    label: Mapped[str]
    """Which unit it is."""


class MunicipalityRegion(Base):
    """Which region a municipality lies in, from a day until a day."""

    __tablename__ = "municipality_regions"

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), primary_key=True)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]


class Department(Base):
    """A department of a municipality's own making, in a tree."""

    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("municipality_id", "name_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    """Never given again: it outlives the department in the history of seats."""
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    name: Mapped[str]
    name_key: Mapped[str]
    """The name case-folded: lists name departments, so a municipality has one of each name."""
    sector: Mapped[str | None]
    """A code of `sectors.SECTORS`."""

    municipality: Mapped[Municipality] = relationship()


class CourseHouse(Base):
    """Who makes and sells courses; an installation holds one or more."""

    __tablename__ = "course_houses"
    __table_args__ = (CheckConstraint("country IN ('DK', 'NO')", name="country"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    country: Mapped[str]
    org_number: Mapped[str | None]
    email: Mapped[str]


class Membership(Base):
    """What a person is to a municipality (learner, leader, buyer) or to a course house (owner)."""

    __tablename__ = "memberships"
    __table_args__ = (
        CheckConstraint(
            "(role = 'owner' AND course_house_id IS NOT NULL AND municipality_id IS NULL)"
            " OR (role <> 'owner' AND course_house_id IS NULL AND municipality_id IS NOT NULL)",
            name="owner_of_house_or_member_of_municipality",
        ),
        Index(
            "uq_memberships_open_role",
            "person_id",
            "municipality_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND municipality_id IS NOT NULL"),
            postgresql_where=text("ended_at IS NULL AND municipality_id IS NOT NULL"),
        ),
        Index(
            "uq_memberships_one_house",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL AND role = 'owner'"),
            postgresql_where=text("ended_at IS NULL AND role = 'owner'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"), index=True)
    course_house_id: Mapped[int | None] = mapped_column(ForeignKey("course_houses.id"), index=True)
    sector: Mapped[str | None]
    """A code of `sectors.SECTORS`; None means the department's."""
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    municipality: Mapped[Municipality | None] = relationship()
    course_house: Mapped[CourseHouse | None] = relationship()
    departments: Mapped[list[Department]] = relationship(secondary="membership_departments", order_by=Department.name)
    """Where a learner works, or what a leader leads; may be several."""


class MembershipDepartment(Base):
    """That a membership belongs to a department."""

    __tablename__ = "membership_departments"

    membership_id: Mapped[int] = mapped_column(ForeignKey("memberships.id", ondelete="CASCADE"), primary_key=True)
    department_id: Mapped[int] = mapped_column(
        ForeignKey("departments.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class TokenScope(StrEnum):
    """What a token of the API may do."""

    LICENCES_READ = "licences:read"
    SEATS_READ = "seats:read"
    SEATS_WRITE = "seats:write"
    COMPLETIONS_READ = "completions:read"


class ApiToken(Base):
    """A municipality's token for its HR system; only the hash is stored."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    """What it is for, in the buyer's words."""
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    """Words of `TokenScope`."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    last_used_on: Mapped[date | None]
    revoked_at: Mapped[datetime | None]
