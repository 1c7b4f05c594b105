"""What the tests of pages share."""

import dataclasses
from collections.abc import Callable

import pytest

from elearn.core.installation import Installation
from tests.client import PageClient
from tests.world import World


@pytest.fixture
def buyer(browser: Callable[[], PageClient], world: World) -> PageClient:
    """The first municipality's buyer, signed in."""
    return browser().signed_in_as(world.ours.buyer)


@pytest.fixture
def _files_of_ours(installation: Installation, world: World) -> None:
    """Let the installation read courses and films where the first house's lie."""
    files = world.ours.files
    installation.settings = dataclasses.replace(
        installation.settings, courses=files.folder.parent, manifests=files.manifests, data=files.store.root.parent
    )
