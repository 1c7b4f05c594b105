"""Viewing tickets: access is asked once in the database, then carried, signed, for ten minutes.

The same signed claims are the cookie that segments are checked by and the proof that a progress report brings.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from elearn.core.tokens import Tokens

LIFE = timedelta(minutes=10)
CLOCKS_DIFFER = timedelta(minutes=1)
"""Several machines' clocks differ by less."""
RENEW_AFTER = timedelta(minutes=4)


@dataclass(frozen=True)
class Ticket:
    """Who may watch which film until when. Open modules and previews name no seat and record nothing."""

    video_id: int
    package: str
    """The package the film is delivered from."""
    lesson_id: int
    person_id: int | None
    seat_id: int | None
    issued_ms: int
    """When it was issued, epoch milliseconds."""
    opened_ms: int
    """When the player that uses it was opened: kept over renewals."""
    length_s: int
    """Seconds in the film."""
    needed: int
    """How many of the seconds that count must be seen for the lesson to be complete."""
    skipped: tuple[tuple[int, int], ...]
    """Stretches that the learner chose to skip: they do not count."""
    done: bool
    """The lesson was complete when the ticket was issued."""

    @property
    def issued_at(self) -> datetime:
        """When it was issued."""
        return datetime.fromtimestamp(self.issued_ms / 1000, UTC)

    def is_valid(self, now: datetime) -> bool:
        """Whether it still opens the film; what the future issued does not: the clock was set back since."""
        return self.issued_at - CLOCKS_DIFFER < now < self.issued_at + LIFE


class TicketSigner:
    """Writes tickets as signed claims and reads them back."""

    def __init__(self, tokens: Tokens) -> None:
        self._signer = tokens.signer("viewing-ticket")

    def sign(self, ticket: Ticket) -> str:
        """Return the ticket as signed claims."""
        return self._signer.sign(
            [
                ticket.video_id,
                ticket.package,
                ticket.lesson_id,
                ticket.person_id,
                ticket.seat_id,
                ticket.issued_ms,
                ticket.opened_ms,
                ticket.length_s,
                ticket.needed,
                ticket.skipped,
                int(ticket.done),
            ]
        )

    def read(self, claims: str | None) -> Ticket | None:
        """Return the ticket that claims speak of, however old, or None when they are not ours."""
        fields = self._signer.read(claims)
        if fields is None:
            return None
        video_id, package, lesson_id, person_id, seat_id, issued_ms, opened_ms, length_s, needed, skipped, done = fields
        return Ticket(
            video_id=video_id,
            package=package,
            lesson_id=lesson_id,
            person_id=person_id,
            seat_id=seat_id,
            issued_ms=issued_ms,
            opened_ms=opened_ms,
            length_s=length_s,
            needed=needed,
            skipped=tuple((first, after) for first, after in skipped),
            done=bool(done),
        )


def cookie_name(*, secure: bool) -> str:
    """Return the ticket cookie's name: `__Secure-` over https (it is bound to the film's path, so not `__Host-`)."""
    return "__Secure-ticket" if secure else "ticket"
