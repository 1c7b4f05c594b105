"""Our course's files, its owner, and another house's."""

import dataclasses

import pytest


@pytest.fixture
def files(installation, world):
    """Our course's files, where the installation looks for courses and films."""
    files = world.ours.files
    installation.settings = dataclasses.replace(
        installation.settings, courses=files.folder.parent, manifests=files.manifests, data=files.store.root.parent
    )
    return files


@pytest.fixture
def owner(browser, world, files):
    return browser().signed_in_as(world.ours.owner)


@pytest.fixture
def stranger(browser, world, files):
    return browser().signed_in_as(world.theirs.owner)
