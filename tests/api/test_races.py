"""Many calls at once, on real connections: one seat a person, and nobody on a seat that is not there."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from elearn.app import create_app
from elearn.config import Settings
from elearn.core.db import Database
from elearn.core.scope import MunicipalityScope
from elearn.licensing.models import Invitation, Seat
from elearn.organisations.models import TokenScope
from elearn.organisations.services import make_token
from tests.api.conftest import Hr
from tests.conftest import TestClock
from tests.licensing.helpers import new_licence, own_world

pytestmark = pytest.mark.race

AT_ONCE = 8


class Race:
    """A licence with two free seats, and an HR system that calls many times at once."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self.app = create_app(settings)
        installation = self.app.extensions["elearn"]
        installation.database = self.database = database
        world = own_world(installation, folder)
        with database.transaction() as session:
            self.licence_id = new_licence(session, world, 2).id
            scope = MunicipalityScope(world.ours.municipality.id, None)
            _token, self.secret = make_token(session, scope=scope, name="HR", scopes=list(TokenScope), by_id=None)

    def give(self, address: Callable[[int], str]) -> Counter[int]:
        gate = threading.Barrier(AT_ONCE)

        def run(number: int) -> int:
            hr = Hr(self.app.test_client(), self.secret)
            gate.wait()
            body = {"email": address(number), "name": "Hired"}
            return hr.post(f"/licences/{self.licence_id}/seats", body).status_code

        with ThreadPoolExecutor(AT_ONCE) as threads:
            return Counter(threads.map(run, range(AT_ONCE)))

    def held(self) -> tuple[int, int]:
        """Return how many seats are held, and how many letters went out for them."""
        with self.database.reader() as session:
            mine = (Seat.licence_id == self.licence_id, Seat.person_id.is_not(None))
            seats = session.scalar(select(func.count()).select_from(Seat).where(*mine)) or 0
            letters = select(func.count()).select_from(Invitation).join(Invitation.seat).where(*mine)
            return seats, session.scalar(letters) or 0


@pytest.fixture
def race(settings: Settings, own_database: Database, tmp_path: Path, clock: TestClock) -> Race:
    return Race(settings, own_database, tmp_path)


def test_the_same_person_many_times_at_once_gets_one_seat(race: Race) -> None:
    assert race.give(lambda _number: "lise@x.example") == {201: 1, 200: AT_ONCE - 1}
    assert race.held() == (1, 1)


def test_the_last_seats_go_to_as_many_as_there_are(race: Race) -> None:
    assert race.give(lambda number: f"p{number}@x.example") == {201: 2, 409: AT_ONCE - 2}
    assert race.held() == (2, 2)
