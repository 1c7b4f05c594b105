from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from elearn.app import Elearn
from elearn.core import clock as product_clock
from elearn.core.tokens import Tokens
from elearn.media.answering import CannotBeSatisfied, parse_range
from elearn.media.models import Video
from elearn.media.stores.local_store import LocalStore
from elearn.media.tickets import LIFE, Ticket, TicketSigner
from elearn.organisations.models import CourseHouse
from tests.conftest import TestClock

pytestmark = pytest.mark.looks

PACKAGE, OTHER = "0123456789abcdef", "fedcba9876543210"
CONTENT = bytes(range(256)) * 4000
Fetch = Callable[..., TestResponse]


@pytest.fixture
def video(session: Session, app: Elearn, clock: TestClock) -> Video:
    house = CourseHouse(slug="house", name="House", country="DK", email="house@example.org")
    session.add(house)
    session.flush()
    rest = {"generation": 1, "language": "da", "duration_ms": 10_000, "length_s": 10, "manifest": {}}
    videos = [
        Video(course_house_id=house.id, key=key, package=package, published_at=product_clock.now(), **rest)
        for key, package in (("film", PACKAGE), ("other", OTHER))
    ]
    session.add_all(videos)
    session.commit()
    root = LocalStore(app.extensions["elearn"].settings.media).root
    for package in (PACKAGE, OTHER):
        (root / package).mkdir(parents=True)
        (root / package / "720-00000.m4s").write_bytes(CONTENT)
        (root / package / "master.m3u8").write_text("#EXTM3U\n")
        (root / package / "package.json").write_text("{}")
    (root / "secret.txt").write_text("secret")
    return videos[0]


def ticket_for(video_id: int) -> Ticket:
    now = int(product_clock.now().timestamp() * 1000)
    fields = dict.fromkeys(Ticket.__dataclass_fields__, 0)
    return Ticket(**fields | {"video_id": video_id, "package": PACKAGE, "issued_ms": now, "skipped": ()})  # type: ignore[arg-type]  # numbers throughout


@pytest.fixture
def client(app: Elearn, video: Video, tokens: Tokens) -> FlaskClient:
    """A browser with a ticket for the film."""
    client = app.test_client()
    client.set_cookie("ticket", TicketSigner(tokens).sign(ticket_for(video.id)))
    return client


