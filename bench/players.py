"""Players made up for a load: people of a bench's field, each playing on in a film and reporting it."""

import json
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.places import FILM_S, Place
from elearn.app import create_app
from elearn.catalogue.models import Lesson, LessonVideo
from elearn.core.installation import Installation
from elearn.learning.models import LessonCompletion, VideoProgress
from elearn.licensing.models import Seat
from elearn.media.tickets import Ticket, TicketSigner

STEP_S = 10
"""Seconds of film in one report."""
NEEDED = 1197
"""95 per cent of the film."""
ASKED_AT_ONCE = 5_000
"""People looked up by one statement."""
HOST = "localhost:8000"
"""Where a place says that it is (ELEARN_PUBLIC_URL)."""
BROWSER = (
    "User-Agent: Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 Version/26.1 Safari/604.1",
    "Accept: */*",
    "Accept-Language: da-DK,da;q=0.9,en;q=0.8",
    "Accept-Encoding: gzip, deflate, br",
    "Sec-Fetch-Site: same-origin",
    "Sec-Fetch-Mode: cors",
    "Sec-Fetch-Dest: empty",
)
"""What a phone's browser sends along with every request."""


@dataclass
class Player:
    """One person in one film: where they are, and what their reports are signed with.

    A player renews its ticket every four minutes, and the new one says that the lesson is done. Here reports come
    a hundred times faster than people play, so the report after the completing one carries that ticket.
    """

    person_id: int
    lesson_id: int
    claims: str
    claims_when_done: str
    cookie: str
    at_s: int
    done: bool
    sequence: int = 1

    def report(self) -> dict[str, object]:
        """Play ten seconds on and return the report of it."""
        begin, self.at_s = self.at_s, (self.at_s + STEP_S if self.at_s + 2 * STEP_S <= FILM_S else 0)
        self.sequence += 1
        claims = self.claims_when_done if self.done else self.claims
        self.done = self.done or begin + STEP_S >= NEEDED
        return {
            "claims": claims,
            "id": str(uuid.UUID(int=self.person_id << 64 | self.sequence)),
            "seq": self.sequence,
            "ranges": [[begin, begin + STEP_S]],
            "position": begin + STEP_S,
            "ended": False,
        }


def players(place: Place, count: int, seed: int, *, done: bool = False) -> list[Player]:
    """Return players of people in the middle of the film, chosen by chance, each at the place where they stopped.

    `done` says that they have completed the lesson before, so that nobody completes it while the bench runs.
    """
    chance = random.Random(seed)
    installation = Installation(place.settings())
    signer = TicketSigner(installation.tokens)
    now_ms = int(time.time() * 1000)
    with installation.database.reader() as session:
        lesson_id, video_id = session.execute(
            select(Lesson.id, LessonVideo.video_id).join(LessonVideo).order_by(Lesson.id).limit(1)
        ).one()
        seats = _watching(session, video_id, count, chance, FILM_S if done else NEEDED - STEP_S)
        completed = set(
            session.scalars(
                select(LessonCompletion.person_id).where(
                    LessonCompletion.lesson_id == lesson_id, LessonCompletion.person_id.in_(seats)
                )
            )
        )
    installation.database.dispose()
    cookie = session_cookie(place, {"_user_id": "x" * 32, "_fresh": True, "language": "da", "seen": now_ms // 1000})

    def claims(person_id: int, *, is_done: bool) -> str:
        return signer.sign(
            Ticket(
                video_id=video_id,
                package="",
                lesson_id=lesson_id,
                person_id=person_id,
                seat_id=seats[person_id][0],
                issued_ms=now_ms - 100_000,
                opened_ms=now_ms,
                length_s=FILM_S,
                needed=NEEDED,
                skipped=(),
                done=is_done,
            )
        )

    return [
        Player(
            person_id,
            lesson_id,
            claims(person_id, is_done=False),
            claims(person_id, is_done=True),
            cookie,
            seats[person_id][1] // 1000 // STEP_S * STEP_S % (FILM_S - STEP_S),
            done or person_id in completed,
        )
        for person_id in seats
    ]


def _watching(
    session: Session, video_id: int, count: int, chance: random.Random, before_s: int
) -> dict[int, tuple[int, int]]:
    """Choose people who stopped before a place in a film, from all over the tables: each one's seat, and their place.

    Raises ValueError when there are too few.
    """
    first, last = session.execute(select(func.min(Seat.person_id), func.max(Seat.person_id))).one()
    everyone = chance.sample(range(first, last + 1), last + 1 - first)
    found: dict[int, tuple[int, int]] = {}
    for start in range(0, len(everyone), ASKED_AT_ONCE):
        rows = session.execute(
            select(Seat.person_id, Seat.id, VideoProgress.position_ms)
            .join(VideoProgress, VideoProgress.person_id == Seat.person_id)
            .where(
                Seat.person_id.in_(everyone[start : start + ASKED_AT_ONCE]),
                VideoProgress.video_id == video_id,
                VideoProgress.position_ms <= before_s * 1000,
            )
        )
        found |= {person_id: (seat_id, position_ms) for person_id, seat_id, position_ms in rows.tuples() if person_id}
        if len(found) >= count:
            break
    return {person_id: found[person_id] for person_id in chance.sample(sorted(found), count)}


def session_cookie(place: Place, values: dict[str, object]) -> str:
    """Return the session cookie that a browser of this place would hold."""
    return session_cookies(place, [values])[0]


def session_cookies(place: Place, browsers: list[dict[str, object]]) -> list[str]:
    """Return the session cookies of several browsers."""
    app = create_app(place.settings())
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert serializer is not None
    return [f"session={serializer.dumps(values)}" for values in browsers]


def reports(group: list[Player]) -> Iterator[bytes]:
    """Give the group's reports in turn, for ever, as a browser would send them."""
    while True:
        for player in group:
            path = f"/learn/lessons/{player.lesson_id}/watched"
            yield post(path, json.dumps(player.report(), separators=(",", ":")).encode(), player.cookie)


def post(path: str, body: bytes, cookie: str) -> bytes:
    """Return the bytes of a browser's POST of JSON."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        *BROWSER,
        f"Origin: http://{HOST}",
        f"Cookie: {cookie}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(path: str, cookie: str) -> bytes:
    """Return the bytes of a browser's GET."""
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {HOST}", *BROWSER, f"Cookie: {cookie}"]).encode() + b"\r\n\r\n"
