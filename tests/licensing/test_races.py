"""Races for the last seats: many connections, real commits."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.accounts.services import find_or_add_person
from elearn.config import Settings
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.core.scope import HouseScope
from elearn.licensing import seat_rows, services
from elearn.licensing.errors import AddressTaken, AlreadySeated, InvitationNotValid, NoFreeSeat, SeatNotHeld
from elearn.licensing.models import Licence, Seat, SeatEvent
from elearn.licensing.seat_lists import licence as licence_of
from elearn.licensing.seat_rows import Placing
from tests.conftest import TestClock
from tests.licensing.helpers import new_licence, own_installation, own_world
from tests.world import latest_token

pytestmark = pytest.mark.race

SEATS = 10
PEOPLE = 40
AT_ONCE = 16


class Race:
    """A licence of ten seats, and people who press at the same moment."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.world = own_world(installation, folder)
        self.scope: HouseScope = self.world.ours.house_scope
        self.owner_id = self.world.ours.owner.id
        self.licence_id = self.new_licence(SEATS)

    def new_licence(self, seats: int) -> int:
        with self.installation.database.writer() as session:
            licence_id = new_licence(session, self.world, seats).id
            session.commit()
            return licence_id

    def press(self, act: Callable[[Session], Any]) -> str:
        """Do something in a transaction of its own; return 'done' or the refusal's name."""
        try:
            with self.installation.database.transaction() as session:
                act(session)
        except (NoFreeSeat, AlreadySeated, SeatNotHeld, InvitationNotValid, AddressTaken) as refused:
            return type(refused).__name__
        return "done"

    def all_at_once(self, acts: list[Callable[[Session], Any]]) -> Counter[str]:
        gate = threading.Barrier(min(AT_ONCE, len(acts)))

        def run(index: int) -> str:
            if index < gate.parties:
                gate.wait()
            return self.press(acts[index])

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return Counter(threads.map(run, range(len(acts))))

    def inviting(self, name: str) -> Callable[[Session], Any]:
        return lambda session: services.invite(
            session,
            self.installation.tokens,
            licence=session.get_one(Licence, self.licence_id),
            address=f"{name}@race.example",
            name=name,
            language="en",
            by_id=self.owner_id,
        )

    def known_people(self, number: int) -> list[int]:
        with self.installation.database.transaction() as session:
            return [
                find_or_add_person(session, address=f"k{index}@race.example", name="K", language="en")[0].id
                for index in range(number)
            ]

    def reserving(self, person_id: int) -> Callable[[Session], Any]:
        return lambda session: seat_rows.reserve(
            session,
            licence=session.get_one(Licence, self.licence_id),
            person=session.get_one(Person, person_id),
            holds_until=date(2027, 1, 1),
            by_id=self.owner_id,
            placing=Placing(),
        )

    def grabbing(self, person_id: int) -> Callable[[Session], Any]:
        def grab(session: Session) -> None:
            with self.installation.database.reader() as onlooker:
                free = select(Seat.id).where(Seat.licence_id == self.licence_id, Seat.person_id.is_(None))
                seat_id = onlooker.scalar(free.order_by(Seat.id).limit(1))
            if seat_id is None:
                raise NoFreeSeat
            time.sleep(0.01)
            session.execute(update(Seat).where(Seat.id == seat_id).values(person_id=person_id))

        return grab

    def taking_back(self, seat_id: int) -> Callable[[Session], Any]:
        return lambda session: services.take_back_seat(session, scope=self.scope, seat_id=seat_id, by_id=self.owner_id)

    def correcting(self, seat_id: int, address: str) -> Callable[[Session], Any]:
        return lambda session: services.correct_address(
            session,
            self.installation.tokens,
            scope=self.scope,
            seat_id=seat_id,
            address=address,
            by_id=self.owner_id,
        )

    def seats(self) -> list[Seat]:
        with self.installation.database.reader() as session:
            return list(session.scalars(select(Seat).where(Seat.licence_id == self.licence_id)))

    def held(self) -> int:
        return sum(seat.person_id is not None for seat in self.seats())

    def token_after(self, act: Callable[[Session], Any]) -> str:
        with self.installation.database.transaction() as session:
            act(session)
            return latest_token(session, self.installation)


@pytest.fixture
def race(settings: Settings, own_database: Database, tmp_path: Path, clock: TestClock) -> Race:
    return Race(own_installation(settings, own_database), tmp_path)


def test_forty_people_and_ten_seats_leave_exactly_ten_seated(race: Race) -> None:
    outcome = race.all_at_once([race.inviting(f"p{number}") for number in range(PEOPLE)])

    assert outcome == {"done": SEATS, "NoFreeSeat": PEOPLE - SEATS}
    assert race.held() == SEATS


def test_nobody_is_refused_while_seats_are_free(race: Race) -> None:
    race.licence_id = race.new_licence(PEOPLE)

    outcome = race.all_at_once([race.inviting(f"p{number}") for number in range(PEOPLE)])

    assert outcome == {"done": PEOPLE}


