"""Test municipalities of the made-up evaluation: one in each region ordered at a quarter of the price, for feedback."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.billing.errors import PlaceTaken
from elearn.billing.models import Campaign, Order, PayBy
from elearn.billing.services.order_answers import accept_order
from elearn.billing.services.orders import Details, place_order
from elearn.billing.services.pricing_orders import Asked
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.scope import HouseScope
from elearn.core.tokens import Tokens
from elearn.home.demo_shop import CAMPAIGN_CODE, CAMPAIGN_SEATS
from elearn.organisations.models import Membership, Municipality, MunicipalityRegion, Role

GLN = "5790000000012"


def are_sought(session: Session, course: Course) -> bool:
    """Whether a campaign asks municipalities to test the course."""
    return session.scalar(select(Campaign.id).where(Campaign.course_id == course.id).limit(1)) is not None


def towns(session: Session, number: int, *, first: str, on: date) -> list[Municipality]:
    """Return Danish municipalities, `first` and then one of each other region; of more than there are regions, any."""
    rows = session.execute(
        select(Municipality, MunicipalityRegion.region_code)
        .join(MunicipalityRegion, MunicipalityRegion.municipality_id == Municipality.id)
        .where(Municipality.country == "DK")
        .where(MunicipalityRegion.valid_from.is_(None) | (MunicipalityRegion.valid_from <= on))
        .where(MunicipalityRegion.valid_until.is_(None) | (MunicipalityRegion.valid_until >= on))
        .order_by(Municipality.official_name != first, Municipality.id)
    ).all()
    chosen: dict[str, Municipality] = {}
    for town, region in rows:
        chosen.setdefault(region, town)
    others = [town for town, _region in rows if town not in chosen.values()]
    return [*chosen.values(), *others][:number]


def order(session: Session, tokens: Tokens, *, course: Course, town: int, buyer: Person) -> Order | None:
    """Order a test municipality's seats, in return for feedback, and have the course house accept.

    None where another municipality has the region's place.
    """
    address = session.scalars(select(EmailAddress.address).where(EmailAddress.person_id == buyer.id)).first()
    assert address is not None, "made-up people have an address"
    try:
        placed = _place(session, tokens, course, session.get_one(Municipality, town), buyer, address)
    except PlaceTaken:
        return None
    if placed.accepted_at is None:
        owner_id = _owner_of(session, course)
        scope = HouseScope(course.course_house_id, owner_id)
        accept_order(session, scope=scope, order_id=placed.id, trust_domain=False, by_id=owner_id)
    return placed


def _place(session: Session, tokens: Tokens, course: Course, town: Municipality, buyer: Person, address: str) -> Order:
    return place_order(
        session,
        tokens,
        course=course,
        municipality=town,
        asked=Asked(CAMPAIGN_SEATS, None, CAMPAIGN_CODE),
        details=Details(
            name=buyer.name,
            email=address,
            phone="",
            language="da",
            pay_by=PayBy.INVOICE,
            gln=GLN,
            buyer_reference="Demo",
            starts_on=clock.today("DK"),
            accepts_duty=True,
        ),
        form_key=f"demo-{town.id}",
        person=buyer,
    )


def buyers(session: Session, town_ids: Sequence[int]) -> dict[int, Person]:
    """Return who buys for municipalities, else their first leader."""
    rows = session.execute(
        select(Membership.municipality_id, Person)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.municipality_id.in_(town_ids), Membership.role.in_((Role.BUYER, Role.LEADER)))
        .order_by(Membership.role != Role.BUYER, Membership.id)
    )
    found: dict[int, Person] = {}
    for town_id, person in rows:
        if town_id is not None:
            found.setdefault(town_id, person)
    return found


def _owner_of(session: Session, course: Course) -> int:
    house = Membership.course_house_id == course.course_house_id
    return session.scalars(select(Membership.person_id).where(house, Membership.role == Role.OWNER)).first() or 0
