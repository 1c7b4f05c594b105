"""Customers that are no municipality: a state agency, a private daycare. They are one course house's alone."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from elearn.core import audit
from elearn.core.scope import HouseScope
from elearn.organisations.errors import NumberTaken
from elearn.organisations.models import CourseHouse, Municipality
from elearn.organisations.numbers import check_org_number

CUSTOMER_ADDED = audit.kind("organisations.customer.added", "country", "org_number")


def add_customer(
    session: Session, *, scope: HouseScope, name: str, country: str, org_number: str, by_id: int | None
) -> Municipality:
    """Add a customer to a house's own list; of two at once the second sees the first.

    Raises `NumberHasOtherLength`, `NumberNotValid`, and `NumberTaken` when the house sees a customer of this number.
    """
    number = check_org_number(org_number, country)
    session.execute(
        select(CourseHouse.id).where(CourseHouse.id == scope.course_house_id).with_for_update(key_share=True)
    )
    known = (
        select(Municipality.id)
        .where(Municipality.country == country, Municipality.org_number == number)
        .where(or_(Municipality.course_house_id.is_(None), Municipality.course_house_id == scope.course_house_id))
    )
    if session.scalar(known.limit(1)) is not None:
        raise NumberTaken
    customer = Municipality(
        country=country,
        code=None,
        course_house_id=scope.course_house_id,
        name=name.strip(),
        official_name=name.strip(),
        org_number=number,
    )
    session.add(customer)
    session.flush()  # the audit event names its id
    audit.record(
        session,
        CUSTOMER_ADDED,
        actor_id=by_id,
        municipality_id=customer.id,
        course_house_id=scope.course_house_id,
        country=country,
        org_number=number,
    )
    return customer
