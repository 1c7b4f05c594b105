"""A small load generator: raw sockets, one request under way on each connection, so that it costs little itself."""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

PREPARED = 4_000
"""Requests made ready for each connection before the clock starts."""
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Measured:
    """What a load came to."""

    seconds: float
    generator_cpu_s: float
    latencies_s: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return len(self.latencies_s) / self.seconds

    def percentile_ms(self, percent: float) -> float:
        """Return the latency that `percent` per cent of the answers kept, in milliseconds."""
        ordered = sorted(self.latencies_s)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000

    @property
    def generator_share(self) -> float:
        """How much of one core the generator used; near 1 it would be the bottleneck."""
        return self.generator_cpu_s / self.seconds


class _Connection:
    def __init__(self, port: int, requests: Iterator[bytes]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._prepared = [next(requests) for _ in range(PREPARED)]
        self._requests = requests
        self._answer = b""
        self.sent_at = 0.0

    def send(self) -> None:
        request = self._prepared.pop() if self._prepared else next(self._requests)
        self._answer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """Read what is there; return the status once the answer is whole."""
        piece = self.socket.recv(262_144)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self._answer += piece
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found:
            return None
        length = _LENGTH.search(head)
        assert length is not None, head
        return int(head[9:12]) if len(body) >= int(length[1]) else None


def run(port: int, requests: list[Iterator[bytes]], seconds: float) -> Measured:
    """Keep one request under way for each iterator's connection for some seconds; return what was measured.

    Raises when an answer is not 200: a bench of refusals would measure nothing.
    """
    connections = [_Connection(port, each) for each in requests]
    for connection in connections:
        connection._prepared.reverse()
    selector = selectors.DefaultSelector()
    cpu, begun = time.process_time(), time.perf_counter()
    measured = Measured(seconds, 0)
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send()
    under_way = len(connections)
    while under_way:
        for key, _events in selector.select(30):
            connection = key.data
            if (status := connection.receive()) is None:
                continue
            now = time.perf_counter()
            measured.latencies_s.append(now - connection.sent_at)
            measured.statuses[status] += 1
            if now - begun < seconds:
                connection.send()
            else:
                under_way -= 1
                selector.unregister(connection.socket)
    measured.seconds, measured.generator_cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    for connection in connections:
        connection.socket.close()
    if set(measured.statuses) != {200}:
        raise RuntimeError(f"not all answers were 200: {dict(measured.statuses)}")
    return measured
