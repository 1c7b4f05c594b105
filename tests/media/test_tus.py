"""The words of tus 1.0, as a client hears them; lines that are cut are tried on a served product (tests/faults)."""

import base64
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from elearn.media.models import FilmUpload, Packaging
from elearn.media.uploads import tus, views
from elearn.media.uploads.errors import BadUpload, NoRoom
from elearn.media.uploads.folder import Checksum
from tests.client import PageClient
from tests.conftest import NOW
from tests.world import World

UPLOADS = "/owner/films/uploads"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {"Content-Type": "application/offset+octet-stream"}


def encoded(**told: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in told.items())


def ask(client: PageClient, method: str, path: str, data: bytes = b"", **headers: str) -> TestResponse:
    given = TUS | {"X-CSRFToken": client.csrf_token()} | {n.replace("_", "-"): v for n, v in headers.items()}
    return client.open(path, method=method, data=data, headers=given)


def begin(client: PageClient, size: str = "10", **told: str) -> TestResponse:
    told = {"film": "a-film", "language": "da", "filename": "film.mp4"} | told
    return ask(client, "POST", UPLOADS, Upload_Length=size, Upload_Metadata=encoded(**told))


@pytest.fixture
def path(owner: PageClient) -> str:
    """An upload of ten bytes."""
    return begin(owner).headers["Location"]


def test_the_server_says_what_it_can(owner: PageClient) -> None:
    answer = ask(owner, "OPTIONS", UPLOADS)

    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,termination,checksum,expiration"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"
    assert answer.headers["Tus-Max-Size"] == str(20 * 10**9)


def test_a_film_comes_in_pieces_and_then_waits(owner: PageClient, session: Session, path: str) -> None:
    first = ask(owner, "PATCH", path, b"12345", Upload_Offset="0", **headers(PIECE))
    between = ask(owner, "HEAD", path)
    last = ask(owner, "PATCH", path, b"67890", Upload_Offset="5", **headers(PIECE))

    assert (first.status_code, first.headers["Upload-Offset"], first.headers["Tus-Resumable"]) == (204, "5", "1.0.0")
    assert (between.headers["Upload-Offset"], between.headers["Upload-Length"]) == ("5", "10")
    assert between.headers["Cache-Control"] == "no-store"
    assert parsedate_to_datetime(between.headers["Upload-Expires"]) == NOW + timedelta(days=3)
    assert last.headers["Upload-Offset"] == "10"
    assert session.scalars(select(Packaging.state)).all() == ["waiting"]


def headers(given: dict[str, str]) -> dict[str, str]:
    return {name.replace("-", "_"): value for name, value in given.items()}


def test_another_version_is_told_ours(owner: PageClient, path: str) -> None:
    answers = [
        ask(owner, method, where, Tus_Resumable="0.2.2")
        for method, where in [("POST", UPLOADS), ("HEAD", path), ("PATCH", path), ("DELETE", path)]
    ]

    assert [(answer.status_code, answer.headers["Tus-Version"]) for answer in answers] == [(412, "1.0.0")] * 4


def test_a_piece_of_another_type_is_refused_and_a_form_is_no_larger_than_elsewhere(owner, path: str) -> None:
    form = ask(owner, "PATCH", path, b"x=1", Upload_Offset="0", Content_Type="application/x-www-form-urlencoded")
    large = ask(owner, "PATCH", path, b"x=" + b"1" * 2_000_000, Content_Type="application/x-www-form-urlencoded")

    assert (form.status_code, large.status_code) == (415, 413)


def test_a_piece_in_the_wrong_place_is_told_where_to_go_on(owner: PageClient, path: str) -> None:
    answer = ask(owner, "PATCH", path, b"12345", Upload_Offset="3", **headers(PIECE))

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (409, "0")
    assert answer.get_json() == {
        "error": "Some of the film has arrived already. Go on from there.",
        "code": "WrongOffset",
    }


@pytest.mark.parametrize(
    "wrong", [{"Upload-Offset": "-1"}, {}, {"Upload-Offset": "0", "Upload-Checksum": "crc32 AAAA"}]
)
def test_headers_that_say_nothing_are_refused(owner: PageClient, path: str, wrong: dict[str, str]) -> None:
    assert ask(owner, "PATCH", path, b"1", **headers(PIECE | wrong)).status_code == 400


@pytest.mark.parametrize(
    ("size", "told", "status", "words"),
    [
        ("ten", {}, 400, "Reload the page"),
        ("10", {"film": "Not An Id"}, 400, "Reload the page"),
        ("10", {"language": "sv"}, 400, "Reload the page"),
        (str(20 * 10**9 + 1), {}, 413, "up to 20 GB"),
    ],
)
def test_what_cannot_be_begun_is_said(
    owner: PageClient, size: str, told: dict[str, str], status: int, words: str
) -> None:
    answer = begin(owner, size, **told)

    assert answer.status_code == status
    assert words in answer.get_json()["error"]


def test_a_film_that_is_on_its_way_is_not_begun_again_until_it_is_dropped(owner, session: Session, path: str) -> None:
    again = begin(owner, filename="another.mp4")
    dropped = ask(owner, "DELETE", path)

    assert (again.status_code, dropped.status_code) == (422, 204)
    assert session.scalars(select(FilmUpload)).all() == []
    assert ask(owner, "HEAD", path).status_code == 404
    assert begin(owner, filename="another.mp4").status_code == 201


def test_a_full_disk_is_said_with_when_to_come_again(owner, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise NoRoom

    monkeypatch.setattr(views, "_take", full)
    answer = ask(owner, "PATCH", path, b"1", Upload_Offset="0", **headers(PIECE))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "nearly full" in answer.get_json()["error"]


def test_without_the_token_nothing_is_taken(owner: PageClient, path: str) -> None:
    answer = owner.open(path, method="PATCH", data=b"1", headers=TUS | PIECE | {"Upload-Offset": "0"})

    assert answer.status_code == 400
    assert ask(owner, "HEAD", path).headers["Upload-Offset"] == "0"


def test_whoever_owns_no_house_finds_nothing(learner: PageClient, anonymous: PageClient, world: World) -> None:
    assert [begin(learner).status_code, begin(anonymous).status_code] == [404, 401]


def test_headers_are_read_as_tus_writes_them() -> None:
    assert tus.metadata("film YS1maWxt,is_flag, filename ZmlsbS5tcDQ=") == {
        "film": "a-film",
        "is_flag": "",
        "filename": "film.mp4",
    }
    assert tus.checksum("sha1 " + base64.b64encode(b"x" * 20).decode()) == Checksum("sha1", b"x" * 20)
    assert tus.checksum(None) is None


@pytest.mark.parametrize("header", ["sha1 AAAA", "md5 AAAA", "sha256", "sha1 ***", ""])
def test_a_checksum_that_is_none_is_refused(header: str) -> None:
    with pytest.raises(BadUpload):
        tus.checksum(header)


@pytest.mark.parametrize("header", [None, "", "-1", "1.5", "１", "9" * 19, "film *"])
def test_a_count_that_is_none_is_refused(header: str | None) -> None:
    with pytest.raises(BadUpload):
        tus.whole_number(header)
