"""A real browser before a real server: the product on a port of this machine, its clock in the test's hand."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

import elearn.background  # noqa: F401 - letters are sent by its jobs
from elearn.app import Elearn, create_app
from elearn.core import clock as product_clock
from elearn.core import i18n
from elearn.core.installation import Installation
from elearn.jobs.queue import run_due
from elearn.media.services import NewFilm, add_film
from elearn.media.stores.local_store import LocalStore
from tests.catalogue.course_folder import RealFilm
from tests.conftest import TestClock, settings_in
from tests.databases import Databases
from tests.peers.serving import in_thread
from tests.walks.film import CAPTIONS, MANIFEST, make_film
from tests.world import World, make_world

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=user-gesture-required",
]
TIMEOUT_MS = 15_000


class Quiet(WSGIRequestHandler):
    """HTTP/1.1, without a line for every request."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the overridden name
        pass


class RunningClock(TestClock):
    """A clock that runs, and can be moved: a film takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        return self.time + timedelta(seconds=time.monotonic() - self._begun)


@contextmanager
def running_clock() -> Iterator[RunningClock]:
    running = RunningClock()
    product_clock.set_source(running)
    yield running
    product_clock.set_source(None)


@pytest.fixture
def clock() -> Iterator[RunningClock]:
    with running_clock() as running:
        yield running


@dataclass
class Site:
    """The product, served."""

    url: str
    app: Elearn
    world: World
    clock: TestClock

    @property
    def installation(self) -> Installation:
        installation: Installation = self.app.extensions["elearn"]
        return installation

    @property
    def module_id(self) -> int:
        """The first module, which has a notice, questions and is open to everybody."""
        with self.installation.database.reader() as session:
            return self.world.ours.outline(session).modules[0].id

    @property
    def module_url(self) -> str:
        return f"{self.url}/learn/modules/{self.module_id}"

    def run_jobs(self) -> None:
        while run_due(self.installation):
            pass

    def newest_letter(self) -> str:
        return self.letters()[-1]

    def letter_to(self, address: str) -> str:
        """Return the newest letter to an address."""
        return [letter for letter in self.letters() if f"\nTo: {address}\n" in letter][-1]

    def letters(self) -> list[str]:
        """Return every letter that was sent, in order."""
        self.run_jobs()
        return [path.read_text() for path in sorted(self.installation.settings.mail_folder.glob("*.eml"))]


@pytest.fixture(scope="session")
def real_film(tmp_path_factory: pytest.TempPathFactory) -> RealFilm:
    """A film of some seconds, packaged by the product's own pipeline."""
    folder = tmp_path_factory.mktemp("film")
    (folder / "captions").mkdir()
    for language in ("da", "en"):
        (folder / "captions" / f"the-film.{language}.vtt").write_text(CAPTIONS)
    manifest = folder / "the-film.yaml"
    manifest.write_text(MANIFEST)
    store = LocalStore(folder / "media")
    add_film(make_film(folder / "film.mp4"), manifest_path=manifest, store=store, new=NewFilm())
    return RealFilm(manifest.read_text(), CAPTIONS, store)


@pytest.fixture
def site(databases: Databases, real_film: RealFilm, tmp_path: Path, clock: TestClock) -> Iterator[Site]:
    """The product with two tenants on a database of its own, whose films are real."""
    with site_in(tmp_path, databases, real_film, clock) as site:
        yield site


@contextmanager
def site_in(folder: Path, databases: Databases, film: RealFilm, clock: TestClock, **changed: str) -> Iterator[Site]:
    """Serve the product from a folder, with two tenants whose course files lie where the owner looks for them."""
    changed |= {"ELEARN_COURSES": str(folder / "ours/courses"), "ELEARN_MANIFESTS": str(folder / "ours/media_manifest")}
    with i18n.speaking("en"), serving(databases.copy(), folder / "data", **changed) as (url, app):
        installation: Installation = app.extensions["elearn"]
        shutil.copytree(film.store.root, installation.settings.media)
        film = replace(film, store=LocalStore(installation.settings.media))
        with installation.database.writer() as session:
            world = make_world(session, installation, folder, film)
        yield Site(url, app, world, clock)
        installation.database.dispose()


@contextmanager
def serving(database_url: str, data: Path, **changed: str) -> Iterator[tuple[str, Elearn]]:
    """Serve an application on a free port; `changed` are further settings."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=Quiet)
    url = f"http://localhost:{server.server_port}"
    app = create_app(settings_in(data, ELEARN_DATABASE=database_url, ELEARN_PUBLIC_URL=url, **changed))
    server.app = app
    with in_thread(server):
        yield url, app


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path, "install Chromium: sudo apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def device(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Makes devices: browsers with storage of their own. A message in the console fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(*, width: int = 1280, height: int = 900, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, locale="en-GB", **options)
        context.set_default_timeout(TIMEOUT_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints
