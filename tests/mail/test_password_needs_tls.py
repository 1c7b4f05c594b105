"""The mail server's password never crosses a network in the clear."""

import smtplib
import socketserver
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from elearn.mail import transport
from tests.conftest import settings_in

ANSWERS = {b"ehlo": b"250-mail.example\r\n250 AUTH PLAIN LOGIN\r\n", b"quit": b"221 bye\r\n"}


class _WithoutTls(socketserver.StreamRequestHandler):
    """A mail server, or somebody in between, that offers to take a password but no TLS."""

    heard: list[bytes]

    def handle(self) -> None:
        self.wfile.write(b"220 mail.example\r\n")
        for line in self.rfile:
            type(self).heard.append(line)
            self.wfile.write(ANSWERS.get(line[:4].lower(), b"250 ok\r\n"))


@pytest.fixture
def server() -> Iterator[tuple[int, list[bytes]]]:
    handler = type("Handler", (_WithoutTls,), {"heard": []})
    # 127.0.0.2 stands for another machine: it is not among the names that count as this one.
    with socketserver.ThreadingTCPServer(("127.0.0.2", 0), handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield listening.server_address[1], handler.heard
        listening.shutdown()


def test_no_password_is_sent_to_a_server_without_tls(server: tuple[int, list[bytes]], tmp_path: Path) -> None:
    port, heard = server
    settings = settings_in(tmp_path, ELEARN_MAIL=f"smtp://post:secret-word@127.0.0.2:{port}")

    with pytest.raises(smtplib.SMTPException, match="no TLS"):
        transport.send(settings, EmailMessage(), name="1")

    assert not [line for line in heard if line[:4].upper() == b"AUTH"]
