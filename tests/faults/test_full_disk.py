"""A disk without one free byte: refused for now, nothing half made, and everything goes on once there is room."""

import base64
import gc
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.test import TestResponse

from elearn.app import create_app
from elearn.core import clock as product_clock
from elearn.feedback.models import FeedbackBatch, ReleasedAnswer, SpooledResponse
from elearn.jobs.queue import run_due
from elearn.mail.models import Letter
from elearn.mail.services import queue
from elearn.media.models import Packaging, PackagingState
from elearn.media.packagings import working
from elearn.media.uploads import folder
from elearn.media.uploads.folder import open_uploads
from elearn.media.uploads.services import NewUpload, begin_upload, note_arrival
from elearn.operations.backups.folder import Backups
from elearn.operations.backups.making import make
from elearn.operations.backups.restoring import check_whole
from elearn.operations.errors import ToolFailed
from tests.client import PageClient, check_page
from tests.conftest import TestClock, settings_in
from tests.databases import ENGINE, Databases, PostgresDatabases
from tests.faults.presses import House, about_to_press
from tests.faults.small_disk import SmallDisk, database_on, small_disk
from tests.faults.works.releases import ANSWERS, QUESTIONS, fill_round
from tests.media.clips import make_clip
from tests.tus import PIECE, UPLOADS
from tests.world import make_world

pytestmark = pytest.mark.race
FILM = random.Random(3).randbytes(2_000_000)
LETTER = {"name": "Bo", "house": "Huset"}
PRESSES = ("progress", "order", "list", "answers", "name", "sign-in")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(tmp_path_factory.mktemp("full") / "disk", megabytes=64) as disk:
        yield disk


@pytest.fixture(scope="module")
def house(disk: SmallDisk, databases: Databases) -> Iterator[House]:
    """A house whose database and data folder lie on the small disk."""
    with database_on(disk, databases) as url:
        changed = {"ELEARN_DATABASE": url, "ELEARN_MANIFESTS": str(disk.folder / "ours" / "media_manifest")}
        tools = databases.server.bin_path if isinstance(databases, PostgresDatabases) else None
        if tools:
            changed["ELEARN_POSTGRESQL_TOOLS"] = str(tools)
        app = create_app(settings_in(disk.folder / "data", **changed))
        app.test_client_class = PageClient
        product_clock.set_source(TestClock())
        installation = app.extensions["elearn"]
        with installation.database.writer() as session:
            house = House(app, make_world(session, installation, disk.folder))
            installation.settings.data.mkdir(exist_ok=True)
            session.commit()
            about_to_press(house, session)
        product_clock.set_source(None)
        yield house
        installation.database.dispose()


@pytest.fixture
def full(disk: SmallDisk, house: House, clock: TestClock) -> Iterator[SmallDisk]:
    """The disk, filled; SQLite has no room left in its log either, PostgreSQL still has some in its pages."""
    if ENGINE == "sqlite":
        with house.installation.database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    disk.fill()
    yield disk
    disk.make_room()


