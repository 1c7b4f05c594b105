"""Looking after films: bringing them over, checking them, finding what nobody needs."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy.orm import Session

from elearn.config import Settings
from elearn.core import clock
from elearn.core.db import Database
from elearn.core.installation import Installation
from elearn.media.models import Video
from elearn.media.stores.bucket import connection
from elearn.media.stores.inventory import PART_BYTES, Inventory, entry_of_bytes
from elearn.media.stores.local_store import LocalStore
from elearn.media.stores.packages import INVENTORY_FILE, MASTER
from elearn.media.stores.storage import open_store
from elearn.organisations.models import CourseHouse
from tests.conftest import settings_in
from tests.media.made import CAPTIONS, PACKAGE, make_package
from tests.media.test_cli import run
from tests.peers.s3 import S3Service

pytestmark = pytest.mark.looks
OTHER = "fedcba9876543210"


@pytest.fixture
def days_pass() -> Iterator[Callable[[], None]]:
    """Sets the product's clock two days on."""
    later = clock.now() + timedelta(days=2)
    yield lambda: clock.set_source(lambda: later)
    clock.set_source(None)


@pytest.fixture
def settings(swift: S3Service, tmp_path: Path) -> Settings:
    service = swift.settings(swift.new_bucket())
    return settings_in(tmp_path / "data", ELEARN_MANIFESTS=str(tmp_path / "manifests"), **service)


@pytest.fixture
def here(settings: Settings, database: Database) -> Installation:
    installation = Installation(settings)
    installation.database = database
    return installation


@pytest.fixture
def published(session: Session, settings: Settings) -> Video:
    house = CourseHouse(slug="huset", name="Huset", country="DK", email="huset@example.org")
    session.add(house)
    session.flush()
    video = Video(
        course_house_id=house.id,
        key="walk",
        generation=1,
        language="da",
        package=PACKAGE,
        duration_ms=12_000,
        length_s=12,
        manifest={"captions": {"da": CAPTIONS}, "poster": "poster-1000.jpg"},
        published_at=clock.now(),
    )
    session.add(video)
    session.commit()
    return video


def sync(here: Installation, target: str) -> Result:
    return run(here, "sync", "--to", target)


def test_films_go_to_the_bucket_and_back_whole(here: Installation, settings: Settings, tmp_path: Path) -> None:
    ours = LocalStore(settings.media)
    make_package(ours)
    ours.add(PACKAGE, CAPTIONS, b"WEBVTT")
    (settings.media / PACKAGE / INVENTORY_FILE).unlink()  # made before there were inventories
    make_package(ours, OTHER)
    (settings.media / OTHER / "180-00001.m4s").write_bytes(b"0" * (PART_BYTES + 5))
    (settings.media / OTHER / INVENTORY_FILE).unlink()

    assert sync(here, "s3").output.endswith("2 packages, 17 files brought over, 0 problems.\n")
    assert sync(here, "s3").output == "2 packages, 0 files brought over, 0 problems.\n"
    assert sync(here, "local").output == "2 packages, 0 files brought over, 0 problems.\n"

    before = {file: file.read_bytes() for file in settings.media.rglob("*") if file.is_file()}
    settings.media.rename(tmp_path / "away")
    assert sync(here, "local").exit_code == 0
    after = {file: file.read_bytes() for file in settings.media.rglob("*") if file.is_file()}
    assert after == before


def test_only_what_differs_is_brought_over(here: Installation, settings: Settings) -> None:
    make_package(LocalStore(settings.media))
    sync(here, "s3")
    (settings.media / PACKAGE / "180-00001.m4s").write_bytes(b"broken")
    (settings.media / PACKAGE / "180.m3u8").unlink()

    assert f"{PACKAGE}: 2 files brought over" in sync(here, "local").output
    assert LocalStore(settings.media).damage(PACKAGE, deep=True) == []


def test_a_damaged_package_is_not_sent_and_the_others_are(here: Installation, settings: Settings) -> None:
    for package in (PACKAGE, OTHER):
        make_package(LocalStore(settings.media), package)
    (settings.media / PACKAGE / "180-00001.m4s").write_bytes(b"x" * len(b"180-00001.m4s" * 1000))

    done = sync(here, "s3")

    assert done.exit_code == 1
    assert f"The package {PACKAGE} on this machine is damaged: 180-00001.m4s holds other bytes" in done.output
    store = open_store(settings, patient=True)
    assert (store.has(PACKAGE), store.has(OTHER)) == (False, True)


