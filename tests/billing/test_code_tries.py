"""Guessing codes: of many browsers at once no more are answered than the limit allows."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from elearn.app import Elearn, create_app
from elearn.billing.code_tries import CODE_TRIES
from elearn.core.db import Database
from elearn.core.installation import Installation
from tests.billing.shop import open_shop
from tests.licensing.helpers import own_installation, own_world


@pytest.fixture
def shop(settings, own_database: Database, clock, tmp_path) -> Elearn:
    installation: Installation = own_installation(settings, own_database)
    world = own_world(installation, tmp_path)
    with installation.database.transaction() as session:
        open_shop(session, world.ours)
    app = create_app(settings)
    app.extensions["elearn"] = installation
    return app


@pytest.mark.race
def test_a_hundred_at_once_get_no_more_answers_than_the_limit(shop: Elearn) -> None:
    def guess(number: int) -> int:
        return shop.test_client().get(f"/courses/hard-talks/price?seats=10&code=GUESS{number}").status_code

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(guess, range(100)))

    assert answers.count(200) == CODE_TRIES.attempts
    assert answers.count(429) == 100 - CODE_TRIES.attempts
