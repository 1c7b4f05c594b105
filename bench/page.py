"""The signed-in module page: p50, p99 and queries. `python -m bench.page [sqlite|postgresql] [seconds]`."""

import sys
from collections.abc import Iterator
from itertools import cycle

from sqlalchemy import select

from bench import load
from bench.places import ENGINES, Place, Places
from bench.players import get, session_cookie
from bench.servers import product
from bench.statements import statements_of
from elearn.accounts.models import Person
from elearn.accounts.services import open_sign_in
from elearn.catalogue.models import Module
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.licensing.models import Seat

PEOPLE = 2_000
READERS = 40


def main(engine: str, seconds: float) -> None:
    """Measure one engine and print its line."""
    place = Places().place(engine, PEOPLE)
    module_id, cookies = _signed_in(place)
    path = f"/learn/modules/{module_id}"
    queries = statements_of(place, path, cookies[0])
    with product(place) as port:
        load.run(port, [_pages(path, cookies)] * 2, 2)  # warm-up
        alone = load.run(port, [_pages(path, cookies)], seconds)
        together = load.run(port, [_pages(path, cookies[start::8]) for start in range(8)], seconds)
    print(
        f"module page, {engine}: {queries} queries; one reader p50 {alone.percentile_ms(50):.1f} ms, "
        f"p99 {alone.percentile_ms(99):.1f} ms; eight at once {together.per_s:.0f} pages/s, "
        f"p50 {together.percentile_ms(50):.1f} ms, p99 {together.percentile_ms(99):.1f} ms",
        flush=True,
    )


def _signed_in(place: Place) -> tuple[int, list[str]]:
    """Sign some learners in; return the first module and the cookies of their browsers."""
    installation = Installation(place.settings())
    with installation.database.transaction() as session:
        module_id = session.scalars(select(Module.id).order_by(Module.id).limit(1)).one()
        people = session.scalars(select(Person).join(Seat, Seat.person_id == Person.id).limit(READERS)).all()
        tokens = []
        for person in people:
            person.leave_page_explained_at = clock.now()
            tokens.append(open_sign_in(session, person=person, door="bench").token)
    installation.database.dispose()
    seen = int(clock.now().timestamp())
    return module_id, [
        session_cookie(place, {"_user_id": token, "_fresh": True, "language": "da", "seen": seen}) for token in tokens
    ]


def _pages(path: str, cookies: list[str]) -> Iterator[bytes]:
    return (get(path, cookie) for cookie in cycle(cookies))


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [float(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    for each in wanted:
        main(each, numbers[0] if numbers else 8)
