"""The same order form sent twice in one moment, on two connections, is one order with one email."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from elearn.app import create_app
from elearn.billing.models import Order
from elearn.core.db import Database
from elearn.mail.models import Letter
from tests.billing.buying.steps import COURSE, WHO, fields, query
from tests.billing.shop import CODE, add_campaign, open_shop
from tests.client import PageClient, check_page
from tests.licensing.helpers import own_installation, own_world


@pytest.mark.race
def test_two_presses_at_once_are_one_order(settings, own_database: Database, clock, tmp_path) -> None:
    installation = own_installation(settings, own_database)
    world = own_world(installation, tmp_path)
    with installation.database.transaction() as session:
        open_shop(session, world.ours)
        add_campaign(session, world.ours)
    app = create_app(settings)
    app.extensions["elearn"] = installation
    app.test_client_class = PageClient
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    form = fields(client.page(f"{COURSE}/order?{query(code=CODE)}")) | WHO
    review = fields(check_page("/", client.post(f"{COURSE}/order", data=form | {"step": "review"})))
    cookie = client.get_cookie("session").value

    def press(_number: int) -> str | None:
        other = app.test_client()
        other.set_cookie("session", cookie)
        return other.post(f"{COURSE}/order", data=review | {"step": "place"}).location

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(press, range(4)))

    assert answers == ["/orders/sent"] * 4
    with installation.database.reader() as session:
        assert session.scalars(select(func.count()).select_from(Order)).one() == 1
        asked = select(func.count()).select_from(Letter).where(Letter.kind == "billing/confirm_order")
        assert session.scalars(asked).one() == 1
