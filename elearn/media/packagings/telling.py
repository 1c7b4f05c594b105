"""Writing to whoever asked for a packaging how it ended, when that took so long that they no longer look."""

from datetime import timedelta

from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core.scope import PersonScope
from elearn.media import emails
from elearn.media.errors import Fault
from elearn.media.models import Packaging
from elearn.organisations.queries import owned_house

LOOKS_ON_FOR = timedelta(minutes=2)
"""So long after the last byte, or after trying again, the film's page is taken to be open: it says the same."""


def tell_how_it_ended(session: Session, packaging: Packaging) -> None:
    """Write a letter about a packaging that is done or has failed to who asked for it, if they still own the house."""
    person = session.get(Person, packaging.asked_by_id) if packaging.asked_by_id else None
    if person is None or packaging.ended_at is None or packaging.ended_at - packaging.asked_at <= LOOKS_ON_FOR:
        return
    house = owned_house(session, PersonScope(person.id))
    if house is None or house.id != packaging.course_house_id:
        return
    if packaging.problem:
        fault = Fault(packaging.problem)
        emails.film_failed(session, packaging=packaging, fault=fault, to=person, house=house.name)
    else:
        emails.film_ready(session, packaging=packaging, to=person, house=house.name)
