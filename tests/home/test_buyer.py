"""The buyer's console, as a buyer and as strangers see it."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tests.client import PageClient
from tests.world import Side, World

PAGES = [
    "/municipalities/{municipality}",
    "/municipalities/{municipality}/licences/{licence}",
    "/municipalities/{municipality}/licences/{licence}/history",
]


@pytest.fixture
def buyer(browser: Callable[[], PageClient], world: World) -> PageClient:
    return browser().signed_in_as(world.ours.buyer)


def filled(path: str, session: Session, side: Side) -> str:
    return path.format(
        municipality=side.municipality.id,
        licence=side.licence.id,
        seat=side.seat(session, side.invited).id,
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_buyer_is_sound(path: str, buyer: PageClient, session: Session, world: World) -> None:
    buyer.page(filled(path, session, world.ours))


@pytest.mark.parametrize("path", PAGES)
def test_another_municipalitys_things_do_not_exist(path: str, buyer, session: Session, world: World) -> None:
    buyer.page(filled(path, session, world.theirs), status=404)