class Sender:
    """An owner's browser that sends a film."""

    def __init__(self, browser: PageClient) -> None:
        self._browser = browser
        self._always = {"Tus-Resumable": "1.0.0", "X-CSRFToken": browser.csrf_token(), "Accept": "application/json"}

    def ask(self, method: str, path: str, data: bytes = b"", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._browser.open(path, method=method, data=data, headers=self._always | named)

    def begin(self, size: int) -> str:
        told = {"film": "another-film", "filename": "film.mp4", "language": "da"}
        metadata = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
        return self.ask("POST", UPLOADS, Upload_Length=str(size), Upload_Metadata=metadata).headers["Location"]

    def send(self, path: str, at: int, piece: bytes) -> TestResponse:
        return self.ask("PATCH", path, piece, Content_Type=PIECE, Upload_Offset=str(at))


@pytest.mark.parametrize("name", PRESSES)
def test_a_press_is_refused_for_now_and_works_once_there_is_room(full: SmallDisk, house: House, name: str) -> None:
    press, before = house.presses[name], house.counts()

    refused = press.press()
    after = house.counts()
    full.make_room()
    again = press.press()

    if ENGINE == "sqlite" or refused.status_code == 503:  # PostgreSQL's pages may still have room for it
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert after == before
    if refused.is_json is False and refused.status_code == 503:
        assert check_page(name, refused).h1.text in ("We will be right back", "Vi er snart tilbage")
    assert again.status_code in (200, 303), again.text
    assert all(house.counts()[model.__tablename__] > before[model.__tablename__] for model in press.writes)


def test_what_is_there_is_still_shown_and_the_owner_sees_why(full: SmallDisk, house: House) -> None:
    full.make_room()
    side = house.world.ours
    learner, owner, buyer = (
        house.app.test_client().signed_in_as(who) for who in (side.learner, side.owner, side.buyer)
    )
    with house.installation.database.reader() as session:
        module_id = side.outline(session).modules[0].id
    full.fill()
    house.installation.database.dispose()  # whoever comes now opens the database anew

    for client, path in (
        (learner, "/learn"),
        (learner, f"/learn/modules/{module_id}"),
        (learner, "/learn/certificates"),
        (buyer, f"/municipalities/{side.municipality.id}/licences/{side.licence.id}"),
        (owner, "/owner"),
    ):
        client.page(path)

    assert "Make room" in owner.page("/owner/status").find("b", string="Disk").find_parent("li").text


def test_jobs_wait_for_room_and_are_done_by_themselves(full: SmallDisk, house: House, clock: TestClock) -> None:
    full.make_room()
    waiting = write_letters(house)
    full.fill()
    for _round in range(4):
        with suppress(SQLAlchemyError):  # as the worker does
            run_due(house.installation)
        clock.advance(hours=1)
    full.make_room()
    run_due(house.installation)

    assert sent(house, waiting) == waiting


def test_a_weeks_release_is_made_once_and_whole_when_there_is_room(
    full: SmallDisk, house: House, clock: TestClock
) -> None:
    full.make_room()
    with house.installation.database.transaction() as session:
        round_id = fill_round(session)
    full.fill()
    before = released(house, round_id)
    for _round in range(4):
        with suppress(SQLAlchemyError):  # as the worker does
            run_due(house.installation)
        clock.advance(hours=1)
    meanwhile = released(house, round_id)
    full.make_room()
    run_due(house.installation)

    assert before == meanwhile == {"batches": 0, "answers": 0, "spooled": ANSWERS}
    assert released(house, round_id) == {"batches": 1, "answers": ANSWERS * len(QUESTIONS), "spooled": 0}


def released(house: House, round_id: int) -> dict[str, int]:
    """Return what a round's release has made, and what still waits for it."""
    tables = {"batches": FeedbackBatch, "answers": ReleasedAnswer, "spooled": SpooledResponse}
    with house.installation.database.reader() as session:
        return {
            name: session.scalar(select(func.count()).select_from(table).where(table.round_id == round_id)) or 0
            for name, table in tables.items()
        }


@pytest.mark.looks
def test_letters_that_are_written_to_files_lie_there_whole_or_not_at_all(house: House, clock: TestClock) -> None:
    folder = house.installation.settings.mail_folder
    with small_disk(folder, megabytes=1) as disk:
        waiting = write_letters(house)
        disk.fill(but=4096)
        run_due(house.installation)
        left = [path.name for path in folder.glob(".*.part")]
        disk.make_room()
        for _letter in waiting:
            clock.advance(hours=1)
            run_due(house.installation)

        assert left == []
        assert sent(house, waiting) == waiting


def write_letters(house: House) -> list[int]:
    with house.installation.database.transaction() as session:
        return [
            queue(session, "learning/nudge", to="bo@x.example", language="da", context=LETTER).id
            for _letter in range(3)
        ]


def sent(house: House, letters: list[int]) -> list[int]:
    with house.installation.database.reader() as session:
        return sorted(session.scalars(select(Letter.id).where(Letter.id.in_(letters), Letter.sent_at.is_not(None))))


@pytest.mark.looks
def test_bytes_of_a_film_that_find_no_room_are_refused_and_sending_goes_on(
    full: SmallDisk, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "KEPT_FREE_BYTES", 0)
    full.make_room()
    owner = house.app.test_client().signed_in_as(house.world.ours.owner)
    sender = Sender(owner)
    path = sender.begin(len(FILM))
    first = sender.send(path, 0, FILM[:100_000])
    full.fill()
    refused = sender.send(path, 100_000, FILM[100_000:])
    arrived = int(sender.ask("HEAD", path).headers["Upload-Offset"])
    full.make_room()
    rest = sender.send(path, arrived, FILM[arrived:])

    assert first.status_code == rest.status_code == 204
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert "disk is nearly full" in refused.json["error"]
    assert open_uploads(house.installation.settings).path(path.rsplit("/", 1)[-1]).read_bytes() == FILM


@pytest.mark.looks
def test_a_film_is_packaged_once_there_is_room_however_long_that_takes(
    disk: SmallDisk, house: House, clock: TestClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "KEPT_FREE_BYTES", 0)
    monkeypatch.setattr(working, "MOST_TRIES", 1)  # as often as what nobody understands is tried
    here, clip = house.installation, make_clip(tmp_path / "clip.mp4", seconds=5)
    with here.database.transaction() as session:
        coming = begin_upload(
            session,
            house.world.ours.house_scope,
            new=NewUpload("a-film", "da", "film.mp4", clip.stat().st_size),
            manifests=here.settings.manifests,
            folder=open_uploads(here.settings),
            largest_bytes=10**9,
        )
        content = clip.read_bytes()
        open_uploads(here.settings).append(coming.id, at=0, size=len(content), blocks=[content])
        note_arrival(session, coming.id, arrived=len(content))
    disk.fill(but=200_000)
    for _run in range(2):
        with suppress(SQLAlchemyError):
            run_due(here, queue="media")
        clock.advance(hours=1)
    halves = [path for path in here.settings.media.glob("*") if path.is_dir()]
    disk.make_room()
    run_due(here, queue="media")

    with here.database.reader() as session:
        packaging = session.scalars(select(Packaging).where(Packaging.film_key == "a-film")).one()
    assert halves == []
    assert (packaging.state, packaging.problem) == (PackagingState.DONE, None)


def test_a_backup_that_finds_no_room_leaves_nothing_and_the_next_is_whole(
    disk: SmallDisk, house: House, clock: TestClock
) -> None:
    here, settings = house.installation, house.installation.settings
    disk.fill(but=400_000)
    with pytest.raises((OSError, sqlite3.OperationalError, SQLAlchemyError, ToolFailed)):
        make(settings, here.database)
    left = [path.name for path in (*settings.backups.glob(".*"), *settings.data.glob(".backup-*"))]
    names = Backups(settings.backups).names()
    disk.make_room()
    made = make(settings, here.database)

    assert (left, names) == ([".lock"], [])
    assert check_whole(Backups(settings.backups), made.name).rows


def encode_multipart(fields: dict[str, str], file: bytes) -> tuple[str, bytes]:
    """Return a form as browsers send it, and its type; werkzeug's own client would need the temporary folder."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'Content-Disposition: form-data; name="file"; filename="staff.csv"\r\n\r\n' + file)
    return "multipart/form-data; boundary=bound", b"".join(b"--bound\r\n%s\r\n" % part for part in parts) + b"--bound--"


@pytest.mark.looks
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_full_temporary_folder_refuses_large_forms_for_now(
    tmp_path: Path, house: House, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    buyer = house.app.test_client().signed_in_as(house.world.ours.buyer)
    side = house.world.ours
    path = f"/municipalities/{side.municipality.id}/licences/{side.licence.id}/list"
    rows = b"Mail\n" + b"a@x.example\n" * 60_000  # werkzeug keeps larger files than 500 kB on the disk
    fields = {"csrf_token": buyer.csrf_token(), "language": "da", "holds_until": "2027-01-04"}
    kind, body = encode_multipart(fields, rows)

    def hand_in() -> TestResponse:
        return buyer.post(path, data=body, content_type=kind)

    with small_disk(tmp_path / "tmp", megabytes=1) as temporary:
        temporary.fill()
        refused = hand_in()
        gc.collect()  # werkzeug leaves the file that found no room to whoever clears up
        temporary.make_room()
        taken = hand_in()

    assert (refused.status_code, taken.status_code) == (503, 303)
