"""A house that sells, and a visitor who reads English."""

import pytest

from elearn.billing.models import DiscountCode
from tests.billing.shop import add_campaign, open_shop
from tests.client import PageClient


@pytest.fixture
def shop(session, world, app) -> DiscountCode:
    """Let our house sell in a campaign; the campaign's code."""
    open_shop(session, world.ours, terms="Paid within 30 days.\nCancel before the invoice.")
    code = add_campaign(session, world.ours)
    session.commit()
    return code


@pytest.fixture
def visitor(shop, anonymous) -> PageClient:
    anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return anonymous
