"""A municipality with as many seats as wanted, people in every state: written straight into the tables, for benches."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.accounts.models import EmailAddress, Person
from elearn.catalogue.models import Course
from elearn.core import clock
from elearn.core.bulk import add_rows, move_sequences
from elearn.core.installation import Installation
from elearn.home.demo_field import licence_of_size
from elearn.learning.models import Completion
from elearn.licensing.models import Invitation, Licence, Seat, SeatChange, SeatEvent
from elearn.mail.models import Letter
from elearn.organisations.models import Department
from elearn.organisations.sectors import SECTORS

IN_USE, ACCEPTED, INVITED = 60, 10, 20
"""Of 100 seats; the rest are free."""
COMPLETED = 50
"""Of 100 seats in use."""
DEPARTMENTS = 30
FREQUENT = ("Anne", "Bo", "Dorte", "Erik", "Fatima", "Gitte", "Hassan", "Ida", "Jens", "Karin", "Lise", "Mette")


def fill_console(installation: Installation, *, seats: int, seed: int) -> int:
    """Give one municipality a licence of that many seats with people on them; return the licence's id."""
    with installation.database.transaction() as session:
        course = session.scalars(select(Course).order_by(Course.id)).first()
        if course is None:
            raise LookupError("publish a course first: elearn course publish all")
        licence = licence_of_size(session, course, seats)
        people = seats * (IN_USE + ACCEPTED + INVITED) // 100
        maker = _Maker(session, licence, people, seed)
        maker.make()
        move_sequences(session, "people", "seats", "letters")
        add_rows(session, Seat, ({"licence_id": licence.id} for _ in range(seats - people)))
        return licence.id


class _Maker:
    """Makes the rows of one licence: each table in turn, ids given by hand."""

    def __init__(self, session: Session, licence: Licence, people: int, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - made-up people, no secret
        self.session, self.licence, self.now = session, licence, clock.now()
        self.people = range(_next(session, Person), _next(session, Person) + people)
        self.first_seat, self.first_letter = _next(session, Seat), _next(session, Letter)
        self.departments = self._departments()
        self.names = [f"{chance.choice(FREQUENT)} {chance.randrange(10**6):06}" for _ in self.people]
        self.places = [chance.choice(self.departments) for _ in self.people]

    def make(self) -> None:
        add_rows(self.session, Person, self._persons())
        add_rows(self.session, EmailAddress, self._addresses())
        add_rows(self.session, Seat, self._seats())
        add_rows(self.session, SeatEvent, self._events())
        add_rows(self.session, Letter, self._letters())
        self.session.flush()
        addresses = dict(
            self.session.execute(
                select(EmailAddress.person_id, EmailAddress.id).where(EmailAddress.person_id >= self.people[0])
            )
            .tuples()
            .all()
        )
        add_rows(self.session, Invitation, self._invitations(addresses))
        add_rows(self.session, Completion, self._completions())

    def _departments(self) -> list[int]:
        sectors = list(SECTORS)
        made = [
            Department(
                municipality_id=self.licence.municipality_id,
                name=f"Department {number}",
                name_key=f"department {number}",
                sector=sectors[number % len(sectors)],
            )
            for number in range(DEPARTMENTS)
        ]
        self.session.add_all(made)
        self.session.flush()
        for department in made[5:]:
            department.parent_id = made[department.id % 5].id
        self.session.flush()
        return [department.id for department in made]

    def _state(self, position: int) -> int:
        """States are mixed in the order of names, as they are among people."""
        return position * 37 % (IN_USE + ACCEPTED + INVITED)

    def _is_invited(self, position: int) -> bool:
        return self._state(position) >= IN_USE + ACCEPTED

    def _instant(self, position: int) -> datetime:
        return self.now - timedelta(days=1 + position % 20)

    def _persons(self) -> Iterator[dict[str, Any]]:
        for position, person_id in enumerate(self.people):
            yield {"id": person_id, "name": self.names[position], "language": "da", "created_at": self.now}

    def _addresses(self) -> Iterator[dict[str, Any]]:
        for person_id in self.people:
            address = f"p{person_id}@console.example"
            yield {"person_id": person_id, "address": address, "normalised": address, "confirmed_at": self.now}

    def _seats(self) -> Iterator[dict[str, Any]]:
        holds_until = clock.today(self.licence.municipality.country) + timedelta(days=20)
        for position, person_id in enumerate(self.people):
            at, invited = self._instant(position), self._is_invited(position)
            yield {
                "id": self.first_seat + position,
                "licence_id": self.licence.id,
                "person_id": person_id,
                "invited_at": at,
                "holds_until": holds_until if invited else None,
                "claimed_at": None if invited else at,
                "first_used_at": at if self._state(position) < IN_USE else None,
                "department_id": self.places[position],
                "sort_name": self.names[position].lower(),
            }

    def _events(self) -> Iterator[dict[str, Any]]:
        for position, person_id in enumerate(self.people):
            seat = {"seat_id": self.first_seat + position, "person_id": person_id, "at": self._instant(position)}
            yield seat | {"what": SeatChange.INVITED}
            if not self._is_invited(position):
                yield seat | {"what": SeatChange.CLAIMED}

    def _letters(self) -> Iterator[dict[str, Any]]:
        for position, person_id in enumerate(self.people):
            if self._is_invited(position):
                yield {
                    "id": self.first_letter + position,
                    "kind": "licensing/invitation",
                    "recipient": f"p{person_id}@console.example",
                    "language": "da",
                    "context": {},
                    "queued_at": self._instant(position),
                    "sent_at": self._instant(position),
                    "refused": "550 no such user" if position < 40 else None,
                }

    def _invitations(self, addresses: dict[int, int]) -> Iterator[dict[str, Any]]:
        for position, person_id in enumerate(self.people):
            if self._is_invited(position):
                yield {
                    "seat_id": self.first_seat + position,
                    "person_id": person_id,
                    "email_address_id": addresses[person_id],
                    "token_hash": f"bench-{self.first_seat + position}",
                    "letter_id": self.first_letter + position,
                    "created_at": self._instant(position),
                    "expires_at": self.now + timedelta(days=10),
                }

    def _completions(self) -> Iterator[dict[str, Any]]:
        version = self.licence.course.current_version_id
        for position, person_id in enumerate(self.people):
            if self._state(position) < IN_USE and position * 53 % 100 < COMPLETED:
                yield {
                    "person_id": person_id,
                    "course_id": self.licence.course_id,
                    "course_version_id": version,
                    "completed_at": self.now,
                }


def _next(session: Session, model: Any) -> int:
    return (session.scalar(select(func.max(model.id))) or 0) + 1