def test_a_package_that_another_ffmpeg_made_stays_at_either_end(
    here: Installation, settings: Settings, tmp_path: Path
) -> None:
    make_package(open_store(settings, patient=True), content="as another machine made it")
    make_package(LocalStore(settings.media), content="as we made it")
    LocalStore(settings.media).add(PACKAGE, CAPTIONS, b"WEBVTT")

    sent, fetched = sync(here, "s3"), sync(here, "local")

    assert (f"{PACKAGE}: 1 files brought over" in sent.output, sent.exit_code) == (True, 0)
    assert fetched.output == "1 packages, 0 files brought over, 0 problems.\n"
    assert open_store(settings, patient=True).damage(PACKAGE, deep=True) == []
    assert LocalStore(settings.media).damage(PACKAGE, deep=True) == []


def test_nothing_in_a_bucket_leads_out_of_the_films_folder(
    here: Installation, settings: Settings, tmp_path: Path
) -> None:
    """Whoever may write into the bucket must not thereby write anywhere on the machine that fetches films."""
    make_package(LocalStore(settings.media))
    sync(here, "s3")
    shutil.rmtree(settings.media / PACKAGE)
    bucket, elsewhere = connection(settings).for_work(), tmp_path / "elsewhere.jpg"
    files = inventory_of({str(elsewhere): b"of a stranger"})
    bucket.put(f"{PACKAGE}/{elsewhere}", b"of a stranger")
    bucket.put(f"{PACKAGE}/{INVENTORY_FILE}", files)

    told = sync(here, "local")

    assert not elsewhere.exists()
    assert not (settings.media / PACKAGE).exists()
    assert "no inventory" in told.output


def inventory_of(files: dict[str, bytes]) -> bytes:
    return (
        Inventory(files={name: entry_of_bytes(content) for name, content in files.items()}).model_dump_json().encode()
    )


def test_without_a_bucket_there_is_nowhere_to_go(tmp_path: Path) -> None:
    refused = sync(Installation(settings_in(tmp_path)), "s3")

    assert (refused.exit_code, "Set ELEARN_S3_BUCKET" in refused.output) == (1, True)


@pytest.fixture(params=["local", "s3"])
def somewhere(request: pytest.FixtureRequest, here: Installation, tmp_path: Path) -> Installation:
    """An installation whose films lie on the machine, or in a bucket."""
    if request.param == "local":
        here.settings = settings_in(tmp_path / "data", ELEARN_MANIFESTS=str(tmp_path / "manifests"))
    return here


def test_all_that_films_need_is_looked_for(somewhere: Installation, published: Video) -> None:
    store = open_store(somewhere.settings, patient=True)
    assert f"walk: {PACKAGE}/{MASTER} is missing" in run(somewhere, "verify").output
    make_package(store)

    lacking = run(somewhere, "verify")

    assert lacking.exit_code == 1
    assert f"walk: {PACKAGE}/{CAPTIONS} is missing\nwalk: {PACKAGE}/poster-1000.jpg is missing\n" in lacking.output
    store.add(PACKAGE, CAPTIONS, b"WEBVTT")
    store.add(PACKAGE, "poster-1000.jpg", b"jpeg")
    whole = run(somewhere, "verify", "--deep")
    assert (whole.exit_code, whole.output) == (0, "1 packages, 0 damaged.\n")


def test_what_no_film_needs_is_listed_and_removed_on_request_alone(
    somewhere: Installation, published: Video, days_pass: Callable[[], None]
) -> None:
    store = open_store(somewhere.settings, patient=True)
    for package in (PACKAGE, OTHER):
        make_package(store, package)

    young = run(somewhere, "orphans", "--remove")
    days_pass()
    listed = run(somewhere, "orphans")
    kept = store.has(OTHER)
    removed = run(somewhere, "orphans", "--remove")

    assert f"{OTHER}      8 files     0.0 MB  younger than a day\n" in young.output
    assert (OTHER in listed.output, PACKAGE in listed.output, kept) == (True, False, True)
    assert "removed\n" in removed.output
    assert [holding.package for holding in store.holdings()] == [PACKAGE]
    assert store.damage(PACKAGE, deep=True) == []


def test_a_film_that_was_replaced_still_needs_its_package(
    somewhere: Installation, published: Video, session: Session, days_pass: Callable[[], None]
) -> None:
    published.replaced_at = clock.now()
    session.commit()
    make_package(open_store(somewhere.settings, patient=True))
    days_pass()

    assert PACKAGE not in run(somewhere, "orphans", "--remove").output


def test_a_manifest_that_cannot_be_read_stops_the_removing(
    somewhere: Installation, tmp_path: Path, days_pass: Callable[[], None]
) -> None:
    make_package(open_store(somewhere.settings, patient=True))
    days_pass()
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "walk.yaml").write_text("id: [")

    assert run(somewhere, "orphans", "--remove").exit_code == 1
    assert open_store(somewhere.settings, patient=True).has(PACKAGE)
