"""Players that keep a journal of what was acknowledged, and send again what was not."""

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from elearn.core import clock
from elearn.core.db import Database
from elearn.core.tokens import Tokens
from elearn.learning.models import VideoProgress
from elearn.licensing.models import Seat
from elearn.media.tickets import Ticket, TicketSigner

FILM_S = 100_000
"""Long enough never to be complete: every report brings a second that nobody has seen."""


AWAY = 503


@dataclass
class Journal:
    """What a sender was told is stored: the seconds of each person, written down as the answers come."""

    acknowledged: dict[int, int] = field(default_factory=dict)
    """Person -> number of seconds, from the film's start."""
    longest_wait_s: float = 0
    refused: list[int] = field(default_factory=list)


class Senders:
    """A few players that report second after second until stopped."""

    def __init__(
        self, tokens: Tokens, port: int, people: list[tuple[int, int]], video_id: int, *, pause_s: float = 0
    ) -> None:
        self._tokens, self._port, self._video_id, self._pause_s = tokens, port, video_id, pause_s
        self._stopped = threading.Event()
        self.journals = [Journal() for _ in range(8)]
        self._threads = [
            threading.Thread(target=self._send, args=(journal, people[number::8]))
            for number, journal in enumerate(self.journals)
        ]

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    @property
    def acknowledged(self) -> dict[int, int]:
        """How many seconds each person was told are stored."""
        return {person: seconds for journal in self.journals for person, seconds in journal.acknowledged.items()}

    def _send(self, journal: Journal, people: list[tuple[int, int]]) -> None:
        claims = {person: claims_of(self._tokens, person, seat, self._video_id) for person, seat in people}
        connection = self._connection()
        while not self._stopped.is_set():
            for person, _seat in people:
                begun = time.monotonic()
                second = journal.acknowledged.get(person, 0)
                status = self._report(connection, claims[person], second)
                while status is None and not self._stopped.is_set():
                    connection.close()
                    time.sleep(0.02)
                    connection = self._connection()
                    status = self._report(connection, claims[person], second)
                journal.longest_wait_s = max(journal.longest_wait_s, time.monotonic() - begun)
                if status == 200:
                    journal.acknowledged[person] = second + 1
                elif status is not None:
                    journal.refused.append(status)
                self._stopped.wait(self._pause_s)
        connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)

    def _report(self, connection: http.client.HTTPConnection, claims: str, second: int) -> int | None:
        """Report one second; return the status, 0 when it was not taken, or None when it is to be sent again."""
        try:
            connection.request(
                "POST",
                "/learn/lessons/1/watched",
                json.dumps(report(claims, second)),
                {"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            stored = json.loads(answer.read())
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return None
        if answer.status == AWAY and int(answer.headers["Retry-After"]) > 0:
            return None
        return answer.status if not stored.get("refused") else 0


def claims_of(tokens: Tokens, person_id: int, seat_id: int, video_id: int) -> str:
    """Return the claims of somebody who has been playing the film for a while."""
    now_ms = int(clock.now().timestamp() * 1000)
    return TicketSigner(tokens).sign(
        Ticket(
            video_id=video_id,
            package="film",
            lesson_id=1,
            person_id=person_id,
            seat_id=seat_id,
            issued_ms=now_ms - 400_000,
            opened_ms=now_ms,
            length_s=FILM_S,
            needed=FILM_S,
            skipped=(),
            done=False,
        )
    )


def report(claims: str, second: int) -> dict[str, Any]:
    """Return the report of one second of film."""
    return {
        "claims": claims,
        "id": str(second),
        "seq": second,
        "ranges": [[second, second + 1]],
        "position": second + 1,
        "ended": False,
    }


def people_with_seats(database: Database, count: int) -> list[tuple[int, int]]:
    """Return people and their seats."""
    with database.reader() as session:
        rows = session.execute(select(Seat.person_id, Seat.id).where(Seat.person_id.is_not(None)).limit(count))
        return [(person, seat) for person, seat in rows]


def lost_seconds(database: Database, video_id: int, acknowledged: dict[int, int]) -> int:
    """Return how many seconds were acknowledged and are not in the database."""
    with database.reader() as session:
        stored = {
            row.person_id: row.seen
            for row in session.execute(
                select(VideoProgress.person_id, VideoProgress.seen).where(VideoProgress.video_id == video_id)
            )
        }
    return sum(
        seconds - (stored.get(person, 0) & ((1 << seconds) - 1)).bit_count() for person, seconds in acknowledged.items()
    )
