"""Reading quotes, orders and invoices, always for whoever may see them."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from elearn.billing.models import Campaign, Invoice, Order, Price, Quote, Seller
from elearn.catalogue.models import Course
from elearn.core.errors import NotFound
from elearn.core.scope import MunicipalityScope, PersonScope
from elearn.core.tokens import hash_of
from elearn.licensing.seat_lists import PAGE_SIZE, Page
from elearn.organisations.models import Membership, Municipality, Role


def quote_by_code(session: Session, code: str) -> Quote:
    """Return a quote for whoever has its address. Raises `NotFound`."""
    quote = session.scalar(
        select(Quote)
        .where(Quote.code == code)
        .options(joinedload(Quote.course), joinedload(Quote.municipality), joinedload(Quote.course_house))
    )
    if quote is None:
        raise NotFound("no such quote")
    return quote


def ordered_on(session: Session, quote: Quote) -> datetime | None:
    """Return when the first order that stands was placed on a quote, for whoever has its address."""
    placed = select(func.min(Order.confirmed_at)).where(
        Order.quote_id == quote.id, Order.cancelled_at.is_(None), Order.refused_at.is_(None)
    )
    return session.scalar(placed)


def order_by_token(session: Session, token: str) -> Order | None:
    """Return the order whose letter carried a token, confirmed or not."""
    return session.scalar(select(Order).where(Order.confirm_token_hash == hash_of(token)))


def order(session: Session, scope: PersonScope, order_id: int) -> Order:
    """Return a confirmed order for its sender, or for a buyer of its municipality. Raises `NotFound`."""
    found = session.scalar(select(Order).where(Order.id == order_id, Order.confirmed_at.is_not(None), _mine(scope)))
    if found is None:
        raise NotFound("no such order")
    return found


def orders(session: Session, scope: MunicipalityScope, *, number: int) -> Page[Order]:
    """Return a page of a municipality's orders, the newest first."""
    rows = session.scalars(
        select(Order)
        .where(Order.municipality_id == scope.municipality_id, Order.confirmed_at.is_not(None))
        .options(joinedload(Order.course), joinedload(Order.course_house))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .offset((number - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    return Page(list(rows[:PAGE_SIZE]), None, number, len(rows) > PAGE_SIZE)


def invoices(session: Session, scope: PersonScope, order_id: int) -> list[Invoice]:
    """Return an order's invoice and credit notes, in their order."""
    return list(
        session.scalars(
            select(Invoice)
            .join(Order, Order.id == Invoice.order_id)
            .where(Invoice.order_id == order_id, _mine(scope))
            .order_by(Invoice.serial)
        )
    )


def invoice(session: Session, scope: PersonScope, order_id: int, invoice_id: int) -> Invoice:
    """Return one of an order's invoices and credit notes. Raises `NotFound`."""
    found = next((each for each in invoices(session, scope, order_id) if each.id == invoice_id), None)
    if found is None:
        raise NotFound("no such invoice")
    return found


def courses_for_sale(session: Session, scope: MunicipalityScope) -> list[Course]:
    """Return the published courses that have a price for a municipality, by id: their public pages say what it is."""
    found = (
        select(Course)
        .where(Course.current_version_id.is_not(None))
        .where(exists().where(Price.course_id == Course.id), exists().where(_sells()))
    )
    added_by = session.get_one(Municipality, scope.municipality_id).course_house_id
    if added_by is not None:  # it is that house's customer alone
        found = found.where(Course.course_house_id == added_by)
    return list(session.scalars(found.order_by(Course.id)))


def public_campaign(session: Session, slug: str) -> Campaign:
    """Return a campaign that has a public page. Raises `NotFound`."""
    found = session.scalar(
        select(Campaign).where(Campaign.slug == slug, Campaign.is_public).options(joinedload(Campaign.course))
    )
    if found is None:
        raise NotFound("no such campaign")
    return found


def public_campaigns(session: Session, course_id: int) -> list[Campaign]:
    """Return the campaigns of a course that have a public page, the newest first."""
    return list(
        session.scalars(
            select(Campaign)
            .where(Campaign.course_id == course_id, Campaign.is_public)
            .order_by(Campaign.starts_on.desc(), Campaign.id.desc())
        )
    )


def taken_places(session: Session, campaign_id: int) -> set[int]:
    """Return which of a campaign's places a municipality has, and never which one: that is public."""
    rows = session.scalars(
        select(Order.campaign_place_id)
        .join(Order.campaign_place)
        .where(Order.cancelled_at.is_(None), Order.refused_at.is_(None))
        .where(Order.campaign_place.has(campaign_id=campaign_id))
    )
    return {place_id for place_id in rows if place_id is not None}


def _sells() -> ColumnElement[bool]:
    return Seller.course_house_id == Course.course_house_id


def _mine(scope: PersonScope) -> ColumnElement[bool]:
    buys = exists().where(
        and_(
            Membership.person_id == scope.person_id,
            Membership.municipality_id == Order.municipality_id,
            Membership.role == Role.BUYER,
            Membership.ended_at.is_(None),
        )
    )
    return or_(Order.person_id == scope.person_id, buys)
