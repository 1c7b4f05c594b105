"""The demo's shop: who sells, what courses cost, and the offer to test municipalities (made up, all of it)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.billing.models import Campaign, DiscountKind, Price, Seller
from elearn.billing.services.campaigns import CampaignTerms, CodeTerms, save_campaign, save_code
from elearn.billing.services.order_seats import after_months
from elearn.billing.services.selling import PriceTerms, SellerTerms, save_seller, set_price
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.scope import HouseScope
from elearn.organisations.models import CourseHouse, Membership, Role

SELLERS = {
    "kursushuset": SellerTerms(
        legal_name="Kursushuset ApS",
        org_number="11223346",
        is_vat_registered=True,
        street="Nørregade 1",
        postal_code="8000",
        city="Aarhus C",
        contact_name="Ida Kursus",
        contact_email="kursus@kursushuset.example",
        contact_phone="+45 12 34 56 78",
        bank_registration="1234",
        bank_account="12345678",
        bic="",
        serial_prefix="K-",
        first_number=1001,
    ),
    "nordlys": SellerTerms(
        legal_name="Nordlys kurs AS",
        org_number="999000029",
        is_vat_registered=True,
        in_business_register=True,
        street="Storgata 1",
        postal_code="9008",
        city="Tromsø",
        contact_name="Nils Kurs",
        contact_email="kurs@nordlys.example",
        contact_phone="+47 12 34 56 78",
        bank_registration="",
        bank_account="1234 56 78903",
        bic="",
        serial_prefix="N",
        first_number=1,
    ),
}
CURRENCY_OF = {"DK": "DKK", "NO": "NOK"}
SEAT_YEAR_MINOR = {"DKK": 239_900, "NOK": 349_900}
CAMPAIGN_COUNTRY = "DK"
CAMPAIGN_NAME = "Testkommuner"
CAMPAIGN_CODE = "TESTKOMMUNE"
CAMPAIGN_MONTHS = 6
CAMPAIGN_SEATS = 100
CAMPAIGN_PLACES = 5
OFF_BP = 7500
DUTY_SHARE = 60
OPEN_SINCE = timedelta(weeks=28)
"""Long enough for the made-up evaluation's test municipalities to have ordered (demo_promises.py)."""


def make(session: Session) -> None:
    """Let the demo's houses sell their courses; what is there already is left alone."""
    for slug, seller in SELLERS.items():
        house = session.scalars(select(CourseHouse).where(CourseHouse.slug == slug)).one()
        owner = session.scalars(
            select(Membership).where(Membership.course_house_id == house.id, Membership.role == Role.OWNER)
        ).first()
        assert owner is not None
        scope = HouseScope(house.id, owner.person_id)
        if session.get(Seller, house.id) is None:
            save_seller(session, scope=scope, terms=seller, by_id=None)
        own = select(Course).where(Course.course_house_id == house.id, Course.current_version_id.is_not(None))
        for course in session.scalars(own.order_by(Course.id)):
            ends_on = after_months(clock.today(CAMPAIGN_COUNTRY), CAMPAIGN_MONTHS)
            with at(clock.now() - OPEN_SINCE):
                _price(session, scope, course, CURRENCY_OF[house.country])
                if house.country == CAMPAIGN_COUNTRY:
                    _seek_test_municipalities(session, scope, course, ends_on)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the product believe that it is another time: what is made up has a past."""
    before = clock.set_source(lambda: instant)
    try:
        yield
    finally:
        clock.set_source(before)


def _price(session: Session, scope: HouseScope, course: Course, currency: str) -> None:
    if session.scalar(select(Price.id).where(Price.course_id == course.id).limit(1)) is None:
        terms = PriceTerms(SEAT_YEAR_MINOR[currency], _today(currency), on_request_above=2000)
        set_price(session, scope=scope, course_id=course.id, currency=currency, terms=terms, by_id=None)


def _seek_test_municipalities(session: Session, scope: HouseScope, course: Course, last: date) -> None:
    """Offer 100 seats for a year at a quarter of the price to one municipality in each region, for feedback."""
    if session.scalar(select(Campaign.id).where(Campaign.course_house_id == scope.course_house_id).limit(1)):
        return
    first = clock.today(CAMPAIGN_COUNTRY)
    campaign = save_campaign(
        session,
        scope=scope,
        campaign_id=None,
        terms=CampaignTerms(
            course_id=course.id,
            name=CAMPAIGN_NAME,
            text="",
            country=CAMPAIGN_COUNTRY,
            starts_on=first,
            ends_on=last,
            has_places=True,
            is_public=True,
            duty_share=DUTY_SHARE,
            duty_months=CAMPAIGN_MONTHS,
        ),
        by_id=None,
    )
    save_code(
        session,
        scope=scope,
        campaign_id=campaign.id,
        terms=CodeTerms(
            kind=DiscountKind.PERCENT,
            value=OFF_BP,
            valid_from=first,
            valid_until=last,
            code=CAMPAIGN_CODE,
            course_ids=frozenset({course.id}),
            min_seats=CAMPAIGN_SEATS,
            max_seats=CAMPAIGN_SEATS,
            max_uses=CAMPAIGN_PLACES,
        ),
        by_id=None,
    )


def _today(currency: str) -> date:
    return clock.today("DK" if currency == "DKK" else "NO")
