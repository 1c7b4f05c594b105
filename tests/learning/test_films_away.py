"""The films' storage is away: pages are quick and say so, and what is seen is kept all the same."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from elearn.config import Settings
from elearn.media.stores import bucket
from elearn.media.stores.bucket import connection
from elearn.media.stores.inventory import write_inventory
from elearn.media.stores.sending import send_package
from tests.conftest import settings_in
from tests.faults.served import wait_for
from tests.learning.test_watching import Player
from tests.peers.line import UNLIKE_A_PRESS_S, Fault, Line, line_to
from tests.peers.s3 import S3Service

# botocore leaves the sockets of cut lines to the garbage collector.
pytestmark = [pytest.mark.looks, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]
SILENCE_S = 0.2
TEXT_AWAY = "The text cannot be shown just now. Reload the page in a minute."


@pytest.fixture
def line(swift: S3Service) -> Iterator[Line]:
    with line_to(swift.url) as line:
        yield line


@pytest.fixture
def settings(swift: S3Service, line: Line, tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "data", **swift.settings(swift.new_bucket(), line.url))


@pytest.fixture(autouse=True)
def _soon_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "SILENCE_S", SILENCE_S)


@pytest.fixture
def module(world, session, settings):
    """The first module of our course, its films in the bucket."""
    for folder in world.ours.files.store.root.glob("[0-9a-f]*"):
        write_inventory(folder)
        send_package(folder, connection(settings).for_work())
    return world.ours.outline(session).modules[0]


def timed(page, address: str):
    page(address)  # templates are read once
    time.sleep(2 * SILENCE_S)  # and the service may be asked again
    begun = time.monotonic()
    shown = page(address)
    return shown, time.monotonic() - begun


def test_a_films_text_comes_from_the_bucket(learner, module):
    def shown() -> bool:
        return "Hvordan har du det?" in learner.page(f"/learn/modules/{module.id}").select_one("[data-transcript]").text

    wait_for(shown, 20)


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SILENT, Fault.DRIPPING, Fault.HALF, Fault.CHANGES_ANSWERS])
def test_the_module_page_does_not_wait_and_says_what_is_away(learner, module, line, fault):
    line.cut(fault)

    page, took_s = timed(learner.page, f"/learn/modules/{module.id}")

    assert took_s < UNLIKE_A_PRESS_S
    assert TEXT_AWAY in page.select_one("[data-transcript]").text


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.SILENT])
def test_what_is_seen_is_kept(learner, module, line, clock, fault):
    line.cut(fault)
    player = Player(learner, module.lessons[0].id)

    assert player.open().status_code == 200
    clock.advance(minutes=1)
    begun = time.monotonic()
    assert player.report((0.0, 10.0)).status_code == 200
    assert time.monotonic() - begun < UNLIKE_A_PRESS_S


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.LATE])
@pytest.mark.parametrize("address", ["/owner", "/owner/films"])
def test_the_owners_pages_do_not_wait(owner, module, line, address, fault):
    line.cut(fault)
    owner.get(address)
    time.sleep(2 * SILENCE_S)

    begun = time.monotonic()
    response = owner.get(address)

    assert time.monotonic() - begun < UNLIKE_A_PRESS_S
    assert response.status_code == 200
