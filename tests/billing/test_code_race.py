"""Races for a code's last use and a campaign's place: many connections, real commits."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.billing import code_uses
from elearn.billing.buyer_queries import order_by_token
from elearn.billing.errors import CodeUsedUp, PlaceTaken
from elearn.billing.models import DiscountCode, Order
from elearn.billing.services.order_answers import cancel_order
from elearn.billing.services.orders import confirm_order
from elearn.core.installation import Installation
from tests.billing.shop import add_campaign, open_shop, order
from tests.conftest import TestClock
from tests.licensing.helpers import own_installation, own_world
from tests.world import Side, World, latest_token

pytestmark = pytest.mark.race

AT_ONCE = 12
CODE = "RACE"
Act = Callable[[Session], Any]


class Race:
    """A house that sells, and people who confirm their orders at the same moment."""

    def __init__(self, installation: Installation, folder: Path, uses: int, *, places: bool = False) -> None:
        self.installation = installation
        self.world: World = own_world(installation, folder)
        with installation.database.transaction() as session:
            side = self._side(session)
            open_shop(session, side)
            code = add_campaign(session, side, code=CODE, max_uses=uses, min_seats=None, max_seats=None)
            if not places:
                code.campaign = None

    def sent(self, number: int) -> list[str]:
        """Have orders sent that wait for their letters' buttons; returns what the letters carry."""
        tokens = []
        with self.installation.database.transaction() as session:
            side = self._side(session)
            for index in range(number):
                sender = f"sender{index}@race.example"
                order(
                    session,
                    self.installation.tokens,
                    side,
                    municipality=side.municipality,
                    seats=1,
                    code=CODE,
                    email=sender,
                )
                tokens.append(latest_token(session, self.installation))
        return tokens

    def confirming(self, number: int) -> list[Act]:
        return [lambda session, token=token: confirm_order(session, token) for token in self.sent(number)]

    def cancelling(self, order_id: int) -> Act:
        scope, by_id = self.world.ours.house_scope, self.world.ours.owner.id
        return lambda session: cancel_order(session, scope=scope, order_id=order_id, reason="", by_id=by_id)

    def all_at_once(self, acts: list[Act]) -> Counter[str]:
        gate = threading.Barrier(len(acts))

        def run(act: Act) -> str:
            gate.wait()
            try:
                with self.installation.database.transaction() as session:
                    act(session)
            except (CodeUsedUp, PlaceTaken) as refused:
                return type(refused).__name__
            return "done"

        with ThreadPoolExecutor(len(acts)) as threads:
            return Counter(threads.map(run, acts))

    def holders(self) -> list[int]:
        """Return the ids of the orders that hold a use."""
        with self.installation.database.reader() as session:
            held = select(Order.id).where(Order.confirmed_at.is_not(None), Order.cancelled_at.is_(None))
            return list(session.scalars(held.order_by(Order.id)))

    def used(self) -> int:
        with self.installation.database.reader() as session:
            return session.scalars(select(DiscountCode.used)).one()

    def _side(self, session: Session) -> Side:
        made = self.world.ours
        rows = ("house", "owner", "municipality", "course", "buyer")
        return replace(
            made, **{name: session.get_one(type(getattr(made, name)), getattr(made, name).id) for name in rows}
        )


@pytest.fixture
def installation(own_database, settings, clock: TestClock) -> Installation:
    return own_installation(settings, own_database)


@pytest.mark.parametrize("uses", [1, 7])
def test_the_last_use_goes_to_one_order_and_comes_back_once(installation, tmp_path: Path, uses: int) -> None:
    race = Race(installation, tmp_path, uses)
    for _round in range(2):
        assert race.all_at_once(race.confirming(AT_ONCE)) == {"done": uses, "CodeUsedUp": AT_ONCE - uses}
        assert (race.used(), len(race.holders())) == (uses, uses)

        assert race.all_at_once([race.cancelling(race.holders()[0])] * 4) == {"done": 4}
        assert race.used() == uses - 1, "four presses give back one use"
        assert race.all_at_once(race.confirming(4)) == {"done": 1, "CodeUsedUp": 3}
        race.all_at_once([race.cancelling(each) for each in race.holders()])
        assert race.used() == 0


def test_a_place_goes_to_one_order(installation, tmp_path: Path) -> None:
    race = Race(installation, tmp_path, AT_ONCE, places=True)
    for _round in range(3):
        assert race.all_at_once(race.confirming(AT_ONCE)) == {"done": 1, "PlaceTaken": AT_ONCE - 1}
        assert race.used() == 1, "who got no place has used nothing up"
        race.all_at_once([race.cancelling(race.holders()[0])])


def test_a_press_that_read_the_order_before_another_confirmed_it_uses_nothing_more(
    installation, tmp_path: Path
) -> None:
    race = Race(installation, tmp_path, AT_ONCE)
    (token,) = race.sent(1)
    with installation.database.writer() as session:
        read_before = order_by_token(session, token)
        session.commit()
        race.all_at_once([lambda other: confirm_order(other, token)])
        assert confirm_order(session, token) is read_before
        session.commit()

    assert race.used() == 1


def test_without_the_guard_the_same_race_gives_the_last_use_to_several(
    installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = Race(installation, tmp_path, 1)
    monkeypatch.setattr(code_uses, "take", lambda session, **order: None)

    def look_then_take(token: str) -> Act:
        def act(session: Session) -> None:
            if race.holders():
                raise CodeUsedUp
            time.sleep(0.02)
            confirm_order(session, token)

        return act

    race.all_at_once([look_then_take(token) for token in race.sent(AT_ONCE)])
    assert len(race.holders()) > 1
