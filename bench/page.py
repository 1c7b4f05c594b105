"""The signed-in module page for one reader and for 50: queries, p50 and p99.

50 readers are measured in two ways. As people: each opens a page every few seconds, at moments of their own, and a page
counts from the moment they opened it; the target is about these. And as a crowd: each asks for the next page in the
moment that one has come, so that 50 are under way at all times and nearly all of an answer's time is waiting in line.
`python -m bench.page [sqlite|postgresql] [rounds]`.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

from sqlalchemy import func, select, update

from bench import load
from bench.places import ENGINES, Place, Places
from bench.players import get, session_cookies
from bench.servers import processor_s, product
from bench.statements import statements_of
from elearn.accounts.models import Person
from elearn.accounts.services import open_sign_in
from elearn.catalogue.models import Module
from elearn.core import clock
from elearn.core.installation import Installation
from elearn.licensing.models import Seat

SEATS = 1_000
AT_ONCE = 50
PAUSE_S = 3
"""How long one of 50 people stays on a page, on average."""
SIGNED_IN = 500
"""People who take turns, so that not the same few rows are read."""
ALONE_S, PEOPLE_S, CROWD_S = 4, 15, 3
"""How long each way is measured in one round."""
TARGET = 4


@dataclass
class Readers:
    """Learners signed in on a place that is served, and what reading came to, all rounds together."""

    place: Place
    port: int
    path: str
    cookies: list[str]
    alone: load.Measured = field(default_factory=lambda: load.Measured(0, 0))
    people: load.Measured = field(default_factory=lambda: load.Measured(0, 0))
    crowd: load.Measured = field(default_factory=lambda: load.Measured(0, 0))
    processor_s: float = 0

    def read(self, number: int) -> None:
        """Measure one round of all three."""
        before = processor_s(self.port)
        self.alone += load.run(self.port, [self._pages(0, 1)], ALONE_S)
        self.processor_s += processor_s(self.port) - before
        each = [self._pages(start, AT_ONCE) for start in range(AT_ONCE)]
        self.people += load.visit(self.port, each, PEOPLE_S, pause_s=PAUSE_S, seed=number)
        self.crowd += load.run(self.port, each, CROWD_S)

    def warm_up(self) -> None:
        """Have both workers read the page's parts once."""
        load.run(self.port, [self._pages(start, 8) for start in range(8)], 2)

    def _pages(self, start: int, step: int) -> Iterator[bytes]:
        return (get(self.path, cookie) for cookie in cycle(self.cookies[start::step]))


def main(engine: str, rounds: int) -> bool:
    """Measure one engine, print the lines, return whether the target was met."""
    place = Places().place(engine, SEATS, kind="scale")
    path, cookies = signed_in(place)
    with product(place) as port:
        readers = Readers(place, port, path, cookies)
        readers.warm_up()
        for number in range(rounds):
            readers.read(number)
    return print_verdict(readers)


def print_verdict(readers: Readers) -> bool:
    """Print what one place came to; return whether 50 people wait as little as they should."""
    alone, people, crowd = readers.alone, readers.people, readers.crowd
    ratio = people.percentile_ms(99) / alone.percentile_ms(99)
    met = ratio <= TARGET
    print(
        f"\nmodule page, {readers.place.engine}, {readers.place.name}:"
        f" {statements_of(readers.place, readers.path, readers.cookies[0])} queries,"
        f" {1000 * readers.processor_s / len(alone.latencies_s):.1f} ms of a processor\n"
        f"  one reader, page after page:               {_figures(alone)}\n"
        f"  {AT_ONCE} people, each a page every {PAUSE_S} s:        {_figures(people)};"
        f" p99 x {ratio:.1f} of one reader's (target {TARGET}): {'met' if met else 'MISSED'}\n"
        f"  {AT_ONCE} under way at all times, on 2 workers: {_figures(crowd)};"
        f" p99 x {crowd.percentile_ms(99) / alone.percentile_ms(99):.1f}"
        f" ({AT_ONCE} in line at {crowd.per_s:.0f} a second wait {1000 * AT_ONCE / crowd.per_s:.0f} ms on average)",
        flush=True,
    )
    return met


def _figures(measured: load.Measured) -> str:
    return (
        f"p50 {measured.percentile_ms(50):6.1f} ms, p99 {measured.percentile_ms(99):6.1f} ms,"
        f" {measured.per_s:5.1f} pages/s"
    )


def signed_in(place: Place) -> tuple[str, list[str]]:
    """Sign learners from all over the place in; return the first module's address and the cookies of their browsers."""
    chance = random.Random(1)
    installation = Installation(place.settings())
    with installation.database.transaction() as session:
        module_id = session.scalars(select(Module.id).order_by(Module.id).limit(1)).one()
        first, last = session.execute(select(func.min(Seat.person_id), func.max(Seat.person_id))).one()
        chosen = Person.id.in_(chance.sample(range(first, last + 1), SIGNED_IN))
        session.execute(update(Person).where(chosen).values(leave_page_explained_at=clock.now()))
        people = session.scalars(select(Person).where(chosen)).all()
        tokens = [open_sign_in(session, person=person, door="bench").token for person in people]
    installation.database.dispose()
    seen = int(clock.now().timestamp())
    return f"/learn/modules/{module_id}", session_cookies(
        place, [{"_user_id": token, "_fresh": True, "language": "da", "seen": seen} for token in tokens]
    )


if __name__ == "__main__":
    wanted = [argument for argument in sys.argv[1:] if argument in ENGINES] or ENGINES
    numbers = [int(argument) for argument in sys.argv[1:] if argument not in ENGINES]
    results = [main(engine, numbers[0] if numbers else 3) for engine in wanted]
    sys.exit(0 if all(results) else 1)
