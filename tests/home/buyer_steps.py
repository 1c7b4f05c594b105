"""What the tests of the buyer's console share: where its pages are, what they say, what is done there."""

from datetime import timedelta
from typing import Any

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock as product_clock
from elearn.core.installation import Installation
from elearn.learning.models import Completion
from elearn.licensing import services
from elearn.licensing.models import Invitation, Licence, Seat
from elearn.mail.models import Letter
from elearn.organisations.models import Department
from tests.client import PageClient
from tests.world import Side, World


def home(world: World) -> str:
    return f"/municipalities/{world.ours.municipality.id}"


def licence_path(world: World) -> str:
    return f"{home(world)}/licences/{world.ours.licence.id}"


def holding(seat: Seat) -> str:
    return f"{seat.id}-{seat.person_id}"


def names(page: BeautifulSoup) -> list[str]:
    return [str(row.th.contents[0]) for row in page.find_all("tr")[1:]]


def said(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def names_in_state(buyer: PageClient, world: World, state: str) -> list[str]:
    page = buyer.page(f"{licence_path(world)}?state={state}")
    return names(page) if page.table else []


def give(buyer: PageClient, world: World, **changed: str) -> Any:
    fields = {
        "email": "lise@work.example",
        "name": "Lise",
        "language": "da",
        "sector": "school",
        "department": "",
        "message": "",
        "holds_until": "2026-12-14",
    }
    return buyer.press(f"{licence_path(world)}/give", **(fields | changed))


def department(session: Session, side: Side, name: str, **values: Any) -> Department:
    made = Department(municipality_id=side.municipality.id, name=name, name_key=name.casefold(), **values)
    session.add(made)
    session.commit()
    return made


def complete(session: Session, side: Side, person: Person) -> None:
    session.add(
        Completion(
            person_id=person.id,
            course_id=side.course.id,
            course_version_id=side.outline(session).version_id,
            completed_at=product_clock.now(),
        )
    )
    session.commit()


def use(session: Session, seat: Seat) -> None:
    services.use_seat(session, seat_id=seat.id)
    session.commit()


def letter_of(session: Session, person: Person) -> Letter:
    invitation = session.scalars(
        select(Invitation).where(Invitation.person_id == person.id).order_by(Invitation.id.desc())
    ).first()
    assert invitation
    return session.get_one(Letter, invitation.letter_id)


def services_free(session: Session, world: World) -> int:
    free = select(Seat.id).where(Seat.licence_id == world.ours.licence.id, Seat.person_id.is_(None))
    return len(session.scalars(free).all())


def big_licence(session: Session, world: World, installation: Installation, people: int) -> Licence:
    side, today = world.ours, product_clock.today("DK")
    licence = services.grant_licence(
        session,
        house=side.house,
        course=side.course,
        municipality=side.municipality,
        seats=people + 1,
        starts_on=today,
        ends_on=today + timedelta(days=364),
        reason="Test",
        by_id=None,
    )
    for number in range(people):
        services.invite(
            session,
            installation.tokens,
            licence=licence,
            address=f"p{licence.id}-{number}@work.example",
            name=f"Person {number:04}",
            language="da",
            by_id=None,
        )
    session.commit()
    return licence