def test_releases_and_double_clicks_mixed_in_never_oversell(race: Race) -> None:
    race.all_at_once([race.inviting(f"first{number}") for number in range(SEATS)])
    taken = [seat.id for seat in race.seats()]
    acts = [race.inviting(f"p{number % 15}") for number in range(30)]
    acts += [race.taking_back(seat_id) for seat_id in taken[:5] for _twice in range(2)]
    acts = [acts[index * 7 % len(acts)] for index in range(len(acts))]  # 7 and 40 share no divisor

    outcome = race.all_at_once(acts)

    # A second take-back either finds the seat free or takes it from who got it meanwhile; both are releases.
    with race.installation.database.reader() as session:
        happened = Counter(
            session.scalars(
                select(SeatEvent.what)
                .join(Seat, Seat.id == SeatEvent.seat_id)
                .where(Seat.licence_id == race.licence_id)
            )
        )
        counts = licence_of(session, race.scope, race.licence_id).counts
    assert race.held() == happened["invited"] - happened["released"] <= SEATS
    assert counts.all == SEATS
    assert sum(outcome.values()) == len(acts)
    people = [seat.person_id for seat in race.seats() if seat.person_id]
    assert len(people) == len(set(people))


def test_the_same_new_person_invited_by_many_at_once_gets_one_seat(race: Race) -> None:
    outcome = race.all_at_once([race.inviting("lise") for _press in range(AT_ONCE)])

    assert outcome == {"done": 1, "AlreadySeated": AT_ONCE - 1}
    assert race.held() == 1


def test_of_two_activations_one_wins(race: Race) -> None:
    token = race.token_after(race.inviting("lise"))

    outcome = race.all_at_once(
        [lambda session: services.accept_invitation(session, token) for _press in range(AT_ONCE)]
    )

    assert outcome == {"done": 1, "InvitationNotValid": AT_ONCE - 1}


def test_accepting_and_withdrawing_at_once_ends_one_way_or_the_other(race: Race) -> None:
    for number in range(10):
        token = race.token_after(race.inviting(f"p{number}"))
        seat = next(seat for seat in race.seats() if seat.person_id and not seat.claimed_at)

        outcome = race.all_at_once(
            [race.taking_back(seat.id), lambda session, token=token: services.accept_invitation(session, token)]
        )

        # Withdrawn first, the letter is dead; accepted first, the claimed seat is taken back.
        assert outcome in ({"done": 2}, {"done": 1, "InvitationNotValid": 1})
        assert race.held() == 0


def test_two_addresses_corrected_to_the_same_one_leave_both_seats_held(race: Race) -> None:
    for number in range(5):
        race.licence_id = race.new_licence(2)
        race.all_at_once([race.inviting(f"{number}mistyped{which}") for which in range(2)])
        seats = [seat.id for seat in race.seats()]

        outcome = race.all_at_once([race.correcting(seat_id, f"lise{number}@race.example") for seat_id in seats])

        assert outcome == {"done": 1, "AddressTaken": 1}
        assert race.held() == 2


def test_correcting_an_address_while_others_want_the_last_seat_loses_it_to_nobody(race: Race) -> None:
    race.licence_id = race.new_licence(1)
    race.all_at_once([race.inviting("mistyped")])
    known = race.known_people(1)[0]
    seat_id = race.seats()[0].id
    acts = [race.inviting(f"p{number}") for number in range(AT_ONCE - 1)]

    outcome = race.all_at_once([*acts[:7], race.correcting(seat_id, "k0@race.example"), *acts[7:]])

    assert outcome == {"done": 1, "NoFreeSeat": AT_ONCE - 1}
    assert [seat.person_id for seat in race.seats()] == [known]


def test_correcting_and_accepting_at_once_ends_one_way_or_the_other(race: Race) -> None:
    for number in range(10):
        race.licence_id = race.new_licence(1)
        token = race.token_after(race.inviting(f"p{number}"))
        seat_id = race.seats()[0].id

        outcome = race.all_at_once(
            [
                race.correcting(seat_id, f"right{number}@race.example"),
                lambda session, token=token: services.accept_invitation(session, token),
            ]
        )

        # Corrected first, the letter is dead; accepted first, no invitation is open any more.
        assert outcome in ({"done": 1, "InvitationNotValid": 1}, {"done": 1, "SeatNotHeld": 1})
        assert race.held() == 1


def test_the_last_seat_let_go_by_a_transaction_that_fails_goes_to_who_waits(race: Race) -> None:
    """Whoever finds the last free row locked waits for it: the other may still let go of it."""
    race.licence_id = race.new_licence(1)
    taken, may_fail = threading.Event(), threading.Event()
    outcome = []

    def fails() -> None:
        session = race.installation.database.writer()
        race.inviting("first")(session)
        taken.set()
        may_fail.wait(10)
        session.rollback()
        session.close()

    def waits() -> None:
        taken.wait(10)
        outcome.append(race.press(race.inviting("second")))

    threads = [threading.Thread(target=fails), threading.Thread(target=waits)]
    for thread in threads:
        thread.start()
    taken.wait(10)
    threads[1].join(0.3)  # it waits for the row, or on SQLite for the write lock
    assert not outcome
    may_fail.set()
    for thread in threads:
        thread.join()

    assert outcome == ["done"]


def test_without_the_guard_the_same_race_oversells(race: Race) -> None:
    """The negative control: look for a free row first, fill it unasked afterwards, as one would who knows no better."""
    people = race.known_people(PEOPLE)
    guarded = race.all_at_once([race.reserving(person_id) for person_id in people])
    assert guarded["done"] == race.held() == SEATS

    race.licence_id = race.new_licence(SEATS)
    outcome = race.all_at_once([race.grabbing(person_id) for person_id in people])

    assert outcome["done"] > race.held(), "without its guard the race must show overselling, or it proves nothing"
