"""CloudFront before the bucket: cookies set and renewed with the ticket, checked by a peer with the public key."""

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Response

from elearn.config import SettingError, Settings
from elearn.core import clock as product_clock
from elearn.media import cdn
from elearn.media.tickets import LIFE, Ticket
from tests.client import PageClient
from tests.conftest import settings_in
from tests.media.made import PACKAGE, fill_package
from tests.peers.cdn_server import Cdn, cdn_server, key_pair

pytestmark = pytest.mark.looks

SEGMENT = "180-00000.m4s"
NAMES = {"CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"}


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Cdn]:
    (tmp_path / "films" / PACKAGE).mkdir(parents=True)
    fill_package(tmp_path / "films" / PACKAGE)
    with cdn_server(tmp_path / "films") as server:
        yield server


def at_cdn(peer: Cdn, folder: Path, key_id: str = "K1", **changed: str) -> Settings:
    """Settings under a key that the CDN is told."""
    peer.keys[key_id] = key_pair(folder / f"{key_id}.pem")
    env = {
        "ELEARN_S3_BUCKET": "films",
        "ELEARN_S3_ENDPOINT": "http://127.0.0.1:9",
        "ELEARN_CDN_URL": peer.url,
        "ELEARN_CDN_KEY_ID": key_id,
        "ELEARN_CDN_KEY_FILE": str(folder / f"{key_id}.pem"),
    }
    return settings_in(folder / "data", **env | changed)


def ticket(*, package: str = PACKAGE, age: timedelta = timedelta()) -> Ticket:
    numbers = dict.fromkeys(Ticket.__dataclass_fields__, 0)
    issued_ms = int((product_clock.now() - age).timestamp() * 1000)
    fields = numbers | {"video_id": 7, "package": package, "issued_ms": issued_ms, "skipped": ()}
    return Ticket(**fields)  # type: ignore[arg-type]  # numbers throughout


def status(peer: Cdn, cookies: dict[str, str], path: str = f"/{PACKAGE}/{SEGMENT}") -> int:
    """Ask the CDN as a browser with these cookies does."""
    connection = http.client.HTTPConnection("localhost", peer.server_port)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_the_cookies_open_every_file_of_one_package(peer: Cdn, tmp_path: Path) -> None:
    cookies = cdn.signed_cookies(at_cdn(peer, tmp_path), ticket())

    assert set(cookies) == NAMES
    assert status(peer, cookies) == status(peer, cookies, f"/{PACKAGE}/180-init.mp4") == 200
    assert status(peer, {}) == 403
    others = cdn.signed_cookies(at_cdn(peer, tmp_path), ticket(package="fedcba9876543210"))
    assert status(peer, others) == 403


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_cookie_that_was_changed_or_is_missing_opens_nothing(peer: Cdn, tmp_path: Path, name: str) -> None:
    cookies = cdn.signed_cookies(at_cdn(peer, tmp_path), ticket())
    another = cdn.signed_cookies(at_cdn(peer, tmp_path), ticket(age=-timedelta(days=1)))

    changed = another[name] if name != "CloudFront-Key-Pair-Id" else "K2"
    assert status(peer, cookies | {name: changed}) == 403
    assert status(peer, {kept: value for kept, value in cookies.items() if kept != name}) == 403


def test_they_end_with_the_ticket(peer: Cdn, tmp_path: Path) -> None:
    settings = at_cdn(peer, tmp_path)

    assert status(peer, cdn.signed_cookies(settings, ticket(age=LIFE - timedelta(seconds=10)))) == 200
    assert status(peer, cdn.signed_cookies(settings, ticket(age=LIFE))) == 403


def test_a_new_key_signs_and_cookies_of_the_old_one_stay_good(peer: Cdn, tmp_path: Path) -> None:
    before = cdn.signed_cookies(at_cdn(peer, tmp_path, "K1"), ticket())
    after = cdn.signed_cookies(at_cdn(peer, tmp_path, "K2"), ticket())

    assert after["CloudFront-Key-Pair-Id"] == "K2"
    assert status(peer, before) == status(peer, after) == 200
    del peer.keys["K1"]
    assert (status(peer, before), status(peer, after)) == (403, 200)


