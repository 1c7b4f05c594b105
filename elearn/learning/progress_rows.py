"""The rows of watched seconds: whatever is reported is joined into a person's row of a film in one statement."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, bindparam, case, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.orm import Session

from elearn.core.db import run_by_driver, size_of_bits, union_bits
from elearn.learning.models import VideoProgress
from elearn.media.tickets import Ticket

FASTEST_SPEED = 2
"""The fastest the player plays: nobody sees more film than this times the time that passed."""
SLACK_S = 1
"""Seconds granted for rounding at both ends of what was played."""
NO_LIMIT_MS = 2**60


def seconds_within(begun_ms: int, until_ms: int) -> int:
    """Return how many seconds of film fit into a time, at the fastest speed."""
    return max(0, until_ms - begun_ms) * FASTEST_SPEED // 1000 + SLACK_S


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


def join(
    connection: Connection,
    ticket: Ticket,
    reported: int,
    *,
    position_s: float,
    sequence: int,
    now: datetime,
    until_ms: int = NO_LIMIT_MS,
) -> tuple[int, int] | None:
    """Union the seconds into the person's row in one statement; return all that is seen, and the position.

    The position is that of the latest report of the player opened last. Returns None, and stores nothing, when all
    that would be seen does not fit into the time from the first ticket to `until_ms`.
    """
    values = {
        "person_id": ticket.person_id,
        "video_id": ticket.video_id,
        "seen": (reported, ticket.length_s),
        "position_ms": round(position_s * 1000),
        "opened_ms": ticket.opened_ms,
        "sequence": sequence,
        "first_ticket_ms": ticket.issued_ms,
        "updated_at": now,
        "until_ms": until_ms,
    }
    if connection.dialect.name == "sqlite":
        row = connection.execute(_JOIN_SQLITE, values).one_or_none()
        return (row.seen, row.position_ms) if row else None
    bits = format(reported, f"0{ticket.length_s}b")  # as BitSet writes them
    found = run_by_driver(
        connection, _JOIN_POSTGRESQL.string, _JOIN_POSTGRESQL.construct_params(values | {"seen": bits})
    )
    return (int(found[0], 2), found[1]) if found else None


def _join_statement(insert_in_dialect: Any) -> Any:
    table = VideoProgress.__table__
    insert = insert_in_dialect(table).values({column.name: bindparam(column.name) for column in table.columns})
    new, old = insert.excluded, table.c
    seen = union_bits(old.seen, new.seen)
    first_ticket_ms = case((new.first_ticket_ms < old.first_ticket_ms, new.first_ticket_ms), else_=old.first_ticket_ms)
    fits = (size_of_bits(seen) - SLACK_S) * 1000 <= (
        bindparam("until_ms", type_=BigInteger()) - first_ticket_ms
    ) * FASTEST_SPEED
    is_later = tuple_(new.opened_ms, new.sequence) > tuple_(old.opened_ms, old.sequence)
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


_JOIN_SQLITE = _join_statement(sqlite.insert)
_JOIN_POSTGRESQL = _join_statement(postgresql.insert).compile(
    dialect=psycopg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
)
"""Built once: building it anew cost ten times more than running it (bench/progress.py)."""
