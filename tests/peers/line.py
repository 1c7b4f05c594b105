"""A line to a service that can be bad: down, silent, dripping, cut, or changing bytes, in either direction."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

BLOCK = 16 * 1024
UNLIKE_A_PRESS_S = 5.0
"""A page waits half a second for a bucket, whoever pressed a button eight, work a minute: less than this was a page,
on a busy machine too. How long pages take is measured by bench/films_away."""
BUSY = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BEGINNINGS = (b"GET ", b"PUT ", b"HEAD ", b"POST ", b"DELETE ", b"HTTP/1.1 ")


class Fault(StrEnum):
    """What is wrong with the line."""

    NONE = "none"
    DOWN = "down"
    """Whoever calls is hung up on."""
    BUSY = "busy"
    """Every question is answered 503."""
    SILENT = "silent"
    """What is asked arrives, and no answer comes."""
    DRIPPING = "dripping"
    """Answers come a byte at a time, five in a second."""
    LATE = "late"
    """Answers are whole, and each comes a third of a second late."""
    HALF = "half"
    """Answers end after `half` bytes of them."""
    CHANGES_ANSWERS = "changes answers"
    CHANGES_WHAT_IS_SENT = "changes what is sent"
    SLOW = "slow"
    """What is sent takes its time: 20 blocks in a second."""


@dataclass
class Line:
    """Stands between the product and a service."""

    port: int
    fault: Fault = Fault.NONE
    sent: int = 0
    """Bytes that went to the service."""
    cut_after: int | None = None
    """So many bytes reach the service, then the line is down."""
    calls: int = 0
    half: int = 100
    changes_left: int = 1_000_000
    _ends: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self, fault: Fault = Fault.DOWN) -> None:
        """Be bad from now on, for those who are on the line too."""
        self.fault = fault
        ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.fault, self.cut_after = Fault.NONE, None

    def carry(self, caller: socket.socket, service: socket.socket) -> None:
        """Bring what a caller sends to the service."""
        while data := caller.recv(BLOCK):
            if self.fault is Fault.SLOW:
                time.sleep(0.05)
            if self.fault is Fault.CHANGES_WHAT_IS_SENT and self.changes_left and not data.startswith(BEGINNINGS):
                self.changes_left -= 1
                data = _changed(data)
            self.sent += len(data)
            if self.cut_after is not None and self.sent > self.cut_after:
                self.cut()
                return
            service.sendall(data)

    def answer(self, service: socket.socket, caller: socket.socket) -> None:
        """Bring what the service answers to the caller."""
        answered = 0
        while data := service.recv(BLOCK):
            if self.fault is Fault.SILENT:
                continue
            if self.fault is Fault.LATE and not answered:
                time.sleep(0.33)
            if self.fault is Fault.DRIPPING:
                for byte in data:
                    caller.sendall(bytes([byte]))
                    time.sleep(0.2)
                continue
            if self.fault is Fault.HALF and answered + len(data) > self.half:
                caller.sendall(data[: self.half - answered])
                return
            _head, _, body = data.partition(b"\r\n\r\n")
            if self.fault is Fault.CHANGES_ANSWERS and (body or not data.startswith(BEGINNINGS)):
                data = _changed(data)
            caller.sendall(data)
            answered += len(data)
        return

    def serve(self, caller: socket.socket, target: tuple[str, int]) -> None:
        self.calls += 1
        with caller:
            if self.fault is Fault.DOWN:
                return
            if self.fault is Fault.BUSY:
                with suppress(OSError):
                    caller.recv(BLOCK)
                    caller.sendall(BUSY)
                return
            with socket.create_connection(target, timeout=30) as service:
                self._ends += [caller, service]
                back = threading.Thread(target=self._pump, args=(self.answer, service, caller), daemon=True)
                back.start()
                self._pump(self.carry, caller, service)
                back.join()

    @staticmethod
    def _pump(move, source: socket.socket, target: socket.socket) -> None:  # type: ignore[no-untyped-def]
        with suppress(OSError):
            move(source, target)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """Stand before a service until the block ends."""
    parts = urlsplit(url)
    target = (parts.hostname or "", parts.port or 80)
    with socket.create_server(("127.0.0.1", 0)) as door:
        line = Line(door.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    caller, _address = door.accept()
                    threading.Thread(target=line.serve, args=(caller, target), daemon=True).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield line
        line.cut()
        door.shutdown(socket.SHUT_RDWR)
        accepting.join()


def _changed(data: bytes) -> bytes:
    """The last byte becomes another."""
    return data[:-1] + bytes([data[-1] ^ 1])
