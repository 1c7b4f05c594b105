"""Playing a film that lies in a bucket: small files from the product, segments from the bucket itself, by Swift."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from elearn.app import Elearn, create_app
from elearn.config import Settings
from elearn.media.stores.bucket import connection
from elearn.media.stores.packages import MASTER
from elearn.media.stores.storage import open_store
from elearn.media.tickets import Ticket, TicketSigner
from tests.conftest import settings_in
from tests.faults.served import wait_for
from tests.media.made import CAPTIONS, PACKAGE, make_package
from tests.peers.line import UNLIKE_A_PRESS_S, Fault, line_to
from tests.peers.s3 import S3Service

pytestmark = pytest.mark.looks

OTHER = "fedcba9876543210"
FILM = 7
SEGMENT = "180-00000.m4s"
BYTES = SEGMENT.encode() * 1000
Fetch = Callable[..., TestResponse]
AWAY = {"ELEARN_S3_ENDPOINT": "http://127.0.0.1:9"}


@pytest.fixture
def in_bucket(swift: S3Service, tmp_path: Path) -> Settings:
    """A film in a bucket, and in this machine's memory nothing of it yet."""
    settings = settings_in(tmp_path / "makers", **swift.settings(swift.new_bucket()))
    store = open_store(settings, patient=True)
    make_package(store)
    store.add(PACKAGE, CAPTIONS, b"WEBVTT\n\n00:01.000 --> 00:02.000\nHej\n")
    return settings


@pytest.fixture
def environment(in_bucket: Settings, swift: S3Service) -> dict[str, str]:
    return swift.settings(in_bucket.s3_bucket)


@pytest.fixture
def app(environment: dict[str, str], tmp_path: Path) -> Elearn:
    return create_app(settings_in(tmp_path / "data", **environment))


@pytest.fixture
def fetch(app: Elearn) -> Fetch:
    return fetch_from(app)


def with_ticket(app: Elearn) -> FlaskClient:
    client, here = app.test_client(), app.extensions["elearn"]
    numbers = dict.fromkeys(Ticket.__dataclass_fields__, 0)
    fields = numbers | {"video_id": FILM, "package": PACKAGE, "issued_ms": int(time.time() * 1000), "skipped": ()}
    client.set_cookie("ticket", TicketSigner(here.tokens).sign(Ticket(**fields)))  # type: ignore[arg-type]  # numbers throughout
    return client


