from collections.abc import Iterator
from pathlib import Path

import pytest

from elearn.core import clock as product_clock
from elearn.core import i18n
from tests.conftest import TestClock
from tests.databases import Databases
from tests.operations.house import House, house_again, make_house


@pytest.fixture(scope="session")
def _made(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> House:
    product_clock.set_source(TestClock())
    with i18n.speaking("en"):
        made = make_house(databases, tmp_path_factory.mktemp("house"))
    product_clock.set_source(None)
    return made


@pytest.fixture
def house(databases: Databases, _made: House, tmp_path: Path, clock: TestClock) -> Iterator[House]:
    """An installation of the test's own."""
    copied = house_again(databases, _made, tmp_path)
    yield copied
    copied.database.dispose()


@pytest.fixture
def sealed_house(databases: Databases, _made: House, tmp_path: Path, clock: TestClock) -> Iterator[House]:
    """One whose backups are encrypted."""
    copied = house_again(databases, _made, tmp_path, key=True)
    yield copied
    copied.database.dispose()
