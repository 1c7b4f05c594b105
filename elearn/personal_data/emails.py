"""The letters to a municipality's buyers about its leaving. Subjects never name what a course is about."""

from sqlalchemy.orm import Session

from elearn.core.i18n import format_day, speaking
from elearn.mail.services import queue
from elearn.organisations.queries import operators
from elearn.personal_data.models import Departure


def leaving(session: Session, departure: Departure) -> None:
    """Tell the buyers on which day their municipality's data is deleted, and how to take it along before."""
    _to_buyers(session, departure, "personal_data/leaving")


def stays(session: Session, departure: Departure) -> None:
    """Tell the buyers that the departure was called off."""
    _to_buyers(session, departure, "personal_data/stays")


def _to_buyers(session: Session, departure: Departure, kind: str) -> None:
    municipality, house = departure.municipality, departure.course_house
    for buyer in operators(session, {municipality.id}, set()).buyers.get(municipality.id, []):
        with speaking(buyer.language):
            day = format_day(departure.delete_on)
        queue(
            session,
            kind,
            to=buyer.address,
            language=buyer.language,
            context={
                "name": buyer.first_name,
                "municipality": municipality.official_name,
                "house": house.name,
                "house_email": house.email,
                "day": day,
                "sign_in_path": f"/sign-in?next=/municipalities/{municipality.id}/data",
            },
        )