def test_over_https_they_are_locked_and_go_to_the_shared_domain(peer: Cdn, tmp_path: Path) -> None:
    settings = at_cdn(
        peer,
        tmp_path,
        ELEARN_PUBLIC_URL="https://kursus.example.dk",
        ELEARN_CDN_URL="https://film.example.dk",
        ELEARN_CDN_COOKIE_DOMAIN="example.dk",
    )
    response = Response()

    cdn.admit(response, settings, ticket())

    cookies = response.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == NAMES
    for cookie in cookies:
        locked = {"Domain=example.dk", "Max-Age=600", "Secure", "HttpOnly", f"Path=/{PACKAGE}/", "SameSite=Lax"}
        assert set(cookie.split("; ")[1:]) >= locked


class TestWatching:
    """Through the endpoints that a player calls."""

    @pytest.fixture
    def settings(self, peer: Cdn, tmp_path: Path) -> Settings:
        return at_cdn(peer, tmp_path)

    def test_the_ticket_brings_the_cookies_and_renewing_renews_them(
        self, peer: Cdn, learner: PageClient, world, session, clock
    ) -> None:
        lesson = world.ours.outline(session).modules[0].lessons[0]

        def open_film(at: datetime) -> tuple[str, dict[str, str]]:
            clock.set(at)
            answer = learner.send(f"/learn/lessons/{lesson.id}/ticket", {"player": "p"})
            assert answer.json["credentials"] is True
            cookies = (cookie.partition(";")[0].partition("=") for cookie in answer.headers.getlist("Set-Cookie"))
            return answer.json["master"], {name: value for name, _, value in cookies if name in NAMES}

        long_ago = datetime.now(UTC) - LIFE - timedelta(seconds=1)
        master, ended = open_film(long_ago)
        package = master.split("/")[3]
        (peer.files / package).mkdir()
        fill_package(peer.files / package)
        segment = learner.get(master.replace("master.m3u8", SEGMENT))

        assert (segment.status_code, segment.headers["Location"]) == (302, f"{peer.url}/{package}/{SEGMENT}")
        assert status(peer, ended, f"/{package}/{SEGMENT}") == 403
        _master, renewed = open_film(datetime.now(UTC))
        assert status(peer, renewed, f"/{package}/{SEGMENT}") == 200

    def test_pages_let_segments_in_from_the_cdn_and_not_from_the_bucket(self, peer: Cdn, learner: PageClient) -> None:
        policy = learner.get("/learn/notes").headers["Content-Security-Policy"]

        assert f"connect-src 'self' {peer.url};" in policy
        assert f"media-src 'self' blob: {peer.url};" in policy
        assert policy.count("http") == 2


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ELEARN_S3_BUCKET": ""}, "go together, and with ELEARN_S3_BUCKET"),
        ({"ELEARN_CDN_KEY_ID": ""}, "go together"),
        ({"ELEARN_CDN_KEY_FILE": "/none.pem"}, "holds no private RSA key"),
        ({"ELEARN_CDN_COOKIE_DOMAIN": "ample.dk"}, "ELEARN_CDN_COOKIE_DOMAIN is 'ample.dk'"),
        ({"ELEARN_CDN_COOKIE_DOMAIN": ""}, "ELEARN_CDN_COOKIE_DOMAIN is ''"),
        ({"ELEARN_CDN_URL": "https://film.example.dk/films"}, "without a path"),
    ],
)
def test_half_a_cdn_is_refused(tmp_path: Path, wrong: dict[str, str], sentence: str) -> None:
    key_pair(tmp_path / "key.pem")
    whole = {
        "ELEARN_PUBLIC_URL": "https://kursus.example.dk",
        "ELEARN_S3_BUCKET": "films",
        "ELEARN_CDN_URL": "https://film.example.dk",
        "ELEARN_CDN_KEY_ID": "K1",
        "ELEARN_CDN_KEY_FILE": str(tmp_path / "key.pem"),
        "ELEARN_CDN_COOKIE_DOMAIN": "example.dk",
    }
    assert settings_in(tmp_path, **whole).films_source == "https://film.example.dk"

    with pytest.raises(SettingError, match=sentence):
        settings_in(tmp_path, **whole | wrong)


def test_nginx_sends_no_films_that_lie_in_a_bucket(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="for films on this machine"):
        settings_in(tmp_path, ELEARN_S3_BUCKET="films", ELEARN_MEDIA_ACCEL="/films")
