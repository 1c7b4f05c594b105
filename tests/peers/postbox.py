"""A mail server that keeps what it takes, and refuses when told to."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Postbox:
    """A mail server's inside: keeps what it takes, refuses when told to."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.letters: list[EmailMessage] = []
        self.refusing = False
        self.unknown: dict[str, str] = {}
        """What is answered to whoever writes to an address."""

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.unknown:
            return self.unknown[address]
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.refusing:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        letter = BytesParser(EmailMessage, policy=default).parsebytes(envelope.content)
        self.letters.append(letter)
        return "250 taken"


@contextmanager
def taking_letters(*, signing_in: bool = False) -> Iterator[Postbox]:
    """Be there until the block ends; `signing_in`: for nobody, for no password is right."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box = Postbox(probe.getsockname()[1])
    options = {"auth_require_tls": False, "authenticator": _refuse} if signing_in else {}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=True, **options)
    controller.start()
    yield box
    controller.stop()


def _refuse(*_asked: object) -> AuthResult:
    return AuthResult(success=False)
