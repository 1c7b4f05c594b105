"""Quotes: a price in writing that stands until a day."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts import addresses
from elearn.billing.models import Quote, Seller
from elearn.billing.services.pricing_orders import Asked, price_order
from elearn.catalogue.models import Course
from elearn.core import audit, clock
from elearn.core.tokens import random_token
from elearn.organisations.models import Municipality

MADE = audit.kind("billing.quote.made", "quote_id", "seats", "total_minor", "currency")


def make_quote(
    session: Session,
    *,
    course: Course,
    municipality: Municipality,
    asked: Asked,
    name: str,
    email: str,
    language: str,
    form_key: str,
) -> Quote:
    """Tell a price in writing, once per form; no code is used up by it.

    Raises what `price_order` does, `NotAnAddress`.
    """
    session.execute(
        select(Seller.course_house_id)
        .where(Seller.course_house_id == course.course_house_id)
        .with_for_update(key_share=True)
    )
    known = session.scalar(
        select(Quote).where(Quote.course_house_id == course.course_house_id, Quote.form_key == form_key)
    )
    if known is not None:
        return known
    priced = price_order(session, course=course, country=municipality.country, municipality=municipality, asked=asked)
    seller = session.get_one(Seller, course.course_house_id)
    valid_until = clock.today(municipality.country) + timedelta(days=seller.quote_days)
    if priced.code is not None:
        ends = [priced.code.valid_until, priced.code.campaign.ends_on if priced.code.campaign else None]
        valid_until = min([valid_until, *(day for day in ends if day)])
    quote = Quote(
        code=random_token(),
        form_key=form_key,
        course_house_id=course.course_house_id,
        course=course,
        municipality=municipality,
        price=priced.price,
        discount_code=priced.code,
        name=name,
        email=addresses.check(email),
        language=language,
        seats=asked.seats,
        months=priced.months,
        currency=priced.quote.currency,
        lines=[line.as_json() for line in priced.quote.lines],
        net_minor=priced.quote.net_minor,
        vat_minor=priced.quote.vat_minor,
        total_minor=priced.quote.total_minor,
        made_at=clock.now(),
        valid_until=valid_until,
    )
    session.add(quote)
    session.flush()  # the event names its id
    audit.record(
        session,
        MADE,
        actor_id=None,
        municipality_id=municipality.id,
        course_house_id=course.course_house_id,
        quote_id=quote.id,
        seats=quote.seats,
        total_minor=quote.total_minor,
        currency=quote.currency,
    )
    return quote
