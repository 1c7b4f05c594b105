"""The bucket of films is away: what needs it waits or is refused for now, and nothing else notices."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from elearn.catalogue.models import CourseVersion
from elearn.config import Settings
from elearn.core.installation import Installation
from elearn.jobs.queue import run_due
from elearn.media.models import Packaging, PackagingState
from elearn.media.packagings import working
from elearn.media.stores import bucket as bucket_module
from elearn.media.stores.bucket import connection
from elearn.media.stores.inventory import write_inventory
from elearn.media.stores.sending import send_package
from elearn.media.stores.storage import open_store
from elearn.media.uploads.folder import open_uploads
from elearn.media.uploads.services import NewUpload, begin_upload, note_arrival
from elearn.operations.backups.making import make
from tests.client import PageClient, check_page
from tests.conftest import TestClock, settings_in
from tests.faults.served import wait_for
from tests.media.clips import make_clip
from tests.peers.line import Fault, Line, line_to
from tests.peers.s3 import S3Service
from tests.world import World

# botocore leaves the sockets of cut lines to the garbage collector.
pytestmark = [
    pytest.mark.race,
    pytest.mark.looks,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
AWAY = [Fault.DOWN, Fault.BUSY, Fault.SILENT]


@pytest.fixture
def line(swift: S3Service) -> Iterator[Line]:
    with line_to(swift.url) as line:
        yield line


@pytest.fixture
def settings(swift: S3Service, line: Line, tmp_path: Path) -> Settings:
    return settings_in(
        tmp_path / "data",
        ELEARN_COURSES=str(tmp_path / "courses"),
        ELEARN_MANIFESTS=str(tmp_path / "ours" / "media_manifest"),
        **swift.settings(swift.new_bucket(), line.url),
    )


@pytest.fixture(autouse=True)
def _less_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_module, "WORK_TRIES", 1)
    monkeypatch.setattr(bucket_module, "PRESS_WAITS_S", 2.0)
    monkeypatch.setattr(bucket_module, "SILENCE_S", 0.1)


@pytest.fixture
def course(world: World, settings: Settings) -> World:
    """The first house's course, with its files, and its films in the bucket."""
    files = world.ours.files
    shutil.copytree(files.folder, settings.courses / world.ours.course.slug)
    for folder in files.store.root.glob("[0-9a-f]*"):
        write_inventory(folder)
        send_package(folder, connection(settings).for_work())
    return world


@pytest.mark.parametrize("fault", AWAY)
def test_publishing_is_refused_for_now_with_what_to_do_and_publishes_nothing(
    owner: PageClient, course: World, session: Session, settings: Settings, line: Line, fault: Fault
) -> None:
    path = f"/owner/files/{course.ours.course.slug}"
    words = settings.courses / course.ours.course.slug / "da.yaml"
    words.write_text(words.read_text().replace("Svære", "Meget svære"))
    versions = select(func.count()).select_from(CourseVersion)
    before = session.scalar(versions)
    line.cut(fault)
    refused = owner.press(path)
    during = session.scalar(versions)
    line.mend()
    wait_for(lambda: owner.press(path).status_code == 303, 20)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert "does not answer just now. Look again in a few minutes" in check_page(path, refused).main.text
    assert (during, session.scalar(versions)) == (before, before + 1)


def test_a_film_is_packaged_and_sent_once_the_bucket_is_back(
    installation: Installation,
    session: Session,
    world: World,
    line: Line,
    clock: TestClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working, "MOST_TRIES", 1)  # as often as what nobody understands is tried
    _upload(installation, session, world, make_clip(tmp_path / "clip.mp4").read_bytes())
    line.cut(Fault.BUSY)
    for _run in range(3):
        run_due(installation, queue="media")
        clock.advance(hours=1)
    session.commit()
    waiting = session.scalars(select(Packaging.state)).one()
    line.mend()
    run_due(installation, queue="media")
    session.commit()

    store = open_store(installation.settings, patient=True)
    (holding,) = store.holdings()
    assert waiting == PackagingState.WAITING
    assert session.scalars(select(Packaging.state)).one() == PackagingState.DONE
    assert store.damage(holding.package, deep=True) == []
    assert [path for path in (installation.settings.data / "media-outgoing").iterdir() if path.is_dir()] == []


def test_a_backup_is_made_all_the_same(installation: Installation, course: World, line: Line) -> None:
    line.cut(Fault.DOWN)
    asked = line.calls

    assert make(installation.settings, installation.database).about.bucket
    assert line.calls == asked


def _upload(here: Installation, session: Session, world: World, content: bytes) -> None:
    folder = open_uploads(here.settings)
    coming = begin_upload(
        session,
        world.ours.house_scope,
        new=NewUpload("a-film", "da", "film.mp4", len(content)),
        manifests=here.settings.manifests,
        folder=folder,
        largest_bytes=10_000_000,
    )
    note_arrival(session, coming.id, arrived=folder.append(coming.id, at=0, size=len(content), blocks=[content]))
    session.commit()
