"""A house that sells, and its campaign."""

import pytest

from tests.billing.shop import add_campaign, open_shop


@pytest.fixture
def shop(world, session):
    """Our side of the world, whose house sells."""
    open_shop(session, world.ours)
    session.commit()
    return world.ours


@pytest.fixture
def campaign(shop, session):
    """Our house's campaign."""
    found = add_campaign(session, shop).campaign
    session.commit()
    return found