@pytest.fixture
def fetch(client: FlaskClient, video: Video) -> Fetch:
    def get(file: str = "720-00000.m4s", package: str = PACKAGE, method: str = "GET", **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(f"/media/{video.id}/{package}/{file}", method=method, headers=named)

    return get


def test_a_segment_comes_whole(fetch: Fetch) -> None:
    response = fetch()

    assert (response.status_code, response.data) == (200, CONTENT)
    assert response.headers["Content-Type"] == "video/iso.segment"
    assert response.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "Set-Cookie" not in response.headers
    assert fetch("master.m3u8").headers["Content-Type"] == "application/vnd.apple.mpegurl"


def test_head_says_the_same_without_the_bytes(fetch: Fetch) -> None:
    response = fetch(method="HEAD")

    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=300000-900000", 300_000, 900_000),
        ("bytes=1023990-", 1_023_990, 1_023_999),
        ("bytes=-5", 1_023_995, 1_023_999),
        ("bytes=5-99999999", 5, 1_023_999),
    ],
)
def test_a_stretch_is_sent_as_asked(fetch: Fetch, asked: str, first: int, last: int) -> None:
    response = fetch(Range=asked)

    assert response.status_code == 206
    assert response.data == CONTENT[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert response.headers["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "bytes=9-3", "lines=0-1", "bytes=x", "bytes=-", "bytes=" + "9" * 40 + "-"]
)
def test_what_is_no_single_stretch_gets_the_whole(fetch: Fetch, asked: str) -> None:
    assert fetch(Range=asked).status_code == 200


@pytest.mark.parametrize("asked", ["bytes=1024000-", "bytes=-0"])
def test_a_stretch_outside_is_refused(fetch: Fetch, asked: str) -> None:
    response = fetch(Range=asked)

    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */1024000")


@given(size=st.integers(1, 10**6), first=st.integers(0, 10**6), length=st.integers(0, 10**6))
def test_a_stretch_never_leaves_the_file(size: int, first: int, length: int) -> None:
    try:
        stretch = parse_range(f"bytes={first}-{first + length}", size)
    except CannotBeSatisfied:
        assert first >= size
    else:
        assert stretch
        assert (stretch.first, stretch.length) == (first, min(length + 1, size - first))


def test_what_a_browser_has_is_not_sent_again(fetch: Fetch) -> None:
    known = fetch().headers
    for_etag, for_time = fetch(If_None_Match=known["ETag"]), fetch(If_Modified_Since=known["Last-Modified"])

    assert (for_etag.status_code, for_etag.data) == (304, b"")
    assert for_etag.headers["ETag"] == known["ETag"]
    assert for_time.status_code == 304
    assert fetch(If_None_Match='"else"').status_code == 200


def test_a_stretch_of_a_file_that_has_changed_is_the_whole(fetch: Fetch) -> None:
    known = fetch().headers
    long_ago = format_datetime(product_clock.now() - timedelta(days=900), usegmt=True)

    assert fetch(Range="bytes=0-9", If_Range=known["ETag"]).status_code == 206
    assert fetch(Range="bytes=0-9", If_Range=known["Last-Modified"]).status_code == 206
    assert fetch(Range="bytes=0-9", If_Range='"else"').status_code == 200
    assert fetch(Range="bytes=0-9", If_Range=long_ago).status_code == 200


def test_without_a_ticket_for_this_film_nothing_is_sent(
    app: Elearn, video: Video, tokens: Tokens, clock: TestClock
) -> None:
    url = f"/media/{video.id}/{PACKAGE}/720-00000.m4s"
    client = app.test_client()
    assert client.get(url).status_code == 403

    client.set_cookie(
        "ticket", TicketSigner(Tokens("another secret, long enough to be one")).sign(ticket_for(video.id))
    )
    assert client.get(url).status_code == 403

    client.set_cookie("ticket", TicketSigner(tokens).sign(ticket_for(video.id + 1)))
    assert client.get(url).status_code == 403

    client.set_cookie("ticket", TicketSigner(tokens).sign(ticket_for(video.id)))
    assert client.get(url).status_code == 200
    clock.time += LIFE
    assert client.get(url).status_code == 403


def test_nginx_may_go_by_a_check_until_the_ticket_ends_and_no_longer(
    client: FlaskClient, video: Video, clock: TestClock
) -> None:
    path, life_s = f"/media/{video.id}/{PACKAGE}/check", LIFE.total_seconds()

    def stands_s() -> tuple[int, str | None]:
        answer = client.get(path)
        return answer.status_code, answer.headers.get("X-Accel-Expires")

    clock.advance(seconds=1)
    assert stands_s() == (204, str(int(life_s) - 2))
    clock.advance(seconds=life_s - 11)
    assert stands_s() == (204, "9")
    clock.advance(seconds=9.5)
    assert stands_s() == (204, "0")
    clock.advance(seconds=0.5)
    assert stands_s() == (403, None)


def test_a_check_tells_of_this_film_alone(client: FlaskClient, app: Elearn, video: Video) -> None:
    assert client.get(f"/media/{video.id}/{OTHER}/check").status_code == 403
    assert client.get(f"/media/{video.id + 1}/{PACKAGE}/check").status_code == 403
    assert app.test_client().get(f"/media/{video.id}/{PACKAGE}/check").status_code == 403


def test_a_ticket_opens_no_other_films_package(fetch: Fetch) -> None:
    assert fetch(package=OTHER).status_code == 404


@pytest.mark.parametrize(
    "file",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "package.json",
        ".lock",
        "720-00001.m4s",
        "captions/../master.m3u8",
        "x",
    ],
)
def test_only_a_packages_own_files_are_sent(fetch: Fetch, file: str) -> None:
    assert fetch(file).status_code == 404
