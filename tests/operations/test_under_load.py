"""A backup made while people watch and take seats holds one moment: all acknowledged before it, and whole things."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.learning import progress_rows
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Seat, SeatEvent
from elearn.licensing.services import add_seats
from elearn.media.models import Video
from elearn.media.tickets import Ticket
from elearn.operations.backups.drill import drill
from elearn.operations.backups.making import make
from tests.operations.house import House
from tests.world import add_learner

LENGTH_S = 100_000


class Load:
    """Somebody who watches second after second, and one who gives out seats; each notes what was acknowledged."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.seconds = 0
        self.seated: list[str] = []
        with house.database.transaction() as session:
            self.video_id = session.scalars(select(Video.id).order_by(Video.id)).first()
            self.watcher = Person(name="Watcher", language="da", created_at=clock.now())
            session.add(self.watcher)
            add_seats(session, licence=session.merge(house.world.ours.licence), seats=2_000, by_id=None)
        self._numbers = itertools.count()

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = threading.Event()
        failed: list[BaseException] = []

        def repeat(work: Callable[[], None]) -> None:
            try:
                while not stop.is_set():
                    work()
            except BaseException as error:
                failed.append(error)
                raise

        threads = [threading.Thread(target=repeat, args=(work,)) for work in (self._watch, self._seat)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join(30)
        assert not failed

    def wait_for_more(self) -> None:
        seconds, seated = self.seconds, len(self.seated)
        while self.seconds < seconds + 20 or len(self.seated) < seated + 3:
            assert threading.active_count() >= 3, "the load has stopped"
            threading.Event().wait(0.01)

    def _watch(self) -> None:
        ticket = Ticket(
            video_id=self.video_id,
            package="film",
            lesson_id=1,
            person_id=self.watcher.id,
            seat_id=1,
            issued_ms=0,
            opened_ms=0,
            length_s=LENGTH_S,
            needed=LENGTH_S,
            skipped=(),
            done=False,
        )
        progress_rows.join_at_once(
            self._house.database, ticket, 1 << self.seconds, position_s=0, sequence=1, until_ms=LENGTH_S * 1000
        )
        self.seconds += 1

    def _seat(self) -> None:
        name = f"Load{next(self._numbers)}"
        with self._house.database.transaction() as session:
            licence = session.merge(self._house.world.ours.licence)
            add_learner(session, self._house.installation, licence, name)
        self.seated.append(name)


def check_moment(house: House, load: Load, seconds: int, seated: int) -> None:
    """What was acknowledged before the backup began is there; and of what came later, a beginning without gaps."""
    with house.database.reader() as session:
        seen = session.get_one(VideoProgress, (load.watcher.id, load.video_id)).seen
        there = set(session.scalars(select(Person.name).where(Person.name.startswith("Load"))))
        seats = session.scalars(
            select(Seat.id).join(Person, Person.id == Seat.person_id).where(Person.name.startswith("Load"))
        ).all()
        claims = session.scalars(
            select(SeatEvent.seat_id).where(SeatEvent.seat_id.in_(seats), SeatEvent.what == "claimed")
        ).all()
        columns = session.execute(text("SELECT count(*) FROM feedback_spool")).scalar()
    assert seen.bit_count() >= seconds
    assert seen == (1 << seen.bit_count()) - 1
    assert len(there) >= seated
    assert there == set(load.seated[: len(there)])
    assert len(seats) == len(there) == len(claims)
    assert columns == 0


@pytest.mark.race
def test_a_backup_under_load_is_one_moment(house: House) -> None:
    load = Load(house)
    with load.running():
        load.wait_for_more()
        seconds, seated = load.seconds, len(load.seated)
        make(house.settings, house.database)
        load.wait_for_more()
    house.destroy()

    house.restore()

    check_moment(house, load, seconds, seated)


@pytest.mark.soak
def test_many_backups_under_load(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.set_source(None)
    load = Load(house)
    for _round in range(20):
        with load.running():
            load.wait_for_more()
            seconds, seated = load.seconds, len(load.seated)
            make(house.settings, house.database)
            load.wait_for_more()
        house.restore(replace=True)
        check_moment(house, load, seconds, seated)
        with house.database.reader() as session:
            load.seconds = session.get_one(VideoProgress, (load.watcher.id, load.video_id)).seen.bit_count()
            there = set(session.scalars(select(Person.name).where(Person.name.startswith("Load"))))
            load.seated = [name for name in load.seated if name in there]
        drill(house.settings)
        time.sleep(1)  # a backup is named by its second
