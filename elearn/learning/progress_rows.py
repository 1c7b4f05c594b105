"""The rows of watched seconds: whatever is reported is joined into a person's row of a film in one statement."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, case, or_, select, tuple_
from sqlalchemy.orm import Session

from elearn.core import clock
from elearn.core.db import Database, bits_from_driver, size_of_bits, union_bits
from elearn.core.driver_statement import DriverStatement
from elearn.learning import ranges
from elearn.learning.models import VideoProgress
from elearn.media.tickets import CLOCKS_DIFFER, Ticket

FASTEST_SPEED = 2
"""The fastest the player plays: nobody sees more film than this times the time that passed."""
SLACK_S = 1
"""Seconds granted for rounding at both ends of what was played."""
NO_LIMIT_MS = 2**60
Joined = tuple[int, int]
"""All seconds seen, and the position in milliseconds."""


def seconds_within(begun_ms: int, until_ms: int) -> int:
    """Return how many seconds of film fit into a time, at the fastest speed."""
    return max(0, until_ms - begun_ms) * FASTEST_SPEED // 1000 + SLACK_S


def beyond_the_time(reported: int, known: int, *, issued_ms: int, first_ticket_ms: int, until_ms: int) -> int:
    """Return the reported seconds that cannot have been watched until then: the latest of those not `known` yet.

    New seconds have to fit into the time since the report's ticket, and all that is seen into that since the first.
    """
    new = reported & ~known
    since_ticket = seconds_within(issued_ms, until_ms)
    since_first = seconds_within(first_ticket_ms, until_ms) - known.bit_count()
    return new & ~ranges.first_of(new, min(since_ticket, since_first))


def locked_seen(session: Session, ticket: Ticket) -> tuple[int, int]:
    """Return the seconds a ticket's person has seen of its film, and when the first ticket for it was issued.

    On PostgreSQL the row stays locked.
    """
    row = session.execute(
        select(VideoProgress.seen, VideoProgress.first_ticket_ms)
        .where(VideoProgress.person_id == ticket.person_id, VideoProgress.video_id == ticket.video_id)
        .with_for_update()
    ).one_or_none()
    return (row.seen, min(row.first_ticket_ms, ticket.issued_ms)) if row else (0, ticket.issued_ms)


def join(session: Session, ticket: Ticket, reported: int, *, position_s: float, sequence: int) -> Joined:
    """Union the seconds into the person's row, in the session's transaction; return all that is seen and the position.

    The position is that of the latest report of the player opened last. The caller has seen to it that the seconds
    fit into the time.
    """
    statement = _JOIN.in_dialect(session.get_bind().dialect.name)
    values = _values(ticket, reported, position_s=position_s, sequence=sequence, until_ms=NO_LIMIT_MS)
    row = session.execute(statement, values).one()
    return row.seen, row.position_ms


def join_at_once(
    database: Database, ticket: Ticket, reported: int, *, position_s: float, sequence: int, until_ms: int
) -> Joined | None:
    """Do what `join` does by one statement that is its own transaction.

    Returns None, and stores nothing, when all that would be seen does not fit into the time from the first ticket to
    `until_ms`.
    """
    values = _values(ticket, reported, position_s=position_s, sequence=sequence, until_ms=until_ms)
    row = database.run_at_once(_JOIN, values)
    return (bits_from_driver(row[0]), row[1]) if row else None


def _values(ticket: Ticket, reported: int, *, position_s: float, sequence: int, until_ms: int) -> dict[str, Any]:
    now = clock.now()
    return {
        "person_id": ticket.person_id,
        "video_id": ticket.video_id,
        "seen": (reported, ticket.length_s),
        "position_ms": round(position_s * 1000),
        "opened_ms": ticket.opened_ms,
        "sequence": sequence,
        "first_ticket_ms": ticket.issued_ms,
        "updated_at": now,
        "until_ms": until_ms,
        "future_ms": int((now + CLOCKS_DIFFER).timestamp() * 1000),
    }


def _join_statement(dialect: Any) -> Any:
    table = VideoProgress.__table__
    insert = dialect.insert(table).values({column.name: bindparam(column.name) for column in table.columns})
    new, old = insert.excluded, table.c
    seen = union_bits(old.seen, new.seen)
    first_ticket_ms = case((new.first_ticket_ms < old.first_ticket_ms, new.first_ticket_ms), else_=old.first_ticket_ms)
    fits = (size_of_bits(seen) - SLACK_S) * 1000 <= (
        bindparam("until_ms", type_=BigInteger()) - first_ticket_ms
    ) * FASTEST_SPEED
    is_later = or_(
        tuple_(new.opened_ms, new.sequence) > tuple_(old.opened_ms, old.sequence),
        old.opened_ms > bindparam("future_ms", type_=BigInteger()),  # opened before the clock was set back
    )
    return insert.on_conflict_do_update(
        index_elements=["person_id", "video_id"],
        set_={
            "seen": seen,
            "position_ms": case((is_later, new.position_ms), else_=old.position_ms),
            "opened_ms": case((is_later, new.opened_ms), else_=old.opened_ms),
            "sequence": case((is_later, new.sequence), else_=old.sequence),
            "first_ticket_ms": first_ticket_ms,
            "updated_at": new.updated_at,
        },
        where=fits,
    ).returning(old.seen, old.position_ms)


_JOIN = DriverStatement(_join_statement)
