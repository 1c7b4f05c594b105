"""The buyer's pages with 100 and with 100,000 seats in one municipality: queries, p50 and p99, in turns.

`python -m bench.console [sqlite|postgresql] [rounds] [seconds]`. Both licences are served at once; each round asks one
after the other, the other one first in every second round.
"""

import statistics
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat

from sqlalchemy import select

from bench import load
from bench.places import ENGINES, Place, Places
from bench.players import get, session_cookie
from bench.servers import product
from bench.statements import statements_of
from elearn.accounts.services import find_or_add_person, open_sign_in
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.licensing.models import Licence
from elearn.licensing.seat_lists import PAGE_SIZE
from elearn.organisations.models import Department, Role
from elearn.organisations.services import add_member

FEW, MANY = 100, 100_000
TARGET = 1.5
PAGES = {
    "start": "",
    "licence": "/licences/{licence}",
    "its last page": "/licences/{licence}?page={last}",
    "history": "/licences/{licence}/history",
}
"""Pages held to the target."""
SEARCHES = {
    "search by name": "/licences/{licence}?q=mette+12",
    "those who completed": "/licences/{licence}?state=completed",
    "one department": "/licences/{licence}?department={department}",
}
"""Reported only: they look through everybody."""


@dataclass(frozen=True)
class Console:
    """A licence's buyer before the product."""

    place: Place
    port: int
    base: str
    values: dict[str, int]
    cookie: str

    def path(self, page: str) -> str:
        """Return the address of a page."""
        return self.base + page.format(**self.values)

    def measure(self, page: str, seconds: float) -> load.Measured:
        """Read a page for some seconds, one reader."""
        return load.run(self.port, [self._requests(page)], seconds)

    def _requests(self, page: str) -> Iterator[bytes]:
        return repeat(get(self.path(page), self.cookie))


def main(engine: str, rounds: int, seconds: float) -> bool:
    """Measure one engine, print a line for each page, return whether the targets were met."""
    places = Places()
    with ExitStack() as stack:
        few, many = (_console(stack, places.place(engine, seats, kind="console"), seats) for seats in (FEW, MANY))
        met = [compare(engine, name, page, few, many, rounds, seconds) for name, page in PAGES.items()]
        for name, page in SEARCHES.items():
            compare(engine, name, page, few, many, min(rounds, 2), seconds, is_held=False)
    return all(met)


def compare(
    engine: str,
    name: str,
    page: str,
    few: Console,
    many: Console,
    rounds: int,
    seconds: float,
    *,
    is_held: bool = True,
) -> bool:
    """Measure a page of both in turns, print the line, return whether the target was met; not held to it, too."""
    queries = [statements_of(console.place, console.path(page), console.cookie) for console in (few, many)]
    for console in (few, many):
        console.measure(page, 0.5)  # warm-up
    pairs = []
    for number in range(rounds):
        turn = (few, many) if number % 2 == 0 else (many, few)
        measured = {console.port: console.measure(page, seconds) for console in turn}
        pairs.append((measured[few.port], measured[many.port]))
    ratio = statistics.median(ours.percentile_ms(50) / base.percentile_ms(50) for base, ours in pairs)
    middle = [statistics.median(pair[side].percentile_ms(50) for pair in pairs) for side in (0, 1)]
    slowest = [statistics.median(pair[side].percentile_ms(99) for pair in pairs) for side in (0, 1)]
    met = ratio <= TARGET and queries[0] == queries[1]
    held = ("met" if met else "MISSED") if is_held else "no target"
    figures = [
        f"{seats} seats p50 {middle[side]:.1f} ms, p99 {slowest[side]:.1f} ms" for side, seats in enumerate((FEW, MANY))
    ]
    print(
        f"{engine}, {name}: {queries[0]} and {queries[1]} queries; {'; '.join(figures)};"
        f" x {ratio:.2f} (target {TARGET}): {held}",
        flush=True,
    )
    return met


def _console(stack: ExitStack, place: Place, seats: int) -> Console:
    """Make a buyer of the filled municipality, sign them in, and serve the place."""
    installation = Installation(place.settings())
    with installation.database.transaction() as session:
        licence = session.scalars(select(Licence).where(Licence.reason == f"Field of {seats}")).one()
        person, _email = find_or_add_person(session, address="buyer@console.example", name="Buyer", language="da")
        add_member(session, person=person, municipality=licence.municipality, role=Role.BUYER, by_id=None)
        token = open_sign_in(session, person=person, door="link").token
        department = select(Department.id).where(Department.municipality_id == licence.municipality_id).limit(1)
        values = {
            "licence": licence.id,
            "last": -(-seats * 9 // 10 // PAGE_SIZE),
            "department": session.scalars(department).one(),
        }
        base = f"/municipalities/{licence.municipality_id}"
    installation.database.dispose()
    seen = int(clock.now().timestamp())
    cookie = session_cookie(place, {"_user_id": token, "_fresh": True, "language": "da", "seen": seen})
    return Console(place, stack.enter_context(product(place)), base, values, cookie)


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [float(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    rounds, seconds = int(numbers[0]) if numbers else 5, numbers[1] if len(numbers) > 1 else 3
    results = [main(engine, rounds, seconds) for engine in wanted]
    sys.exit(0 if all(results) else 1)
