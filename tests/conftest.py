"""What every test can ask for. Databases are real; the engine comes from ELEARN_TEST_DATABASE (sqlite, postgresql)."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

import elearn.background  # noqa: F401 - jobs find their handlers
from elearn.app import Elearn, create_app
from elearn.config import Settings
from elearn.core import clock as product_clock
from elearn.core import i18n
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.core.tokens import Tokens
from tests.client import PageClient
from tests.databases import ENGINE, Databases, OneConnection, PostgresDatabases, SqliteDatabases
from tests.peers import swift as swift_peer
from tests.peers.s3 import S3Service
from tests.world import World, make_world, read_world, world_again

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

gc.set_threshold(50_000, 20, 20)  # most of what tests leave are pages' trees, and looking for them often costs a tenth


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try files that wait for others first, so that none is left alone at the end.

    What asks for no database, or looks at pages alone, is tried on one engine: the other would say the same.
    """
    waiting = {item.path for item in items if item.get_closest_marker("race") or item.get_closest_marker("walk")}
    items.sort(key=lambda item: item.path not in waiting)
    if ENGINE == "sqlite":
        return
    again = [item for item in items if _depends_on_the_engine(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(again)])
    items[:] = again


def _depends_on_the_engine(item: pytest.Item) -> bool:
    asks_for = {"database", "databases", "server"} & set(getattr(item, "fixturenames", ()))
    return bool(asks_for) and item.get_closest_marker("looks") is None


class TestClock:
    """The product's clock in a test's hand."""

    __test__ = False

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        return self.time

    def set(self, instant: datetime) -> None:
        self.time = instant

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """A clock that stands at Monday 23 November 2026, 10 o'clock in Copenhagen, until it is moved."""
    test_clock = TestClock()
    product_clock.set_source(test_clock)
    yield test_clock
    product_clock.set_source(None)


@pytest.fixture(autouse=True)
def _speaking_english() -> Iterator[None]:
    with i18n.speaking("en"):
        yield


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    folder = tmp_path_factory.mktemp("databases")
    if ENGINE == "sqlite":
        yield SqliteDatabases(folder)
    else:
        made = PostgresDatabases(folder)
        yield made
        made.close()


@pytest.fixture(scope="session")
def _shared_database(databases: Databases) -> Iterator[Database]:
    database = Database(databases.copy())
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def _populated(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, World]]:
    """A database in which the world was made once, for all tests that ask for it."""
    folder = tmp_path_factory.mktemp("world")
    installation = Installation(settings_in(folder))
    installation.database = Database(databases.copy())
    product_clock.set_source(TestClock())
    with i18n.speaking("en"), installation.database.writer() as session:
        made = make_world(session, installation, folder)
    with installation.database.reader() as session:
        made = read_world(session, made)
    product_clock.set_source(None)
    yield installation.database, made
    installation.database.dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with tables and municipalities, and the world; what the test does is undone afterwards."""
    if "world" in request.fixturenames:
        shared, _made = request.getfixturevalue("_populated")
    else:
        shared = request.getfixturevalue("_shared_database")
    with shared.engine.connect() as connection:
        transaction = connection.begin()
        yield OneConnection(shared, connection)
        transaction.rollback()


@pytest.fixture
def own_database(databases: Databases) -> Iterator[Database]:
    """A database of the test's own, for races: several connections, real commits."""
    database = Database(databases.copy())
    yield database
    database.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writer() as session:
        yield session


def settings_in(folder: Path, **changed: str) -> Settings:
    env = {
        "ELEARN_DATA": str(folder),
        "ELEARN_SECRET_KEY": "a secret for tests only, long enough",
        "ELEARN_PUBLIC_URL": "http://localhost",
    }
    return Settings.from_environment(env | changed)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path / "data")


@pytest.fixture
def tokens(settings: Settings) -> Tokens:
    return Tokens(settings.secret_key)


@pytest.fixture(scope="session")
def _shared_app(tmp_path_factory: pytest.TempPathFactory) -> Elearn:
    return create_app(settings_in(tmp_path_factory.mktemp("app")))


@pytest.fixture
def app(_shared_app: Elearn, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Elearn:
    """The application on the test's database. It is made once: routes and templates cost more than most tests."""
    assert (settings.secure, settings.trusted_proxies) == (False, 0), "what is fixed when the application is made"
    installation = Installation(settings)
    installation.database = database
    monkeypatch.setitem(_shared_app.extensions, "elearn", installation)
    hooks = {blueprint: list(each) for blueprint, each in _shared_app.before_request_funcs.items()}
    monkeypatch.setattr(_shared_app, "before_request_funcs", hooks)
    return _shared_app


@pytest.fixture
def installation(app: Elearn) -> Installation:
    installation: Installation = app.extensions["elearn"]
    return installation


@pytest.fixture
def browser(app: Elearn) -> Callable[[], PageClient]:
    """Makes browsers: clients with cookies of their own, which check every page they open."""
    app.test_client_class = PageClient

    def make() -> PageClient:
        client: FlaskClient = app.test_client()
        assert isinstance(client, PageClient)
        return client

    return make


@pytest.fixture
def anonymous(browser: Callable[[], PageClient]) -> PageClient:
    return browser()


@pytest.fixture
def world(session: Session, _populated: tuple[Database, World], tmp_path: Path, clock: TestClock) -> World:
    """Two course houses, two municipalities, and people of every role, the same shape on both sides."""
    return world_again(session, _populated[1], tmp_path)


@pytest.fixture
def learner(browser: Callable[[], PageClient], world: World) -> PageClient:
    """A learner with a seat in the first house's course, signed in."""
    return browser().signed_in_as(world.ours.learner)


@pytest.fixture
def owner(browser: Callable[[], PageClient], world: World) -> PageClient:
    """The first house's owner, signed in."""
    return browser().signed_in_as(world.ours.owner)


@pytest.fixture
def stranger(browser: Callable[[], PageClient], world: World) -> PageClient:
    """A learner of the other house and municipality, signed in."""
    return browser().signed_in_as(world.theirs.learner)


@pytest.fixture(scope="session")
def swift() -> Iterator[S3Service]:
    """A real S3 service that verifies signatures. Without Swift its tests are left out, but never in CI."""
    if not swift_peer.is_installed():
        cure = "sudo apt install --no-install-recommends swift-proxy swift-account swift-container swift-object"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"Swift is not installed: {cure}")
    folder = tempfile.TemporaryDirectory(prefix="swift-", dir=swift_peer.parent_folder())
    with folder, swift_peer.serving(Path(folder.name)) as service:
        yield service
