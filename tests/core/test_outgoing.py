"""Posting to addresses that somebody typed in never reaches our own network."""

import socket
from collections.abc import Iterator

import pytest

from elearn.core import outgoing
from elearn.core.outgoing import AddressNotAllowed, NotTaken, post
from tests.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def test_a_body_arrives_whole(receiver: Receiver) -> None:
    post(receiver.url, b"<xml/>", {"webhook-id": "7"}, loopback_too=True)
    ((path, headers, body),) = receiver.got
    assert (path, headers["webhook-id"], body) == ("/in?house=1", "7", b"<xml/>")


@pytest.mark.parametrize("answer", [302, 307, 400, 500])
def test_whatever_is_no_yes_is_told_and_no_redirect_followed(receiver: Receiver, answer: int) -> None:
    receiver.answer = answer
    with pytest.raises(NotTaken, match=str(answer)):
        post(receiver.url, b"", {}, loopback_too=True)
    assert len(receiver.got) == 1


def test_who_never_answers_is_hung_up_on(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "DEADLINE_S", 0.1)
    receiver.silent.set()
    with pytest.raises(NotTaken):
        post(receiver.url, b"", {}, loopback_too=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/",
        "http://accounts.example/",
        "ftp://accounts.example/",
        "https:///nowhere",
        "https://accounts.example:port/",
        "//accounts.example/",
        "",
    ],
)
def test_only_https_is_posted_to(url: str) -> None:
    with pytest.raises(AddressNotAllowed):
        post(url, b"", {})


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["172.16.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["::1"],
        ["fd00::1"],
        ["fe80::1%eth0"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:1"],
        ["2002:a00:1::1"],
        ["93.184.215.14", "10.0.0.1"],
    ],
)
def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(monkeypatch, addresses: list[str]) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: found)
    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_more: pytest.fail("connected"))
    with pytest.raises(AddressNotAllowed, match="private"):
        post("https://accounts.example/", b"", {})


def test_the_address_looked_at_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def look_up(host: str, port: int, **_more: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))]

    def connect(address: tuple[str, int], **_more: object) -> socket.socket:
        asked.append(address)
        raise OSError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="not in a test"):
        post("https://accounts.example/", b"", {})
    assert asked == ["accounts.example", ("93.184.215.14", 443)]
