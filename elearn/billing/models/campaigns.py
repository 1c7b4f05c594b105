"""Campaigns, their places, and discount codes."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from elearn.billing import discounts, pricing
from elearn.billing.models.amounts import Minor
from elearn.catalogue.models import Course
from elearn.core.db import Base
from elearn.organisations.models import Municipality

DiscountKind = pricing.DiscountKind


class Campaign(Base):
    """An offer for a while: its codes, its places, and what is asked in return."""

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("country IN ('DK', 'NO')", name="country"),
        CheckConstraint("duty_share IS NULL OR duty_share BETWEEN 1 AND 100", name="duty_share"),
        CheckConstraint("(duty_share IS NULL) = (duty_months IS NULL)", name="duty_has_share_and_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"), index=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    """The course whose public page leads to it."""
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    text: Mapped[str]
    """What its public page says, in Markdown; '' for the product's own words."""
    country: Mapped[str]
    """Whose municipalities it is for: its days and places are that country's."""
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    is_public: Mapped[bool] = mapped_column(server_default=false())
    """Whether it has a public page, which shows free places and takes applications."""
    duty_share: Mapped[int | None]
    """Of 100 seat holders, and of the leaders, so many give feedback in return; None when nothing is asked."""
    duty_months: Mapped[int | None]
    """How many months from the first day of its seats a municipality has for it."""
    created_at: Mapped[datetime]

    course: Mapped[Course] = relationship()
    places: Mapped[list["CampaignPlace"]] = relationship(back_populates="campaign", order_by="CampaignPlace.name")
    codes: Mapped[list["DiscountCode"]] = relationship(back_populates="campaign", order_by="DiscountCode.id")


class CampaignPlace(Base):
    """A region or county of a campaign, as of its first day; one municipality may have it."""

    __tablename__ = "campaign_places"
    __table_args__ = (UniqueConstraint("campaign_id", "region_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    name: Mapped[str]
    """What it was called on the campaign's first day."""

    campaign: Mapped[Campaign] = relationship(back_populates="places")


discount_code_courses = Table(
    "discount_code_courses",
    Base.metadata,
    Column("discount_code_id", ForeignKey("discount_codes.id", ondelete="CASCADE"), primary_key=True),
    Column("course_id", ForeignKey("courses.id", ondelete="CASCADE"), primary_key=True),
)


class DiscountCode(Base):
    """A code that makes an order cheaper, for those and as often as it says."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        UniqueConstraint("course_house_id", "code"),
        CheckConstraint("used >= 0 AND (max_uses IS NULL OR used <= max_uses)", name="uses"),
        CheckConstraint("value >= 0 AND (kind <> 'percent' OR value <= 10000)", name="value"),
        CheckConstraint("(kind = 'percent') = (currency IS NULL)", name="amounts_have_a_currency"),
        CheckConstraint("min_seats IS NULL OR max_seats IS NULL OR max_seats >= min_seats", name="seats"),
        CheckConstraint("valid_until >= valid_from", name="valid_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_house_id: Mapped[int] = mapped_column(ForeignKey("course_houses.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaigns.id"), index=True)
    code: Mapped[str]
    """As `discounts.normalised` writes it."""
    kind: Mapped[str]
    """A word of `pricing.DiscountKind`."""
    value: Mapped[Minor]
    """Hundredths of a per cent off, øre off the order, or the order's price in øre, by its kind."""
    currency: Mapped[str | None]
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    min_seats: Mapped[int | None]
    max_seats: Mapped[int | None]
    max_uses: Mapped[int | None]
    used: Mapped[int] = mapped_column(server_default="0")
    """How many orders hold a use; only `code_uses` changes it, by guarded updates."""
    country: Mapped[str | None]
    municipality_id: Mapped[int | None] = mapped_column(ForeignKey("municipalities.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("regions.code"))
    is_active: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]

    campaign: Mapped[Campaign | None] = relationship(back_populates="codes")
    municipality: Mapped[Municipality | None] = relationship()
    courses: Mapped[list[Course]] = relationship(secondary=discount_code_courses, order_by=Course.id)
    """The courses it is for; none means all of the house's."""

    def holds_on(self, day: date) -> bool:
        """Return whether it is switched on, and a day is one of its own and of its campaign's."""
        starts_on, ends_on = (self.campaign.starts_on, self.campaign.ends_on) if self.campaign else (day, day)
        return self.is_active and max(self.valid_from, starts_on) <= day <= min(self.valid_until, ends_on)

    @property
    def discount(self) -> pricing.Discount:
        """Return what it takes off, as the pricing rules take it."""
        return pricing.Discount(pricing.DiscountKind(self.kind), self.value, self.code)

    @property
    def rule(self) -> discounts.CodeRule:
        """Return for whom and when it holds, as the rules of codes take it."""
        return discounts.CodeRule(
            is_active=self.is_active,
            currency=self.currency,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            course_ids=frozenset(course.id for course in self.courses),
            min_seats=self.min_seats,
            max_seats=self.max_seats,
            uses_left=None if self.max_uses is None else self.max_uses - self.used,
            country=self.country,
            municipality_id=self.municipality_id,
            region_code=self.region_code,
            campaign_country=self.campaign.country if self.campaign else None,
            campaign_places=frozenset(place.region_code for place in self.campaign.places) if self.campaign else None,
            campaign_starts_on=self.campaign.starts_on if self.campaign else None,
            campaign_ends_on=self.campaign.ends_on if self.campaign else None,
        )


class ApplicationState(StrEnum):
    """What became of a municipality's wish to be a test municipality."""

    NEW = "new"
    ACCEPTED = "accepted"
    """It was sent a code."""
    DECLINED = "declined"


class CampaignApplication(Base):
    """A municipality that would like a place in a campaign."""

    __tablename__ = "campaign_applications"
    __table_args__ = (UniqueConstraint("campaign_id", "form_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipalities.id"))
    form_key: Mapped[str]
    """The form's own key: pressing its button twice applies once."""
    name: Mapped[str]
    email: Mapped[str]
    phone: Mapped[str]
    message: Mapped[str]
    language: Mapped[str]
    state: Mapped[str]
    """A word of `ApplicationState`."""
    applied_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    code_id: Mapped[int | None] = mapped_column(ForeignKey("discount_codes.id"))
    """The code it was sent."""

    campaign: Mapped[Campaign] = relationship()
    municipality: Mapped[Municipality] = relationship()
