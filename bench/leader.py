"""The leader's page of a department of 50 among 100 and among 100,000 seats: queries, p50 and p99, in turns.

`python -m bench.leader [sqlite|postgresql] [rounds] [seconds]`. As bench.console, on the same two places.
"""

import sys
from contextlib import ExitStack

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bench.console import FEW, MANY, Console, compare
from bench.places import ENGINES, Place, Places
from bench.players import session_cookie
from bench.servers import product
from elearn.accounts.services import find_or_add_person, open_sign_in
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.licensing.models import Licence, Seat
from elearn.organisations.models import Department, MembershipDepartment, Role
from elearn.organisations.services import add_member

PEOPLE = 50
NAME = "Bench 50"
PAGES = {"the leader's page": "", "a search in it": "?q=mette", "those who completed": "?state=completed"}


def main(engine: str, rounds: int, seconds: float) -> bool:
    """Measure one engine, print a line for each page, return whether the targets were met."""
    places = Places()
    with ExitStack() as stack:
        few, many = (_leader(stack, places.place(engine, seats, kind="console"), seats) for seats in (FEW, MANY))
        met = [compare(engine, name, page, few, many, rounds, seconds) for name, page in PAGES.items()]
    return all(met)


def _leader(stack: ExitStack, place: Place, seats: int) -> Console:
    """Make a leader of a department of 50, sign them in, and serve the place."""
    installation = Installation(place.settings())
    with installation.database.transaction() as session:
        licence = session.scalars(select(Licence).where(Licence.reason == f"Field of {seats}")).one()
        department = _department(session, licence)
        person, _email = find_or_add_person(session, address="leader@console.example", name="Leader", language="da")
        membership = add_member(
            session,
            person=person,
            municipality=licence.municipality,
            role=Role.LEADER,
            by_id=None,
            department_id=department.id,
        )
        session.execute(
            delete(MembershipDepartment).where(
                MembershipDepartment.membership_id == membership.id,
                MembershipDepartment.department_id != department.id,
            )
        )
        token = open_sign_in(session, person=person, door="link").token
        base = f"/municipalities/{licence.municipality_id}/department"
    installation.database.dispose()
    seen = int(clock.now().timestamp())
    cookie = session_cookie(place, {"_user_id": token, "_fresh": True, "language": "da", "seen": seen})
    return Console(place, stack.enter_context(product(place)), base, {}, cookie)


def _department(session: Session, licence: Licence) -> Department:
    """Return a department with 50 of the licence's people, those in the middle of the list of names."""
    known = session.scalar(
        select(Department).where(Department.municipality_id == licence.municipality_id, Department.name == NAME)
    )
    if known is not None:
        return known
    made = Department(municipality_id=licence.municipality_id, name=NAME, name_key=NAME.casefold())
    session.add(made)
    session.flush()
    held = select(Seat.id).where(Seat.licence_id == licence.id, Seat.person_id.is_not(None)).order_by(Seat.id)
    chosen = session.scalars(held.limit(PEOPLE)).all()
    session.execute(update(Seat).where(Seat.id.in_(chosen)).values(department_id=made.id))
    return made


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [float(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    rounds, seconds = int(numbers[0]) if numbers else 5, numbers[1] if len(numbers) > 1 else 3
    results = [main(engine, rounds, seconds) for engine in wanted]
    sys.exit(0 if all(results) else 1)
