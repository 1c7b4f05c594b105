"""A learner watches a film whose segments lie in a bucket, or behind a CDN, and which goes away in the middle."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from elearn.learning.models import VideoProgress
from elearn.media.stores.packages import SEGMENTS
from tests.catalogue.course_folder import RealFilm
from tests.conftest import TestClock
from tests.databases import Databases
from tests.peers.s3 import S3Service
from tests.walks.conftest import Site, site_in
from tests.walks.elsewhere import Front, from_bucket, from_cdn, send_films
from tests.walks.film import FILM_S
from tests.walks.pages import ModulePage, shot, sign_in, until

pytestmark = [pytest.mark.walk, pytest.mark.looks]
LEARNER = "learner-ours@0710.example"
AWAY = "The film cannot be fetched just now."


@pytest.fixture(params=[pytest.param(from_bucket, marks=pytest.mark.soak), from_cdn])
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
