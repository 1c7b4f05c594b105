"""Orders that a course house has agreed on with a municipality: at a price of their own, accepted at once."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from elearn.accounts import addresses
from elearn.billing import references
from elearn.billing.errors import OnRequest, SellerIncomplete
from elearn.billing.models import BuyerRules, Order, Seller
from elearn.billing.order_rows import record_event
from elearn.billing.pricing import Line, Quote
from elearn.billing.services.order_answers import accept
from elearn.billing.services.orders import Details, order_of_form
from elearn.billing.services.pricing_orders import CURRENCIES
from elearn.billing.services.selling import own_course
from elearn.billing.vat import vat_for
from elearn.core import audit, clock
from elearn.core.scope import HouseScope
from elearn.organisations.models import Municipality

AGREED = audit.kind("billing.order.agreed", "order_id", "seats", "total_minor", "currency")


@dataclass(frozen=True)
class Agreed:
    """What was agreed on."""

    seats: int
    months: int
    seat_minor: int
    """Øre for one seat and the whole term, without VAT."""


def agree_on_order(
    session: Session,
    *,
    scope: HouseScope,
    course_id: int,
    municipality: Municipality,
    agreed: Agreed,
    details: Details,
    form_key: str,
    by_id: int,
) -> Order:
    """Place and accept an order at an agreed price, once per form; its seats follow like any order's.

    Raises `NotFound`, `SellerIncomplete`, `OnRequest` when nobody has signed off its VAT, `ReferenceMissing`,
    `ReferenceHasOtherFormat`, `NotAnAddress`.
    """
    course = own_course(session, scope, course_id)
    seller = session.get(Seller, scope.course_house_id)
    if seller is None:
        raise SellerIncomplete
    known = order_of_form(session, scope.course_house_id, form_key)
    if known is not None:
        return known
    rules = session.get(BuyerRules, municipality.id)
    references.check(rules, buyer_reference=details.buyer_reference, order_number=details.order_number)
    vat = vat_for(
        session,
        seller=seller,
        course_id=course.id,
        buyer_country=municipality.country,
        on=clock.today(municipality.country),
    )
    if vat is None:
        raise OnRequest
    net = agreed.seats * agreed.seat_minor
    line = Line(agreed.seats, agreed.seat_minor, 0, net, agreed.months, None, "", vat)
    priced = Quote.of(CURRENCIES[municipality.country], [line])
    now = clock.now()
    order = Order(
        form_key=form_key,
        course_house_id=scope.course_house_id,
        course=course,
        municipality=municipality,
        name=details.name,
        email=addresses.check(details.email),
        phone=details.phone,
        language=details.language,
        seats=agreed.seats,
        months=agreed.months,
        starts_on=details.starts_on,
        currency=priced.currency,
        lines=[line.as_json()],
        net_minor=priced.net_minor,
        vat_minor=priced.vat_minor,
        total_minor=priced.total_minor,
        pay_by=details.pay_by,
        gln=details.gln,
        buyer_reference=details.buyer_reference,
        order_number=details.order_number,
        closed_reason="",
        invoice_problem="",
        placed_at=now,
        confirmed_at=now,
    )
    session.add(order)
    record_event(
        session,
        AGREED,
        order,
        by_id,
        seats=order.seats,
        total_minor=order.total_minor,
        currency=order.currency,
    )
    accept(session, order, by_id=by_id)
    return order
