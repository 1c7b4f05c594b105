"""Sellers, prices, VAT and campaigns, as the course house that set them sees them."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from elearn.accounts.models import Person
from elearn.billing.models import (
    ApplicationState,
    Campaign,
    CampaignApplication,
    CampaignPlace,
    DiscountCode,
    Order,
    Price,
    Seller,
    VatRule,
)
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.scope import HouseScope
from elearn.organisations.models import Region


@dataclass(frozen=True)
class Place:
    """A campaign's place, and the order that has it."""

    place: CampaignPlace
    order: Order | None


@dataclass(frozen=True)
class SignedRule:
    """A VAT rule, and who answers for it."""

    rule: VatRule
    by: str | None
    """None when the person has been deleted."""


def seller(session: Session, scope: HouseScope) -> Seller | None:
    """Return the house as a seller; None before it is one."""
    return session.get(Seller, scope.course_house_id)


def prices(session: Session, scope: HouseScope) -> dict[tuple[int, str], list[Price]]:
    """Return all versions of the house's prices by course and currency, the latest first."""
    found: dict[tuple[int, str], list[Price]] = defaultdict(list)
    rows = session.scalars(
        select(Price)
        .join(Price.course)
        .where(Course.course_house_id == scope.course_house_id)
        .order_by(Price.valid_from.desc(), Price.id.desc())
    )
    for price in rows:
        found[price.course_id, price.currency].append(price)
    return found


def vat_rules(session: Session, scope: HouseScope) -> list[SignedRule]:
    """Return what the house has signed off about VAT, by country, the latest first."""
    rows = session.execute(
        select(VatRule, Person.name)
        .outerjoin(Person, Person.id == VatRule.signed_off_by_id)
        .where(VatRule.course_house_id == scope.course_house_id)
        .order_by(VatRule.buyer_country, VatRule.valid_from.desc(), VatRule.id.desc())
    )
    return [SignedRule(rule, name) for rule, name in rows]


def campaigns(session: Session, scope: HouseScope) -> list[Campaign]:
    """Return the house's campaigns, the latest first."""
    found = select(Campaign).where(Campaign.course_house_id == scope.course_house_id)
    loaded = found.options(selectinload(Campaign.places), selectinload(Campaign.codes))
    return list(session.scalars(loaded.order_by(Campaign.starts_on.desc(), Campaign.id.desc())))


def campaign(session: Session, scope: HouseScope, campaign_id: int) -> Campaign:
    """Return a campaign of the house. Raises `NotFound`."""
    found = session.scalar(
        select(Campaign).where(Campaign.id == campaign_id, Campaign.course_house_id == scope.course_house_id)
    )
    if found is None:
        raise NotFound("no such campaign")
    return found


def places(session: Session, scope: HouseScope, campaign_id: int) -> list[Place]:
    """Return a campaign's places, each with the order that has it."""
    rows = session.execute(
        select(CampaignPlace, Order)
        .join(CampaignPlace.campaign)
        .outerjoin(
            Order,
            (Order.campaign_place_id == CampaignPlace.id) & Order.cancelled_at.is_(None) & Order.refused_at.is_(None),
        )
        .where(Campaign.id == campaign_id, Campaign.course_house_id == scope.course_house_id)
        .options(joinedload(Order.municipality))
        .order_by(CampaignPlace.name, CampaignPlace.id)
    )
    return [Place(place, order) for place, order in rows]


def applications(session: Session, scope: HouseScope, campaign_id: int) -> list[CampaignApplication]:
    """Return who applied for a campaign, those who wait first."""
    rows = session.scalars(
        select(CampaignApplication)
        .join(CampaignApplication.campaign)
        .where(Campaign.id == campaign_id, Campaign.course_house_id == scope.course_house_id)
        .options(joinedload(CampaignApplication.municipality))
        .order_by(CampaignApplication.applied_at, CampaignApplication.id)
    )
    return sorted(rows, key=lambda each: each.state != ApplicationState.NEW)


def application(session: Session, scope: HouseScope, application_id: int) -> CampaignApplication:
    """Return an application for a campaign of the house. Raises `NotFound`."""
    found = session.scalar(
        select(CampaignApplication)
        .join(CampaignApplication.campaign)
        .where(CampaignApplication.id == application_id, Campaign.course_house_id == scope.course_house_id)
    )
    if found is None:
        raise NotFound("no such application")
    return found


def regions(session: Session, _scope: HouseScope) -> list[Region]:
    """Return the regions and counties that a code can be for: public ones, by country and name."""
    return list(session.scalars(select(Region).order_by(Region.country, Region.name, Region.code)))


def applications_waiting(session: Session, scope: HouseScope) -> dict[int, int]:
    """Return how many applications wait for an answer, by campaign."""
    rows = session.execute(
        select(CampaignApplication.campaign_id, func.count().label("waiting"))
        .join(CampaignApplication.campaign)
        .where(Campaign.course_house_id == scope.course_house_id, CampaignApplication.state == ApplicationState.NEW)
        .group_by(CampaignApplication.campaign_id)
    )
    return {row.campaign_id: row.waiting for row in rows}


def codes(session: Session, scope: HouseScope, *, campaign_id: int | None) -> list[DiscountCode]:
    """Return the codes of a campaign, or with None those of no campaign; the latest first."""
    rows = session.scalars(
        select(DiscountCode)
        .where(DiscountCode.course_house_id == scope.course_house_id, DiscountCode.campaign_id == campaign_id)
        .options(joinedload(DiscountCode.municipality), selectinload(DiscountCode.courses))
        .order_by(DiscountCode.id.desc())
    )
    return list(rows)
