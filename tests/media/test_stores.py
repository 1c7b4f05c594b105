"""What every store promises, on this machine, on Swift and on moto; and what only a bucket does."""

import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest

from elearn.config import Settings
from elearn.media.errors import FilmsOutOfReach, WrongBytes
from elearn.media.stores.bucket import connection
from elearn.media.stores.inventory import PART_BYTES
from elearn.media.stores.packages import INVENTORY_FILE, MASTER, NOTES_FILE
from elearn.media.stores.storage import MediaStore, known_missing, open_store
from tests.conftest import TestClock, settings_in
from tests.faults.served import wait_for
from tests.media.made import CAPTIONS, PACKAGE, fill_package, make_package
from tests.peers import moto
from tests.peers import swift as swift_peer
from tests.peers.s3 import S3Service


@dataclass
class Kept:
    """A store, and hands that reach around it."""

    settings: Settings
    put: Callable[[str, bytes], None]
    delete: Callable[[str], None]

    @property
    def store(self) -> MediaStore:
        """As a job opens it."""
        return open_store(self.settings, patient=True)

    @property
    def as_a_page(self) -> MediaStore:
        return open_store(self.settings)


@pytest.fixture(scope="module")
def moto_service() -> Iterator[S3Service]:
    with moto.serving() as service:
        yield service


def in_bucket(service: S3Service, data: Path) -> Kept:
    bucket = service.new_bucket()
    return Kept(
        settings_in(data, **service.settings(bucket)),
        lambda file, content: service.put(bucket, f"{PACKAGE}/{file}", content),
        lambda file: service.delete(bucket, f"{PACKAGE}/{file}"),
    )


