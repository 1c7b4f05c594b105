"""nginx before the product, by the configuration that is shipped: what the ticket opens, and nothing else."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from flask import request

from elearn.app import Elearn
from elearn.media.tickets import LIFE, Ticket, TicketSigner
from tests.peers.nginx_server import ACCEL, BY_AUTH_REQUEST, BY_X_ACCEL, nginx_before
from tests.walks.conftest import serving

PACKAGE, OTHER = "0123456789abcdef", "fedcba9876543210"
pytestmark = pytest.mark.looks

CONTENT = bytes(range(256)) * 4000
FILM = 7


@dataclass
class Front:
    """nginx, the product behind it, and what the product was asked."""

    port: int
    app: Elearn
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    def note(self) -> tuple[str, int] | None:
        self.asked.append(f"{request.path} {request.headers.get('Cookie')}")
        return ("", 502) if self.is_away else None

    def ticket(self, *, video_id: int = FILM, left_s: float = 500) -> str:
        numbers = dict.fromkeys(Ticket.__dataclass_fields__, 0)
        issued_ms = int((time.time() + left_s - LIFE.total_seconds()) * 1000)
        fields = numbers | {"video_id": video_id, "package": PACKAGE, "issued_ms": issued_ms, "skipped": ()}
        ticket = Ticket(**fields)  # type: ignore[arg-type]  # numbers throughout
        return TicketSigner(self.app.extensions["elearn"].tokens).sign(ticket)

    def get(self, path: str, cookie: str = "", method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port)
        connection.request(method, path, headers=named | ({"Cookie": cookie} if cookie else {}))
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body

    def film(
        self, file: str = "720-00000.m4s", *, ticket: str | None = None, **more: str
    ) -> tuple[HTTPResponse, bytes]:
        return self.get(f"/media/{FILM}/{PACKAGE}/{file}", f"ticket={ticket or self.ticket()}", **more)


@pytest.fixture(params=[BY_AUTH_REQUEST, BY_X_ACCEL], ids=["auth_request", "x_accel"])
def films(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def front(films: str, tmp_path: Path) -> Iterator[Front]:
    changed = {"ELEARN_TRUSTED_PROXIES": "1"} | ({"ELEARN_MEDIA_ACCEL": ACCEL} if films == BY_X_ACCEL else {})
    data = tmp_path / "data"
    for package in (PACKAGE, OTHER):
        (data / "media" / package / "captions").mkdir(parents=True)
        (data / "media" / package / "720-00000.m4s").write_bytes(CONTENT)
        (data / "media" / package / "master.m3u8").write_text("#EXTM3U\n")
        (data / "media" / package / "captions" / "da-0123456789ab.vtt").write_text("WEBVTT\n")
        (data / "media" / package / "package.json").write_text("{}")
        (data / "media" / package / "inventory.json").write_text("{}")
    (data / "media" / "secret.m4s").write_text("secret")
    with serving(f"sqlite:///{data}/none.sqlite", data, **changed) as (url, app):
        port = int(url.rpartition(":")[2])
        with nginx_before(port, data / "media", films, tmp_path / "nginx") as nginx_port:
            front = Front(nginx_port, app)
            app.before_request(front.note)
            yield front


def test_the_ticket_opens_every_file_of_its_film(front: Front) -> None:
    answer, body = front.film()

    assert (answer.status, body) == (200, CONTENT)
    assert answer.headers["Content-Type"] == "video/iso.segment"
    assert answer.headers["Cache-Control"] == "private, max-age=86400, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Server"] == "nginx"
    assert front.film("master.m3u8")[0].headers["Content-Type"] == "application/vnd.apple.mpegurl"
    assert front.film("captions/da-0123456789ab.vtt")[0].headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert front.film("720-00009.m4s")[0].status == 404


def test_head_ranges_and_conditions_are_answered(front: Front) -> None:
    whole, _body = front.film()
    head, nothing = front.film(method="HEAD")
    stretch, part = front.film(Range="bytes=10-99")
    known, _body = front.film(If_None_Match=whole.headers["ETag"])
    changed, all_of_it = front.film(Range="bytes=10-99", If_Range='"another"')
    outside, _body = front.film(Range="bytes=99999999-")

    assert (head.status, head.headers["Content-Length"], nothing) == (200, str(len(CONTENT)), b"")
    assert (stretch.status, part) == (206, CONTENT[10:100])
    assert stretch.headers["Content-Range"] == f"bytes 10-99/{len(CONTENT)}"
    assert known.status == 304
    assert (changed.status, all_of_it) == (200, CONTENT)
    assert outside.status == 416


def test_without_a_ticket_for_this_film_nothing_is_sent(front: Front) -> None:
    path = f"/media/{FILM}/{PACKAGE}/720-00000.m4s"
    good, foreign = front.ticket(), front.ticket(video_id=FILM + 1)

    assert front.get(path, f"ticket={good}")[0].status == 200
    assert front.get(path)[0].status == 403
    assert front.get(path, f"ticket={good[:-2]}")[0].status == 403
    assert front.get(path, f"ticket={foreign}")[0].status == 403
    assert front.get(path, f"ticket={foreign}; ticket={good}")[0].status == 403
    assert front.get(path, f"other={good}")[0].status == 403
    assert front.get(f"/media/{FILM + 1}/{PACKAGE}/720-00000.m4s", f"ticket={good}")[0].status == 403
    assert front.get(f"/media/{FILM}/{OTHER}/720-00000.m4s", f"ticket={good}")[0].status in (403, 404)


def test_a_ticket_that_has_ended_opens_nothing_however_often_it_was_used(front: Front) -> None:
    ticket = front.ticket(left_s=3)
    ends = time.time() + 3
    statuses = []
    while time.time() < ends + 0.5:
        asked_at = time.time()
        statuses.append((asked_at, front.film(ticket=ticket)[0].status))
        time.sleep(0.05)

    assert {status for at, status in statuses if at < ends - 0.3} == {200}
    assert {status for at, status in statuses if at > ends} == {403}


def test_nobody_comes_around_the_check(front: Front) -> None:
    cookie = f"ticket={front.ticket()}"
    base = f"/media/{FILM}/{PACKAGE}"
    around = [
        f"{ACCEL}/{PACKAGE}/720-00000.m4s",
        f"//films/{PACKAGE}/720-00000.m4s",
        "/elearn-ticket",
        f"{base}/package.json",
        f"{base}/inventory.json",
        f"{base}/../../{OTHER}/720-00000.m4s",
        f"{base}/../{OTHER}/720-00000.m4s",
        f"{base}/%2e%2e/{OTHER}/720-00000.m4s",
        f"{base}/..%2f{OTHER}/720-00000.m4s",
        f"{base}/../../../{OTHER}/720-00000.m4s",
        f"{base}/captions/../../secret.m4s",
        f"{base}/captions/..%2f..%2fsecret.m4s",
        f"{base}/.m4s",
        f"{base}/720-00000.m4s/",
        f"{base}/720-00000.m4s%00.jpg",
        f"/media/{FILM}/../{PACKAGE}/720-00000.m4s",
        f"/media/{FILM}/{PACKAGE.upper()}/720-00000.m4s",
        f"/media/{FILM}/secret.m4s",
    ]
    answers = {path: front.get(path, cookie) for path in around}

    assert {path: answer.status for path, (answer, _body) in answers.items() if answer.status < 400} == {}
    assert not any(body in (CONTENT, b"secret", b"{}") for _answer, body in answers.values())


def test_the_product_is_asked_once_per_ticket_and_sees_nothing_but_the_ticket(front: Front, films: str) -> None:
    first, second = front.ticket(), front.ticket(left_s=400)
    for ticket in (first, second):
        for _segment in range(10):
            answer, _body = front.get(f"/media/{FILM}/{PACKAGE}/720-00000.m4s", f"session=s; ticket={ticket}; a=b")
            assert answer.status == 200

    if films == BY_AUTH_REQUEST:
        assert front.asked == [f"/media/{FILM}/{PACKAGE}/check ticket={ticket}" for ticket in (first, second)]
    else:
        assert len(front.asked) == 20


@pytest.mark.parametrize("films", [BY_X_ACCEL], indirect=True)
def test_what_is_large_comes_through_for_films_alone(front: Front) -> None:
    def status(path: str) -> int:
        headers = {"Content_Length": str(5 * 10**9), "Content_Type": "application/offset+octet-stream"}
        return front.get(path, method="PATCH", **headers)[0].status

    assert status("/sign-in") == 413
    assert status("/owner/films/uploads/x") == 400, "the product itself refuses, for want of a form's token"


@pytest.mark.parametrize("films", [BY_AUTH_REQUEST], indirect=True)
def test_while_the_product_is_away_viewers_go_on_and_others_are_told_to_wait(front: Front) -> None:
    ticket = front.ticket()
    assert front.film(ticket=ticket)[0].status == 200

    front.is_away = True

    assert front.film(ticket=ticket)[0].status == 200
    answer, _body = front.film(ticket=front.ticket(left_s=100))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
