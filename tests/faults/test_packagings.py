"""Films packaged by a worker of its own: cancelled, tried again, killed, stopped; never half a package, never two."""

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from elearn.accounts.models import Person
from elearn.core import clock
from elearn.jobs.models import Job
from elearn.media.manifest import read_manifest
from elearn.media.models import Packaging, PackagingState
from elearn.media.packagings.services import cancel_packaging, retry_packaging
from elearn.media.stores.storage import open_store
from tests.databases import Databases
from tests.faults.senders_site import Site, make_site
from tests.faults.served import wait_for
from tests.media.clips import make_clip

pytestmark = [pytest.mark.race, pytest.mark.looks]  # about processes and files: databases make no difference
LIMIT_S = 120


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A film that takes a while to package."""
    return make_clip(tmp_path_factory.mktemp("film") / "film.mp4", size="1280x720", seconds=6).read_bytes()


@pytest.fixture(scope="module")
def site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with make_site(databases, tmp_path_factory.mktemp("packagings")) as site:
        yield site


def upload(site: Site, film: bytes, key: str) -> None:
    begun = site.ours.begin(len(film), key)
    assert site.ours.send(begun.headers["location"], 0, film).status == 204


def newest(session: Session, key: str) -> Packaging:
    found = session.scalars(select(Packaging).where(Packaging.film_key == key).order_by(Packaging.id.desc())).first()
    assert found
    return found


def state(site: Site, key: str) -> tuple[str, int]:
    with site.database.reader() as session:
        packaging = newest(session, key)
        return packaging.state, packaging.percent


def is_at_work(site: Site, key: str) -> bool:
    """Whether ffmpeg has made a part of the film already."""
    found, percent = state(site, key)
    return found == PackagingState.RUNNING and percent > 0


def ends(site: Site, key: str, ending: PackagingState) -> None:
    wait_for(lambda: state(site, key)[0] == ending, LIMIT_S)


def processes(site: Site, word: str) -> list[psutil.Process]:
    """Return the processes of the product that have a word in their command."""
    found = []
    for process in site.group.process.children(recursive=True):
        try:
            if any(word in part for part in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def packages(site: Site) -> list[Path]:
    return [path for path in site.installation.settings.media.iterdir() if path.is_dir()]


def with_newest(site: Site, key: str, change: Callable[..., object]) -> None:
    with site.database.transaction() as session:
        owner = session.get_one(Person, site.world.ours.owner.id)
        change(session, packaging=newest(session, key), by=owner)


@pytest.mark.soak
def test_a_cancelled_packaging_ends_at_once_and_may_be_tried_again(site: Site, film: bytes) -> None:
    upload(site, film, "cancelled")
    wait_for(lambda: is_at_work(site, "cancelled"), LIMIT_S)
    begun = time.monotonic()
    with_newest(site, "cancelled", cancel_packaging)
    ends(site, "cancelled", PackagingState.CANCELLED)
    took_s = time.monotonic() - begun
    left = processes(site, "ffmpeg"), packages(site)
    with_newest(site, "cancelled", retry_packaging)
    ends(site, "cancelled", PackagingState.DONE)

    assert took_s < 5, "two seconds, and patience with a busy machine"
    assert left == ([], [])
    manifest = read_manifest(site.installation.settings.manifests / "cancelled.yaml").value
    assert manifest.source
    assert manifest.source.sha256 == hashlib.sha256(film).hexdigest()


def test_a_killed_worker_leaves_no_half_package_and_the_next_one_makes_it_whole(site: Site, film: bytes) -> None:
    other = film + b"\0" * 8  # the same pictures, another package
    upload(site, other, "killed")
    wait_for(lambda: is_at_work(site, "killed"), LIMIT_S)
    before = packages(site)
    (worker,) = (each for each in processes(site, "jobs") if "media" in each.cmdline())
    ffmpegs = processes(site, "ffmpeg")
    worker.kill()
    wait_for(lambda: not any(each.is_running() and each.status() != "zombie" for each in ffmpegs), 10)
    half = [path for path in before if not path.name.startswith(".making-") and not (path / "master.m3u8").exists()]
    with site.database.transaction() as session:  # as if the minute of its lease was over
        session.execute(update(Job).where(Job.done_at.is_(None), Job.name == "media.package").values(leased_until=None))
    ends(site, "killed", PackagingState.DONE)

    manifest = read_manifest(site.installation.settings.manifests / "killed.yaml").value
    assert ffmpegs
    assert not half
    assert manifest.package
    assert open_store(site.installation.settings).missing_files(manifest.package) == []
    assert [path.name for path in packages(site) if path.name.startswith(".")] == []
    assert len([path for path in packages(site) if path.name == manifest.package]) == 1


@pytest.mark.soak
def test_a_stopped_product_puts_its_film_back(databases: Databases, tmp_path: Path, film: bytes) -> None:
    with make_site(databases, tmp_path) as site:
        upload(site, film, "stopped")
        wait_for(lambda: is_at_work(site, "stopped"), LIMIT_S)
        begun = time.monotonic()
        site.group.process.terminate()
        site.group.process.wait(30)
        took_s = time.monotonic() - begun

        assert state(site, "stopped") == (PackagingState.WAITING, 0)
        assert packages(site) == []
        with site.database.reader() as session:
            job = session.scalars(select(Job).where(Job.name == "media.package")).one()
        assert (job.done_at, job.leased_until, job.last_error) == (None, None, None)
        assert job.due_at <= clock.now()
        assert took_s < 25