@pytest.fixture(params=["local", "swift", "moto"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    if request.param == "local":
        settings = settings_in(tmp_path)
        folder = settings.media / PACKAGE
        return Kept(
            settings,
            lambda file, content: (folder / file).write_bytes(content) and None,
            lambda file: (folder / file).unlink(),
        )
    return in_bucket(request.getfixturevalue("swift" if request.param == "swift" else "moto_service"), tmp_path)


@pytest.fixture(params=["swift", "moto"])
def in_s3(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    return in_bucket(request.getfixturevalue("swift" if request.param == "swift" else "moto_service"), tmp_path)


@pytest.fixture
def on_swift(swift: S3Service, tmp_path: Path) -> Kept:
    return in_bucket(swift, tmp_path)


def fetched(url: str, method: str = "GET") -> tuple[int, bytes, Message]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read(), refused.headers


def test_what_was_made_is_there_whole(kept: Kept) -> None:
    assert kept.store.missing_files(PACKAGE) == [MASTER]

    make_package(kept.store)

    assert kept.store.has(PACKAGE)
    assert (kept.store.missing_files(PACKAGE), kept.store.damage(PACKAGE, deep=True)) == ([], [])
    assert (kept.store.read(PACKAGE, "180.m3u8") or b"").startswith(b"#EXTM3U")
    assert kept.store.notes(PACKAGE) == b"{}"


def test_what_could_not_be_made_is_not_there(kept: Kept) -> None:
    def fail() -> None:
        with kept.store.making(PACKAGE) as folder:
            fill_package(folder)
            raise ValueError("no film")

    with pytest.raises(ValueError, match="no film"):
        fail()

    assert not kept.store.has(PACKAGE)


def test_a_package_that_is_there_stays(kept: Kept) -> None:
    make_package(kept.store)
    make_package(kept.store)

    assert kept.store.damage(PACKAGE, deep=True) == []


def test_a_damaged_package_is_made_whole_by_making_it_again(kept: Kept) -> None:
    make_package(kept.store)
    kept.put("180-00001.m4s", b"too short")
    assert [str(each) for each in kept.store.damage(PACKAGE)] == ["180-00001.m4s has 9 bytes instead of 13000"]

    make_package(kept.store)

    assert kept.store.damage(PACKAGE, deep=True) == []


def test_captions_are_put_beside_a_package_and_read_again(kept: Kept) -> None:
    make_package(kept.store)
    assert (kept.store.has(PACKAGE, CAPTIONS), kept.store.read(PACKAGE, CAPTIONS)) == (False, None)

    kept.store.add(PACKAGE, CAPTIONS, b"WEBVTT")

    assert (kept.store.has(PACKAGE, CAPTIONS), kept.store.read(PACKAGE, CAPTIONS)) == (True, b"WEBVTT")
    assert kept.store.damage(PACKAGE, deep=True) == []


@pytest.mark.parametrize("file", [NOTES_FILE, INVENTORY_FILE, "../secret.key", "180.m3u8/../../x", "", "/etc/passwd"])
def test_only_a_packages_own_names_lead_anywhere(kept: Kept, file: str) -> None:
    make_package(kept.store)

    store = kept.store
    assert (store.has(PACKAGE, file), store.read(PACKAGE, file)) == (False, None)
    assert (store.local_path(PACKAGE, file), store.signed_url(PACKAGE, file)) == (None, None)
    assert (store.read("..", MASTER), store.signed_url("..", MASTER)) == (None, None)
    with pytest.raises(ValueError, match="no name for a file"):
        store.add(PACKAGE, file, b"")


def test_a_file_that_is_gone_is_named(kept: Kept) -> None:
    make_package(kept.store)

    kept.delete("180-00001.m4s")

    assert kept.store.missing_files(PACKAGE) == ["180-00001.m4s"]
    assert [str(each) for each in kept.store.damage(PACKAGE)] == ["180-00001.m4s is missing"]


def test_other_bytes_of_the_same_length_are_found(kept: Kept) -> None:
    make_package(kept.store)
    wrong = b"x" * len(b"180-00001.m4s" * 1000)

    kept.put("180-00001.m4s", wrong)

    assert [each.file for each in kept.store.damage(PACKAGE, deep=True)] == ["180-00001.m4s"]


def test_s3_tells_of_other_bytes_without_giving_them_out(in_s3: Kept) -> None:
    make_package(in_s3.store)

    in_s3.put("180-00001.m4s", b"x" * len(b"180-00001.m4s" * 1000))

    assert [str(each) for each in in_s3.store.damage(PACKAGE)] == [
        "180-00001.m4s holds other bytes than it was made with"
    ]


def test_bytes_that_s3_names_otherwise_are_counted(in_s3: Kept) -> None:
    make_package(in_s3.store)
    settings = in_s3.settings
    client = S3Service(settings.s3_endpoint, settings.s3_key_id, settings.s3_secret).client
    named = {"Bucket": settings.s3_bucket, "Key": f"{PACKAGE}/180-00001.m4s"}
    for content, damaged in ((b"180-00001.m4s" * 1000, []), (b"x" * 13_000, ["180-00001.m4s"])):
        upload = client.create_multipart_upload(**named)["UploadId"]
        tag = client.upload_part(**named, UploadId=upload, PartNumber=1, Body=content)["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
        client.complete_multipart_upload(**named, UploadId=upload, MultipartUpload=parts)

        assert [each.file for each in in_s3.store.damage(PACKAGE)] == damaged


def test_a_page_trusts_for_an_hour_what_was_whole(in_s3: Kept, clock: TestClock) -> None:
    make_package(in_s3.store)
    wait_for(lambda: known_missing(in_s3.as_a_page, PACKAGE) == [], 20)  # a busy machine may need more than one page
    in_s3.delete("180-00001.m4s")

    assert in_s3.as_a_page.missing_files(PACKAGE) == []
    clock.advance(hours=2)
    wait_for(lambda: known_missing(in_s3.as_a_page, PACKAGE) == ["180-00001.m4s"], 20)


def test_a_bucket_knows_what_it_gives_out(in_s3: Kept) -> None:
    make_package(in_s3.store)
    in_s3.store.add(PACKAGE, CAPTIONS, b"WEBVTT")
    in_s3.store.add(PACKAGE, "poster-1000.jpg", b"jpeg")

    told = {}
    for file in (MASTER, "180.m3u8", "180-init.mp4", "180-00000.m4s", CAPTIONS, "poster-1000.jpg"):
        status, _content, headers = fetched(in_s3.store.signed_url(PACKAGE, file) or "")
        assert (status, headers["Cache-Control"]) == (200, "private, max-age=86400, immutable")
        told[file] = headers["Content-Type"]

    assert list(told.values()) == [
        "application/vnd.apple.mpegurl",
        "application/vnd.apple.mpegurl",
        "video/mp4",
        "video/iso.segment",
        "text/vtt; charset=utf-8",
        "image/jpeg",
    ]


def test_a_large_file_goes_in_parts_and_its_way_is_told(in_s3: Kept) -> None:
    heard: list[tuple[int, int]] = []

    with in_s3.store.making(PACKAGE, lambda done, size: heard.append((done, size))) as folder:
        fill_package(folder)
        (folder / "180-00001.m4s").write_bytes(bytes(range(256)) * (PART_BYTES // 256 + 1000))

    assert in_s3.store.damage(PACKAGE, deep=True) == []
    assert heard[-1][0] == heard[-1][1] > PART_BYTES
    assert [done for done, _size in heard] == sorted(done for done, _size in heard)


def test_small_files_are_kept_on_the_machine(in_s3: Kept) -> None:
    make_package(in_s3.store)
    assert in_s3.store.read(PACKAGE, "180.m3u8")

    in_s3.delete("180.m3u8")

    assert in_s3.as_a_page.read(PACKAGE, "180.m3u8")


def test_wrong_bytes_are_neither_shown_nor_kept(in_s3: Kept) -> None:
    make_package(in_s3.store)
    in_s3.put("180.m3u8", b"#EXTM3U\nhttps://elsewhere.test/")
    in_s3.put(CAPTIONS, b"WEBVTT of somebody else")

    for file in ("180.m3u8", CAPTIONS):
        with pytest.raises(WrongBytes):
            in_s3.store.read(PACKAGE, file)


def test_s3_keeps_its_own_checksum_of_what_it_was_sent(moto_service: S3Service, tmp_path: Path) -> None:
    kept = in_bucket(moto_service, tmp_path)
    make_package(kept.store)

    counted = connection(kept.settings).for_work().sha256(f"{PACKAGE}/{MASTER}")

    assert counted is not None
    assert len(counted) == 64


def test_signed_addresses_open_one_file_for_a_while(on_swift: Kept) -> None:
    make_package(on_swift.store)
    url = on_swift.store.signed_url(PACKAGE, "180-00000.m4s") or ""

    assert fetched(url)[:2] == (200, b"180-00000.m4s" * 1000)
    assert fetched(url.partition("?")[0])[0] in (400, 403)
    assert fetched(url.replace("180-00000.m4s", "180-00001.m4s"))[0] == 403
    assert fetched(url[:-1] + ("0" if url[-1] != "0" else "1"))[0] == 403
    assert fetched(url.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"))[0] == 403
    assert fetched(url, "PUT")[0] == fetched(url, "DELETE")[0] == 403


def test_signed_addresses_expire(on_swift: Kept) -> None:
    make_package(on_swift.store)
    url = on_swift.store.signed_url(PACKAGE, MASTER, seconds=4) or ""
    assert fetched(url)[0] == 200

    until = time.monotonic() + 20
    while fetched(url)[0] == 200 and time.monotonic() < until:
        time.sleep(0.5)

    assert fetched(url)[0] == 403


def test_an_address_that_a_stranger_signed_opens_nothing(on_swift: Kept, swift: S3Service) -> None:
    make_package(on_swift.store)
    stranger = S3Service(swift.url, swift_peer.STRANGER_ID, swift_peer.STRANGER_SECRET)
    settings = settings_in(on_swift.settings.data, **stranger.settings(on_swift.settings.s3_bucket))

    assert fetched(open_store(settings).signed_url(PACKAGE, MASTER) or "")[0] in (403, 404)
    with pytest.raises(FilmsOutOfReach):
        open_store(settings).notes(PACKAGE)


@pytest.mark.parametrize("region", ["eu-north-1", "us-east-1"])
def test_the_policy_of_pages_names_where_addresses_lead(tmp_path: Path, region: str) -> None:
    amazon = {"ELEARN_S3_BUCKET": "films", "ELEARN_S3_REGION": region}
    settings = settings_in(tmp_path, **amazon, ELEARN_S3_KEY_ID="AKIA1", ELEARN_S3_SECRET="secret")

    assert (open_store(settings).signed_url(PACKAGE, MASTER) or "").startswith(f"{settings.s3_origin}/{PACKAGE}/")


def test_a_web_server_may_read_films_made_under_a_narrow_umask(settings: Settings) -> None:
    before = os.umask(0o077)
    try:
        store = open_store(settings)
        make_package(store)
        store.add(PACKAGE, CAPTIONS, b"WEBVTT\n")
    finally:
        os.umask(before)

    for path in (settings.media / PACKAGE, *(settings.media / PACKAGE).rglob("*")):
        assert path.stat().st_mode & 0o055 == (0o055 if path.is_dir() else 0o044), path
