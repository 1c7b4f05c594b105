"""A learner watches a film whose segments lie in a bucket, or behind a CDN, and which goes away in the middle."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from elearn.config import Settings
from elearn.learning.models import VideoProgress
from elearn.media.stores.bucket import connection
from elearn.media.stores.packages import PACKAGE, SEGMENTS
from elearn.media.stores.sending import send_package
from tests.catalogue.course_folder import RealFilm
from tests.conftest import TestClock, settings_in
from tests.databases import Databases
from tests.peers.cdn_server import cdn_server, key_pair
from tests.peers.cors_proxy import cors_proxy
from tests.peers.s3 import S3Service
from tests.walks.conftest import Site, site_in
from tests.walks.film import FILM_S
from tests.walks.pages import ModulePage, shot, sign_in, until

pytestmark = [pytest.mark.walk, pytest.mark.looks]
LEARNER = "learner-ours@0710.example"
AWAY = "The film cannot be fetched just now."


class Front(Protocol):
    """Where the browser gets segments."""

    url: str
    page_origin: str
    holds_back: Callable[[str], bool]
    sent: list[str]


@contextmanager
def from_bucket(
    swift: S3Service, bucket: str, _folder: Path, _clock: TestClock
) -> Iterator[tuple[Front, dict[str, str]]]:
    with cors_proxy(swift.url) as front:
        yield front, swift.settings(bucket, front.url)


@contextmanager
def from_cdn(swift: S3Service, bucket: str, folder: Path, clock: TestClock) -> Iterator[tuple[Front, dict[str, str]]]:
    with cdn_server(folder / "films") as front:
        front.now = lambda: clock().timestamp()
        front.keys["K1"] = key_pair(folder / "key.pem")
        cdn = {
            "ELEARN_CDN_URL": front.url,
            "ELEARN_CDN_KEY_ID": "K1",
            "ELEARN_CDN_KEY_FILE": str(folder / "key.pem"),
        }
        yield front, swift.settings(bucket) | cdn


def send_films(settings: Settings, swift: S3Service, kept: Path) -> None:
    """Bring every package to the bucket; what lay on this machine is moved out of the product's reach."""
    straight = settings_in(settings.data, **swift.settings(settings.s3_bucket))
    for folder in settings.media.iterdir():
        if PACKAGE.fullmatch(folder.name):
            send_package(folder, connection(straight).for_work())
    shutil.move(settings.media, kept)


@pytest.fixture(params=[from_bucket, from_cdn])
def elsewhere(
    request: pytest.FixtureRequest,
    swift: S3Service,
    databases: Databases,
    real_film: RealFilm,
    tmp_path: Path,
    clock: TestClock,
) -> Iterator[tuple[Site, Front]]:
    with ExitStack() as running:
        front, changed = running.enter_context(request.param(swift, swift.new_bucket(), tmp_path, clock))
        site = running.enter_context(site_in(tmp_path, databases, real_film, clock, **changed))
        front.page_origin = site.url
        send_films(site.installation.settings, swift, tmp_path / "films")
        yield site, front


def seen_s(site: Site) -> int:
    with site.installation.database.reader() as session:
        row = session.scalar(select(VideoProgress).where(VideoProgress.person_id == site.world.ours.learner.id))
        return row.seen.bit_count() if row else 0


def test_it_plays_says_when_it_is_away_and_goes_on(elsewhere: tuple[Site, Front], device: Callable[..., Page]) -> None:
    site, front = elsewhere
    page = device()
    sign_in(page, site, LEARNER)
    front.holds_back = lambda path: path.endswith(("-00002.m4s", "-00003.m4s"))
    page.goto(site.module_url)
    watching = ModulePage(page)
    watching.play()

    watching.watch_until(7.5)
    expect(page.locator("[data-player-message]")).to_contain_text(AWAY, timeout=30_000)
    expect(page.locator("[data-waiting]").first).to_be_hidden()
    shot(page, f"film-away-{type(front).__name__}")
    until(lambda: seen_s(site) >= 7, "what was watched is stored while the film is away", within_s=30)

    front.holds_back = lambda _path: False
    watching.watch_until(FILM_S - 1)
    expect(page.locator("[data-player-message]")).to_be_empty()
    until(lambda: seen_s(site) >= FILM_S - 2, "the rest is stored, too", within_s=30)
    fetched = [Path(path) for path in front.sent]
    assert {path.name for path in fetched if path.suffix in SEGMENTS} >= {"360-init.mp4", "360-00003.m4s"}