def fetch_from(app: Elearn) -> Fetch:
    client = with_ticket(app)

    def get(file: str = SEGMENT, package: str = PACKAGE, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(f"/media/{FILM}/{package}/{file}", method=method, headers=named)

    return get


def follow(answer: TestResponse, method: str = "GET", **headers: str) -> tuple[int, bytes, Message]:
    """Fetch what a redirect leads to, as a browser does."""
    assert answer.status_code == 302
    asked = urllib.request.Request(answer.headers["Location"], method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=10) as got:
            return got.status, got.read(), got.headers
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read(), refused.headers


@pytest.mark.parametrize("file", [SEGMENT, "180-init.mp4"])
def test_a_segment_is_fetched_from_the_bucket_by_an_address_good_for_a_minute(fetch: Fetch, file: str) -> None:
    answer = fetch(file)

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["X-Amz-Expires"] == ["60"]
    status, content, headers = follow(answer)
    assert (status, len(content) > 0) == (200, True)
    assert headers["Content-Type"] in ("video/iso.segment", "video/mp4")


def test_head_and_ranges_go_by_way_of_the_redirect(fetch: Fetch) -> None:
    status, content, headers = follow(fetch(Range="bytes=10-19"), Range="bytes=10-19")
    assert (status, content) == (206, BYTES[10:20])

    status, content, headers = follow(fetch(method="HEAD"), "HEAD")
    assert (status, content, headers["Content-Length"]) == (200, b"", str(len(BYTES)))


def wait_until_read(fetch: Fetch) -> None:
    """A page waits for the bucket for half a second, which on a busy machine is short; then it is in memory."""
    for file in (MASTER, CAPTIONS):
        wait_for(lambda file=file: fetch(file).status_code == 200, 20)


def test_small_files_come_from_the_product(fetch: Fetch) -> None:
    wait_until_read(fetch)
    playlist, captions = fetch(MASTER), fetch(CAPTIONS)

    assert (playlist.status_code, playlist.headers["Content-Type"]) == (200, "application/vnd.apple.mpegurl")
    assert playlist.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert captions.data.startswith(b"WEBVTT")
    known = captions.headers["ETag"]
    assert fetch(CAPTIONS, If_None_Match=known).status_code == 304
    stretch = fetch(CAPTIONS, Range="bytes=0-5")
    assert (stretch.status_code, stretch.data) == (206, b"WEBVTT")
    assert fetch(CAPTIONS, Range="bytes=0-5", If_Range=known).status_code == 206
    assert fetch(CAPTIONS, Range="bytes=0-5", If_Range='"another"').status_code == 200
    assert fetch(CAPTIONS, Range="bytes=9999-").status_code == 416
    head = fetch(CAPTIONS, method="HEAD")
    assert (head.data, head.headers["Content-Length"]) == (b"", captions.headers["Content-Length"])


def test_what_the_bucket_does_not_have_is_missing_and_not_away(fetch: Fetch) -> None:
    gone = CAPTIONS.replace("da-", "en-")

    wait_for(lambda: fetch(gone).status_code != 503, 20)
    assert fetch(gone).status_code == 404


@pytest.mark.parametrize("file", [SEGMENT, MASTER])
def test_without_a_ticket_for_this_film_nobody_is_told_where_it_is(app: Elearn, fetch: Fetch, file: str) -> None:
    path = f"/media/{FILM}/{PACKAGE}/{file}"
    stranger = app.test_client()
    assert stranger.get(path).status_code == 403

    stranger.set_cookie("ticket", "Wzdd.forged")
    assert stranger.get(path).status_code == 403
    assert fetch(file, package=OTHER).status_code == 404
    assert with_ticket(app).get(f"/media/{FILM + 1}/{PACKAGE}/{file}").status_code == 403


def test_an_address_that_was_changed_opens_nothing(fetch: Fetch) -> None:
    answer = fetch()
    for told, changed in ((SEGMENT, "180-00001.m4s"), ("X-Amz-Expires=60", "X-Amz-Expires=6000")):
        answer.headers["Location"] = fetch().headers["Location"].replace(told, changed)
        assert follow(answer)[0] == 403


@pytest.mark.parametrize("file", ["package.json", "inventory.json", "..%2f..%2fx", "x"])
def test_only_a_packages_own_files_have_an_address(fetch: Fetch, file: str) -> None:
    assert fetch(file).status_code == 404


BAD = [Fault.DOWN, Fault.SILENT, Fault.DRIPPING, Fault.HALF, Fault.CHANGES_ANSWERS]


@pytest.mark.parametrize("fault", BAD)
def test_over_a_bad_line_a_player_is_told_when_to_come_again(
    swift: S3Service, in_bucket: Settings, tmp_path: Path, fault: Fault
) -> None:
    with line_to(swift.url) as line:
        settings = settings_in(tmp_path / "data", **swift.settings(in_bucket.s3_bucket, line.url))
        fetch = fetch_from(create_app(settings))
        connection(settings)  # boto3 takes its time the first time, whatever the line does
        line.fault = fault
        began = time.monotonic()

        answer = fetch(MASTER)

        assert time.monotonic() - began < UNLIKE_A_PRESS_S
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Cache-Control"] == "no-store"
        assert fetch().status_code == 302, "the bucket is not asked where a segment is"


def test_what_was_read_once_is_there_while_the_bucket_is_away(fetch: Fetch, environment, tmp_path: Path) -> None:
    wait_until_read(fetch)

    later = fetch_from(create_app(settings_in(tmp_path / "data", **environment | AWAY)))

    assert later(MASTER).status_code == later(CAPTIONS).status_code == 200


def test_pages_let_segments_in_from_the_bucket_and_nothing_else(app: Elearn, in_bucket: Settings) -> None:
    policy = dict(
        part.split(" ", 1) for part in app.test_client().get("/sign-in").headers["Content-Security-Policy"].split("; ")
    )

    ours = f"{in_bucket.s3_endpoint}/{in_bucket.s3_bucket}/"
    assert policy["connect-src"] == f"'self' {ours}"
    assert policy["media-src"] == f"'self' blob: {ours}"
    assert [name for name, sources in policy.items() if "http" in sources] == ["media-src", "connect-src"]
