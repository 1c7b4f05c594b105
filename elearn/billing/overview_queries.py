"""Sales in sums: by course, municipality and campaign, each currency by itself."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, case, func, select
from sqlalchemy.orm import Session

from elearn.billing.models import Campaign, DiscountCode, Invoice, InvoiceKind, Order, Payment
from elearn.billing.queries import Money
from elearn.core.scope import HouseScope
from elearn.organisations.models import Municipality


@dataclass(frozen=True)
class Sales:
    """What was sold of something in a currency."""

    key: int
    """The course's, municipality's or campaign's number."""
    name: str
    currency: str
    orders: int
    seats: int
    """Less those that were credited."""
    ordered: int
    """What the accepted orders that stand come to, in øre with VAT."""
    money: Money


def sales_by_course(session: Session, scope: HouseScope) -> list[Sales]:
    """Return the house's sales by course; its name is for the caller to say."""
    sold = _sold(scope)
    return _grouped(session, sold, sold.c.course_id, None)


def sales_by_municipality(session: Session, scope: HouseScope) -> list[Sales]:
    """Return the house's sales by municipality, by name."""
    sold = _sold(scope)
    return _grouped(session, sold, sold.c.municipality_id, Municipality.official_name)


def sales_by_campaign(session: Session, scope: HouseScope) -> list[Sales]:
    """Return the house's sales by campaign, by name; what was sold without one is left out."""
    sold = _sold(scope)
    return _grouped(session, sold, sold.c.campaign_id, Campaign.name)


def _sold(scope: HouseScope) -> Subquery:
    """One row for each accepted order, with what it came to."""
    papers = (
        select(
            Invoice.order_id,
            _sum_where(Invoice.kind == InvoiceKind.INVOICE, Invoice.total_minor).label("invoiced"),
            _sum_where(Invoice.kind == InvoiceKind.CREDIT_NOTE, Invoice.total_minor).label("credited"),
            _sum_where(Invoice.kind == InvoiceKind.CREDIT_NOTE, Invoice.seats).label("seats_back"),
        )
        .where(Invoice.course_house_id == scope.course_house_id)
        .group_by(Invoice.order_id)
        .subquery()
    )
    received = (
        select(Payment.order_id, func.sum(Payment.amount_minor).label("received"))
        .join(Payment.order)
        .where(Order.course_house_id == scope.course_house_id)
        .group_by(Payment.order_id)
        .subquery()
    )
    stands = Order.cancelled_at.is_(None)
    return (
        select(
            Order.course_id,
            Order.municipality_id,
            DiscountCode.campaign_id,
            Order.currency,
            case((stands, 1), else_=0).label("orders"),
            case((stands, Order.seats - func.coalesce(papers.c.seats_back, 0)), else_=0).label("seats"),
            case((stands, Order.total_minor), else_=0).label("ordered"),
            func.coalesce(papers.c.invoiced, 0).label("invoiced"),
            func.coalesce(papers.c.credited, 0).label("credited"),
            func.coalesce(received.c.received, 0).label("received"),
        )
        .outerjoin(DiscountCode, DiscountCode.id == Order.discount_code_id)
        .outerjoin(papers, papers.c.order_id == Order.id)
        .outerjoin(received, received.c.order_id == Order.id)
        .where(Order.course_house_id == scope.course_house_id, Order.accepted_at.is_not(None))
        .subquery()
    )


def _sum_where(condition: Any, column: Any) -> Any:
    return func.sum(case((condition, column), else_=0))


def _grouped(session: Session, sold: Subquery, key: Any, name: Any) -> list[Sales]:
    sums = ("orders", "seats", "ordered", "invoiced", "credited", "received")
    columns = [key.label("key"), sold.c.currency, *(func.sum(sold.c[each]).label(each) for each in sums)]
    if name is None:
        found = select(*columns).group_by(key, sold.c.currency).order_by(key, sold.c.currency)
    else:
        named = select(*columns, name.label("name")).join_from(sold, name.class_, name.class_.id == key)
        found = named.group_by(key, sold.c.currency, name).order_by(name, key, sold.c.currency)
    return [
        Sales(
            key=row.key,
            name=getattr(row, "name", ""),
            currency=row.currency,
            orders=int(row.orders),
            seats=int(row.seats),
            ordered=int(row.ordered),
            money=Money(int(row.invoiced), int(row.credited), int(row.received)),
        )
        for row in session.execute(found)
    ]
