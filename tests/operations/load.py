"""Load over HTTP on a served house, while it is backed up: people watch, take seats and lose them.

Each notes what was acknowledged and between which moments, so that a backup can be held against it afterwards.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import insert, select

from elearn.accounts.models import EmailAddress, Person
from elearn.core import clock
from elearn.core.tokens import Minted
from elearn.home.demo_field import fill
from elearn.licensing import services
from elearn.licensing.emails import JOINING_PURPOSE
from elearn.licensing.models import Joining, JoinLink, Seat
from elearn.media.models import Video
from tests.faults.senders import Senders, people_with_seats
from tests.licensing.racers import NO, YES, Answer, Browser
from tests.operations.house import House
from tests.tus import TusClient

SEATS = 60
WATCHERS = 40
PAUSE_S = 0.02
"""Between presses, so that there is some of the machine left for the backups."""


@dataclass
class Pool:
    """A licence with a few seats, and many people with a letter each whose button takes one."""

    licence_id: int
    video_id: int
    letters: dict[int, str]
    """Person -> the token in the letter."""
    seats: int = SEATS


@dataclass
class Journal:
    """What was pressed, person by person: everybody takes a seat once, and loses it once."""

    claims: dict[int, Answer] = field(default_factory=dict)
    releases: dict[int, Answer] = field(default_factory=dict)

    def surely(self, person: int, before: float) -> list[str]:
        """Return what had happened to somebody's seat, as they had been told before a moment."""
        return [what for what, press in self._of(person) if press.ended < before]

    def perhaps(self, person: int, until: float) -> list[str]:
        """Return what may have happened to it until a moment: all that was asked for."""
        return [what for what, press in self._of(person) if press.begun < until]

    def _of(self, person: int) -> Iterator[tuple[str, Answer]]:
        if person in self.claims and self.claims[person].said == YES:
            yield from (("invited", self.claims[person]), ("claimed", self.claims[person]))
        if person in self.releases:
            yield "released", self.releases[person]


def make_pool(house: House, people: int) -> Pool:
    """Grant the licence, and write the letters' rows; besides make people with seats who watch."""
    fill(house.installation, people=WATCHERS, films=0, seed=1, slug=house.world.ours.course.slug)
    side, today, now = house.world.ours, clock.today("DK"), clock.now()
    tokens = house.installation.tokens
    with house.database.transaction() as session:
        licence = services.grant_licence(
            session,
            house=session.merge(side.house),
            course=session.merge(side.course),
            municipality=session.merge(side.municipality),
            seats=SEATS,
            starts_on=today,
            ends_on=today + timedelta(days=100),
            reason="Load",
            by_id=side.owner.id,
            has_waiting_line=False,
        )
        joiners = [Person(name=f"Load {n}", language="en", created_at=now) for n in range(people)]
        link = JoinLink(
            licence_id=licence.id,
            code="LOAD",
            domains=["load.example"],
            most=people,
            ends_on=licence.ends_on,
            created_at=now,
        )
        session.add_all([link, *joiners])
        session.flush()
        addresses = [
            EmailAddress(person_id=each.id, address=address, normalised=address, confirmed_at=now)
            for each in joiners
            if (address := f"load{each.id}@load.example")
        ]
        session.add_all(addresses)
        session.flush()
        minted: dict[int, Minted] = {each.id: tokens.mint(JOINING_PURPOSE) for each in joiners}
        session.execute(
            insert(Joining),
            [
                {
                    "join_link_id": link.id,
                    "person_id": each.person_id,
                    "email_address_id": each.id,
                    "token_hash": minted[each.person_id].token_hash,
                    "created_at": now,
                    "expires_at": now + timedelta(days=1),
                }
                for each in addresses
            ],
        )
        video_id = session.scalars(select(Video.id).order_by(Video.id)).first()
        assert video_id
        letters = {person: tokens.reveal(JOINING_PURPOSE, each.nonce) for person, each in minted.items()}
        return Pool(licence.id, video_id, letters)


class Load:
    """Everybody at once, on a house that is served."""

    def __init__(self, house: House, port: int, pool: Pool, owner: TusClient) -> None:
        self._house, self._port, self._pool, self._owner = house, port, pool, owner
        self.journal = Journal()
        self.senders = Senders(
            house.installation.tokens,
            port,
            people_with_seats(house.database, WATCHERS),
            pool.video_id,
            pause_s=PAUSE_S,
        )
        self._stopped = threading.Event()
        self._failed: list[BaseException] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Press and send until the block ends."""
        threads = [threading.Thread(target=self._noted, args=(work,)) for work in (self._claim, self._release)]
        with self.senders:
            for thread in threads:
                thread.start()
            try:
                yield
            finally:
                self._stopped.set()
                for thread in threads:
                    thread.join(30)
        assert not self._failed
        assert not [status for journal in self.senders.journals for status in journal.refused]
        assert {each.said for each in self.journal.claims.values()} <= {YES, NO}

    def wait_for_more(self) -> None:
        """Wait until everybody has been told something more."""
        before = self._progress()
        while any(now < then + 3 for now, then in zip(self._progress(), before, strict=True)):
            assert not self._failed, "the load has stopped"
            time.sleep(PAUSE_S)

    def _progress(self) -> tuple[int, int, int]:
        return sum(self.senders.acknowledged.values()), len(self.journal.claims), len(self.journal.releases)

    def _noted(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self._failed.append(error)
            raise

    def _claim(self) -> None:
        with closing(Browser(self._port)) as browser:
            for person, token in self._pool.letters.items():
                if self._stopped.wait(PAUSE_S):
                    return
                self.journal.claims[person] = browser.press(person, token)
        raise AssertionError("there are too few people for so long a load")

    def _release(self) -> None:
        while not self._stopped.wait(PAUSE_S):
            claims = list(self.journal.claims.values())
            held = [each.person for each in claims if each.said == YES and each.person not in self.journal.releases]
            if len(held) > SEATS // 2:
                self.journal.releases[held[0]] = self._take_back(held[0])

    def _take_back(self, person: int) -> Answer:
        with self._house.database.reader() as session:
            held = select(Seat.id).where(Seat.licence_id == self._pool.licence_id, Seat.person_id == person)
            seat_id = session.scalars(held).one()
        begun = time.monotonic()
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        answer = self._owner.ask("POST", f"/owner/seats/{seat_id}/take-back", f"person={person}".encode(), **form)
        assert (answer.status, answer.headers["location"].endswith(f"freed={seat_id}")) == (303, True), answer
        return Answer(person, "freed", begun, time.monotonic())
