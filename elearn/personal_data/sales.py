"""What sales hold about people: who ordered, asked for a price or applied; found, blanked and deleted.

An order stays as what was sold, without its sender. Invoices stay as they are, because bookkeeping law asks for it.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from elearn.accounts.models import EmailAddress
from elearn.billing.models import (
    BuyerRules,
    Campaign,
    CampaignApplication,
    Invoice,
    Order,
    Quote,
    StripeEvent,
    TrustedDomain,
)
from elearn.billing.models.orders import FORGOTTEN
from elearn.core import clock
from elearn.licensing.models import Licence

KEEP_PAYLOADS = timedelta(days=90)
"""How long what Stripe sent is kept word for word; what it came to stands in the payments."""


def of_person(column: InstrumentedAttribute[str], person_id: int) -> ColumnElement[bool]:
    """Return the condition that an address is one of a person's."""
    theirs = select(EmailAddress.normalised).where(EmailAddress.person_id == person_id)
    return func.lower(column).in_(theirs)


def is_sender(person_id: int) -> ColumnElement[bool]:
    """Return the condition that an order is a person's."""
    return or_(Order.person_id == person_id, of_person(Order.email, person_id))


def forget_person(session: Session, person_id: int) -> None:
    """Take a person out of orders and quotes, and delete their applications."""
    _blank_orders(session, is_sender(person_id))
    _blank_quotes(session, of_person(Quote.email, person_id))
    session.execute(
        delete(CampaignApplication)
        .where(of_person(CampaignApplication.email, person_id))
        .execution_options(synchronize_session=False)
    )


def forget_what_is_old(session: Session, *, asked_before: datetime, seated_before: datetime) -> None:
    """Delete quotes and applications that ended before an instant; blank orders that came to nothing or are over."""
    day = asked_before.date()
    _forget_quotes(session, Quote.valid_until < day)
    ended = select(Campaign.id).where(Campaign.ends_on < day)
    session.execute(delete(CampaignApplication).where(CampaignApplication.campaign_id.in_(ended)))
    is_invoiced = exists().where(Invoice.order_id == Order.id)
    closed_before = or_(Order.refused_at < asked_before, Order.cancelled_at < asked_before)
    _blank_orders(session, closed_before & ~is_invoiced)
    over = select(Licence.id).where(Licence.ends_on < seated_before.date())
    _blank_orders(session, Order.licence_id.in_(over))
    session.execute(update(StripeEvent).where(StripeEvent.received_at < clock.now() - KEEP_PAYLOADS).values(payload=""))


def quotes_of(course_house_id: int, municipality_id: int) -> Select[int]:
    """Return the quotes that a house has made a municipality."""
    return select(Quote.id).where(Quote.course_house_id == course_house_id, Quote.municipality_id == municipality_id)


def applications_of(course_house_id: int, municipality_id: int) -> Select[int]:
    """Return the applications of a municipality for a house's campaigns."""
    return (
        select(CampaignApplication.id)
        .join(Campaign)
        .where(Campaign.course_house_id == course_house_id, CampaignApplication.municipality_id == municipality_id)
    )


def let_go(session: Session, *, course_house_id: int, municipality_id: int, is_shared: bool) -> None:
    """Delete a leaving municipality's quotes and applications, and blank who ordered; what was sold stays."""
    _blank_orders(session, (Order.course_house_id == course_house_id) & (Order.municipality_id == municipality_id))
    _forget_quotes(session, Quote.id.in_(quotes_of(course_house_id, municipality_id)))
    applied = applications_of(course_house_id, municipality_id)
    session.execute(
        delete(CampaignApplication)
        .where(CampaignApplication.id.in_(applied))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(TrustedDomain).where(
            TrustedDomain.course_house_id == course_house_id, TrustedDomain.municipality_id == municipality_id
        )
    )
    if not is_shared:
        session.execute(delete(BuyerRules).where(BuyerRules.municipality_id == municipality_id))


def _forget_quotes(session: Session, which: ColumnElement[bool]) -> None:
    """Delete quotes; one that an order came of stays with it, blanked."""
    is_ordered = exists().where(Order.quote_id == Quote.id)
    _blank_quotes(session, which & is_ordered)
    session.execute(delete(Quote).where(which, ~is_ordered).execution_options(synchronize_session=False))


def _blank_orders(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(Order)
        .where(which)
        .values(name=FORGOTTEN, email=FORGOTTEN, phone="", person_id=None, confirm_token_hash=None)
        .execution_options(synchronize_session=False)
    )


def _blank_quotes(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(
        update(Quote).where(which).values(name=FORGOTTEN, email=FORGOTTEN).execution_options(synchronize_session=False)
    )
