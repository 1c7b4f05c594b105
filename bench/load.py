"""A small load generator: raw sockets, one request at a time on each connection, so that it costs little itself."""

import random
import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter

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

    def __iadd__(self, other: "Measured") -> "Measured":
        """Add another round."""
        self.seconds += other.seconds
        self.generator_cpu_s += other.generator_cpu_s
        self.latencies_s += other.latencies_s
        self.statuses += other.statuses
        return self

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
        self._prepared: list[bytes] = []
        self._requests = requests
        self._answer = b""
        self.due = 0.0
        """When the request under way should have been sent."""

    def prepare(self) -> None:
        self._prepared = [next(self._requests) for _ in range(PREPARED)][::-1]

    def send(self, due: float) -> None:
        request = self._prepared.pop() if self._prepared else next(self._requests)
        self._answer = b""
        self.due = due
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
        connection.prepare()
    with _measuring(connections) as (measured, answers):
        until = time.perf_counter() + seconds
        for connection in connections:
            connection.send(time.perf_counter())
        under_way = len(connections)
        while under_way:
            for connection in answers(30):
                if (now := time.perf_counter()) < until:
                    connection.send(now)
                else:
                    under_way -= 1
    return measured


def visit(port: int, requests: list[Iterator[bytes]], seconds: float, *, pause_s: float, seed: int) -> Measured:
    """Send each connection's requests at moments chosen by chance, on average `pause_s` apart.

    A latency counts from the chosen moment: what an answer holds up on its connection is slow, too. Raises as `run`
    does.
    """
    chance = random.Random(seed)
    connections = [_Connection(port, each) for each in requests]
    with _measuring(connections) as (measured, answers):
        begun = time.perf_counter()
        moments = sorted(_moments(connections, seconds, pause_s, chance), key=itemgetter(0), reverse=True)
        waiting: list[tuple[float, _Connection]] = []
        idle = set(connections)
        while moments or waiting or len(idle) < len(connections):
            now = time.perf_counter()
            while moments and begun + moments[-1][0] <= now:
                at_s, connection = moments.pop()
                waiting.append((begun + at_s, connection))
            for due, connection in list(waiting):
                if connection in idle:
                    idle.remove(connection)
                    waiting.remove((due, connection))
                    connection.send(due)
            idle |= set(answers(max(0, begun + moments[-1][0] - time.perf_counter()) if moments else 30))
    return measured


def _moments(
    connections: list[_Connection], seconds: float, pause_s: float, chance: random.Random
) -> Iterator[tuple[float, _Connection]]:
    for connection in connections:
        at_s = chance.expovariate(1 / pause_s)
        while at_s < seconds:
            yield at_s, connection
            at_s += chance.expovariate(1 / pause_s)


@contextmanager
def _measuring(
    connections: list[_Connection],
) -> Iterator[tuple[Measured, Callable[[float], list[_Connection]]]]:
    """Give what will have been measured, and a function that waits for answers and says whose are whole."""
    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    measured = Measured(0, 0)

    def answers(seconds: float) -> list[_Connection]:
        whole = []
        for key, _events in selector.select(seconds):
            if (status := key.data.receive()) is not None:
                measured.latencies_s.append(time.perf_counter() - key.data.due)
                measured.statuses[status] += 1
                whole.append(key.data)
        return whole

    cpu, begun = time.process_time(), time.perf_counter()
    yield measured, answers
    measured.seconds, measured.generator_cpu_s = time.perf_counter() - begun, time.process_time() - cpu
    selector.close()
    for connection in connections:
        connection.socket.close()
    if set(measured.statuses) != {200}:
        raise RuntimeError(f"not all answers were 200: {dict(measured.statuses)}")
