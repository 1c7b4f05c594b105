"""Uploads as rows and files: beginning, arriving, dropping, and what is left behind."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from elearn.core.audit import AuditEvent
from elearn.core.errors import NotFound
from elearn.core.installation import Installation
from elearn.jobs.models import Job
from elearn.jobs.queue import run_due
from elearn.media.errors import OtherLanguage
from elearn.media.models import Film, FilmUpload, Packaging, PackagingState
from elearn.media.packagings.errors import PackagingUnderWay
from elearn.media.uploads import folder as folder_module
from elearn.media.uploads.errors import (
    BadUpload,
    FilmTooLarge,
    NoRoom,
    TooManyBytes,
    TooManyUploads,
    UploadUnderWay,
    WrongChecksum,
    WrongOffset,
)
from elearn.media.uploads.folder import Checksum, UploadFolder
from elearn.media.uploads.queries import upload_of
from elearn.media.uploads.services import (
    MOST_OF_A_HOUSE,
    NewUpload,
    begin_upload,
    drop_abandoned,
    drop_upload,
    note_arrival,
    note_whole_ones,
    remove_orphans,
    shown_name,
)
from tests.conftest import TestClock
from tests.world import Side, World

FILM = bytes(range(256)) * 40


class Cut(Exception):
    """The line was cut."""


@pytest.fixture
def folder(tmp_path: Path) -> UploadFolder:
    return UploadFolder(tmp_path / "uploads")


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    return tmp_path / "manifests"


def begin(
    session: Session,
    side: Side,
    folder: UploadFolder,
    manifests: Path,
    key: str = "a-film",
    language: str = "da",
    size: int = len(FILM),
    name: str = "film.mp4",
) -> FilmUpload:
    return begin_upload(
        session,
        side.house_scope,
        new=NewUpload(key, language, name, size),
        manifests=manifests,
        folder=folder,
        largest_bytes=1_000_000,
    )


def arrive(session: Session, folder: UploadFolder, upload: FilmUpload) -> None:
    """The whole film comes."""
    at = folder.arrived(upload.id)
    arrived = folder.append(upload.id, at=at, size=upload.size_bytes, blocks=[FILM[at:]])
    note_arrival(session, upload.id, arrived=arrived)


def waiting(session: Session) -> list[str]:
    """Return the films that wait to be packaged."""
    return list(session.scalars(select(Packaging.film_key).where(Packaging.state == PackagingState.WAITING)))


def cut_after(content: bytes, count: int, block: int = 1000) -> Iterator[bytes]:
    """Yield the blocks of a line that is cut."""
    for start in range(0, count, block):
        yield content[start : min(start + block, count)]
    raise Cut


def test_a_film_that_has_arrived_waits_to_be_packaged(session, world: World, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests)
    before = waiting(session)
    arrive(session, folder, upload)

    assert (before, waiting(session)) == ([], ["a-film"])
    assert upload.whole_at is not None
    assert session.scalars(select(Job.name).where(Job.name == "media.package")).all() == ["media.package"]
    kinds = session.scalars(select(AuditEvent.kind).order_by(AuditEvent.id.desc()).limit(3)).all()
    assert kinds == ["media.packaging.asked", "media.upload.whole", "media.upload.begun"]


def test_noting_the_last_byte_twice_asks_once(session, world: World, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests)
    arrive(session, folder, upload)
    note_arrival(session, upload.id, arrived=len(FILM))

    assert len(session.scalars(select(Packaging)).all()) == 1


def test_what_arrived_when_the_server_died_is_noted_later(session, world: World, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests)
    other = begin(session, world.ours, folder, manifests, "another")
    folder.append(upload.id, at=0, size=len(FILM), blocks=[FILM])
    folder.append(other.id, at=0, size=len(FILM), blocks=[FILM[:-1]])

    note_whole_ones(session, folder)

    assert waiting(session) == ["a-film"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"key": "A film"}, BadUpload),
        ({"key": "../../etc"}, BadUpload),
        ({"language": "sv"}, BadUpload),
        ({"size": 0}, BadUpload),
        ({"size": 1_000_001}, FilmTooLarge),
    ],
)
def test_what_is_no_film_is_refused(changed, refusal, session, world: World, folder, manifests) -> None:
    with pytest.raises(refusal):
        begin(session, world.ours, folder, manifests, **changed)

    assert not session.scalars(select(FilmUpload)).all()


def test_a_film_belongs_to_the_house_that_brought_it(session, world: World, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests)

    with pytest.raises(NotFound):
        begin(session, world.theirs, folder, manifests)
    with pytest.raises(NotFound):
        upload_of(session, world.theirs.house_scope, upload.id)
    assert session.get_one(Film, "a-film").course_house_id == world.ours.house.id


def test_a_manifest_that_names_no_house_is_nobodys_while_there_are_two(session, world, folder, manifests) -> None:
    manifests.mkdir()
    (manifests / "a-film.yaml").write_text("id: a-film\nlanguage: da\n")

    with pytest.raises(NotFound):
        begin(session, world.ours, folder, manifests)


def test_a_film_keeps_its_language(session, world: World, folder, manifests) -> None:
    drop_upload(session, upload=begin(session, world.ours, folder, manifests), by=world.ours.owner)
    manifests.mkdir()
    (manifests / "a-film.yaml").write_text("id: a-film\nlanguage: da\n")

    with pytest.raises(OtherLanguage):
        begin(session, world.ours, folder, manifests, language="nb")


def test_a_film_is_uploaded_once_at_a_time_and_a_house_uploads_few(session, world: World, folder, manifests) -> None:
    begin(session, world.ours, folder, manifests)
    with pytest.raises(UploadUnderWay):
        begin(session, world.ours, folder, manifests, name="another.mp4")
    for number in range(1, MOST_OF_A_HOUSE):
        begin(session, world.ours, folder, manifests, f"film-{number}")

    with pytest.raises(TooManyUploads):
        begin(session, world.ours, folder, manifests, "one-more")
    assert begin(session, world.theirs, folder, manifests, "theirs")


def test_who_asks_again_since_the_answer_was_lost_gets_the_same_upload(session, world, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests, name="Første dag.mp4")

    assert begin(session, world.ours, folder, manifests, name="Første dag.mp4").id == upload.id

    for other in ({"size": 7}, {"language": "nb"}, {"name": "another.mp4"}):
        with pytest.raises(UploadUnderWay):
            begin(session, world.ours, folder, manifests, **({"name": "Første dag.mp4"} | other))
    folder.append(upload.id, at=0, size=upload.size_bytes, blocks=[FILM[:1]])
    with pytest.raises(UploadUnderWay):
        begin(session, world.ours, folder, manifests, name="Første dag.mp4")


def test_a_film_that_is_being_packaged_is_let_alone(session, world: World, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests)
    arrive(session, folder, upload)

    with pytest.raises(PackagingUnderWay):
        begin(session, world.ours, folder, manifests)
    with pytest.raises(PackagingUnderWay):
        drop_upload(session, upload=upload, by=world.ours.owner)


def test_a_nearly_full_disk_takes_nothing_more(
    session, world: World, folder, manifests, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begin(session, world.ours, folder, manifests)
    free = [folder_module.KEPT_FREE_BYTES + 5_000]
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: _Usage(free[0]))

    with pytest.raises(NoRoom):
        begin(session, world.ours, folder, manifests, "another")
    with pytest.raises(NoRoom):
        folder.append(upload.id, at=0, size=len(FILM), blocks=[FILM[:4000], FILM[4000:]])
    assert folder.arrived(upload.id) == 4000


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_a_dropped_upload_loses_its_row_at_once_and_its_file_soon(
    installation: Installation, session, world: World, manifests
) -> None:
    folder = UploadFolder(installation.settings.uploads)
    upload = begin(session, world.ours, folder, manifests)
    folder.append(upload.id, at=0, size=len(FILM), blocks=[FILM[:100]])
    drop_upload(session, upload=upload, by=world.ours.owner)
    session.commit()

    note_arrival(session, upload.id, arrived=len(FILM))  # bytes that were on their way
    run_due(installation)

    assert session.scalars(select(FilmUpload)).all() == []
    assert waiting(session) == []
    assert not folder.path(upload.id).exists()


def test_what_nobody_goes_on_with_is_removed(session, world: World, folder, manifests, clock: TestClock) -> None:
    abandoned = begin(session, world.ours, folder, manifests)
    waiting = begin(session, world.ours, folder, manifests, "waiting")
    arrive(session, folder, waiting)
    clock.advance(days=2)
    begin(session, world.ours, folder, manifests, "newer")
    clock.advance(days=2)

    drop_abandoned(session)

    assert set(session.scalars(select(FilmUpload.film_key))) == {"waiting", "newer"}
    job = session.scalars(select(Job).where(Job.name == "uploads.remove_file")).one()
    assert job.arguments == {"upload_id": abandoned.id}


def test_files_without_rows_are_removed_after_an_hour(session, world: World, folder, manifests) -> None:
    upload = begin(session, world.ours, folder, manifests)
    for upload_id in (upload.id, "0" * 32, "1" * 32):
        folder.append(upload_id, at=0, size=10, blocks=[b"abc"])
    for name in (upload.id, "0" * 32):
        os.utime(folder.path(name), (0, 0))

    remove_orphans(session, folder)

    assert {path.name for path in folder.root.iterdir()} == {upload.id, "1" * 32}


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("C:\\Users\\mette\\Film.mp4", "Film.mp4"),
        ("../../etc/passwd", "passwd"),
        ("\x00\n..", "film"),
        ("", "film"),
        ("Børn & æbler.mov", "Børn & æbler.mov"),
    ],
)
def test_file_names_are_shown_without_their_folders(said: str, shown: str) -> None:
    assert shown_name(said) == shown


def test_a_long_file_name_fits_a_folder() -> None:
    assert len(shown_name("å" * 500 + ".mp4").encode()) <= 200
    assert shown_name("å" * 500 + ".mp4").endswith(".mp4")


def test_bytes_follow_what_is_there_or_are_refused(folder: UploadFolder) -> None:
    folder.append("a", at=0, size=10, blocks=[b"12345"])

    with pytest.raises(WrongOffset) as refused:
        folder.append("a", at=3, size=10, blocks=[b"45"])
    with pytest.raises(TooManyBytes):
        folder.append("a", at=5, size=10, blocks=[b"678", b"901"])

    assert refused.value.arrived == 5
    assert folder.path("a").read_bytes() == b"12345678"


def test_a_wrong_checksum_stores_nothing(folder: UploadFolder) -> None:
    folder.append("a", at=0, size=10, blocks=[b"12345"])
    right = hashlib.sha256(b"67890").digest()

    with pytest.raises(WrongChecksum):
        folder.append("a", at=5, size=10, blocks=[b"6789", b"1"], checksum=Checksum("sha256", right))
    with pytest.raises(Cut):
        folder.append("a", at=5, size=10, blocks=cut_after(b"67890", 3), checksum=Checksum("sha256", right))
    assert folder.path("a").read_bytes() == b"12345"
    assert {path.name for path in folder.root.iterdir()} == {"a"}

    assert folder.append("a", at=5, size=10, blocks=[b"67", b"890"], checksum=Checksum("sha256", right)) == 10
    assert folder.path("a").read_bytes() == b"1234567890"


def test_a_silent_sender_keeps_nobody_from_going_on_and_adds_nothing_afterwards(folder: UploadFolder) -> None:
    def silent_in_the_middle() -> Iterator[bytes]:
        yield b"12345"
        assert folder.append("a", at=5, size=10, blocks=[b"678"]) == 8
        yield b"XXX"

    with pytest.raises(WrongOffset) as refused:
        folder.append("a", at=0, size=10, blocks=silent_in_the_middle())

    assert refused.value.arrived == 8
    assert folder.path("a").read_bytes() == b"12345678"


def test_of_many_senders_of_the_same_bytes_each_byte_is_stored_once(folder: UploadFolder) -> None:
    """They all send the whole film in small blocks, again and again from where it stands, until it is whole."""

    def send() -> None:
        while (at := folder.arrived("a")) < len(FILM):
            with suppress(WrongOffset):
                folder.append("a", at=at, size=len(FILM), blocks=(FILM[i : i + 64] for i in range(at, len(FILM), 64)))

    with ThreadPoolExecutor(6) as senders:
        for sent in [senders.submit(send) for _ in range(6)]:
            sent.result(30)

    assert folder.path("a").read_bytes() == FILM


@given(
    content=st.binary(min_size=1, max_size=5000),
    tries=st.lists(st.tuples(st.integers(1, 3000), st.booleans(), st.booleans()), max_size=12),
)
def test_any_cuts_and_resumes_come_to_the_same_file(
    content: bytes, tries: list[tuple[int, bool, bool]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each try sends a piece; it is cut or not, checked or not. What is there is always a beginning of the film."""
    folder = UploadFolder(tmp_path_factory.mktemp("cuts"))
    for length, is_cut, is_checked in [*tries, (len(content), False, True)]:
        at = folder.arrived("a")
        piece = content[at : at + length]
        checksum = Checksum("sha1", hashlib.sha1(piece).digest()) if is_checked else None
        blocks = cut_after(piece, len(piece) * 2 // 3, 100) if is_cut else [piece]
        try:
            folder.append("a", at=at, size=len(content), blocks=blocks, checksum=checksum)
        except Cut:
            assert is_cut
        here = folder.path("a").read_bytes()
        assert here == content[: len(here)]
        assert len(here) == (at if is_cut and is_checked else at + (len(piece) * 2 // 3 if is_cut else len(piece)))
    assert folder.path("a").read_bytes() == content
