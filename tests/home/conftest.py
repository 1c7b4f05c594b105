"""What the tests of pages share."""

from collections.abc import Callable

import pytest

from tests.client import PageClient
from tests.world import World


@pytest.fixture
def buyer(browser: Callable[[], PageClient], world: World) -> PageClient:
    """The first municipality's buyer, signed in."""
    return browser().signed_in_as(world.ours.buyer)
