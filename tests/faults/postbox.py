"""A mail server that takes a moment over each letter, and keeps what it took: a sender can be killed meanwhile."""

import asyncio
import random
import socket
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LONGEST_MOMENT_S = 0.02


class Postbox:
    """What arrived, by Message-ID: a list, since a letter may come more than once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._lock = threading.Lock()
        self._taken: dict[str, list[bytes]] = defaultdict(list)
        self._letters: dict[str, list[Message]] = defaultdict(list)
        self._chance = random.Random(1)

    @property
    def taken(self) -> dict[str, list[bytes]]:
        with self._lock:
            return {number: list(copies) for number, copies in self._taken.items()}

    def to(self, address: str) -> list[Message]:
        """Return the letters that an address has got."""
        with self._lock:
            return list(self._letters[address])

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a letter, then be slow to say so: in between the sender does not know."""
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content)
        await asyncio.sleep(self._chance.random() * LONGEST_MOMENT_S)
        with self._lock:
            self._taken[letter["Message-ID"]].append(envelope.content)
            self._letters[letter["To"]].append(letter)
        await asyncio.sleep(self._chance.random() * LONGEST_MOMENT_S)
        return "250 taken"


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Serve one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        box = Postbox(probe.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=box.port, enable_SMTPUTF8=True)
    controller.start()
    yield box
    controller.stop()
