"""A course house that sells: what tests of orders and invoices begin with."""

from datetime import date
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.billing.models import Campaign, CampaignPlace, DiscountCode, Order, PayBy, Price, Seller
from elearn.billing.services.orders import Details, place_order
from elearn.billing.services.pricing_orders import Asked
from elearn.core import clock
from elearn.core.tokens import Tokens
from elearn.organisations.models import Municipality, Region
from tests.world import Side

LIST_PRICE = 239_900
CODE = "TESTKOMMUNE"
_keys = count(1)

SELLER = {
    "legal_name": "Kursushuset ApS",
    "org_number": "11223346",
    "is_vat_registered": True,
    "street": "Nørregade 1",
    "postal_code": "8000",
    "city": "Aarhus C",
    "contact_name": "Ida Holm",
    "contact_email": "ida@house.example",
    "contact_phone": "+45 12 34 56 78",
    "bank_registration": "1234",
    "bank_account": "0012345678",
    "bic": "",
    "serial_prefix": "K-",
    "next_serial": 1001,
    "seats_follow": "acceptance",
    "delivery": "download",
    "delivery_target": "",
    "terms": "",
}


def open_shop(session: Session, side: Side, **changed: object) -> Price:
    """Let a side's house sell its course at the list price, in Danish kroner."""
    session.add(Seller(course_house_id=side.house.id, **{**SELLER, **changed}))
    price = Price(
        course_id=side.course.id,
        currency="DKK",
        seat_year_minor=LIST_PRICE,
        brackets=[],
        terms_months=[12],
        valid_from=date(2026, 1, 1),
        set_at=clock.now(),
    )
    session.add(price)
    session.flush()
    return price


def add_campaign(session: Session, side: Side, **changed: object) -> DiscountCode:
    """Offer 75 % off for 100 seats to one municipality in each Danish region; returns the campaign's code."""
    campaign = Campaign(
        course_house_id=side.house.id,
        course_id=side.course.id,
        slug=f"test-{side.course.slug}",
        name="Test municipalities",
        text="",
        country="DK",
        starts_on=date(2026, 11, 1),
        ends_on=date(2027, 4, 30),
        duty_share=80,
        duty_months=6,
        created_at=clock.now(),
    )
    regions = session.scalars(
        select(Region).where(Region.country == "DK", Region.valid_from.is_(None)).order_by(Region.code)
    )
    campaign.places = [CampaignPlace(region_code=region.code, name=region.name) for region in regions]
    terms: dict[str, object] = {
        "code": CODE,
        "kind": "percent",
        "value": 7500,
        "valid_from": campaign.starts_on,
        "valid_until": campaign.ends_on,
        "min_seats": 100,
        "max_seats": 100,
        "max_uses": 5,
    }
    code = DiscountCode(course_house_id=side.house.id, campaign=campaign, courses=[side.course], created_at=clock.now())
    for name, value in {**terms, **changed}.items():
        setattr(code, name, value)
    session.add(code)
    session.flush()
    return code


def used(session: Session) -> int:
    """Return how often the one code has been used, as the database has it now."""
    return session.scalars(select(DiscountCode.used).execution_options(populate_existing=True)).one()


def details(**changed: object) -> Details:
    told: dict[str, object] = {
        "name": "Karin Lund",
        "email": "karin@favrskov.example",
        "phone": "",
        "language": "en",
        "pay_by": PayBy.INVOICE,
        "gln": "5798000000018",
        "buyer_reference": "KALU",
        "accepts_duty": True,
    }
    return Details(**{**told, **changed})  # type: ignore[arg-type]


def order(
    session: Session,
    tokens: Tokens,
    side: Side,
    *,
    seats: int = 10,
    code: str = "",
    municipality: Municipality | None = None,
    person: Person | None = None,
    **changed: object,
) -> Order:
    """Place an order, by the side's buyer when nobody else is named."""
    who = person or (side.buyer if municipality is None else None)
    if who is not None:
        changed.setdefault("email", who.address)
    return place_order(
        session,
        tokens,
        course=side.course,
        municipality=municipality or side.municipality,
        asked=Asked(seats, None, code),
        details=details(**changed),
        form_key=f"form-{next(_keys)}",
        person=who,
    )


def municipality(session: Session, name: str) -> Municipality:
    return session.scalars(select(Municipality).where(Municipality.name.in_((name, f"{name} Kommune")))).one()
